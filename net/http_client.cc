#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "net/ascii.h"
#include "net/outbound_url.h"

namespace heyi::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// This thread's handle, which keeps its connections between requests.
CURL* ThreadHandle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return nullptr;
  thread_local const std::unique_ptr<CURL, EasyDeleter> handle(curl_easy_init());
  if (handle != nullptr) curl_easy_reset(handle.get());
  return handle.get();
}

Error RefuseRequest(std::string_view why) { return Error(ErrorKind::kForbidden, "http.client.not-allowed", {}, why); }
Error FailSend(std::string_view why) { return Error(ErrorKind::kUnavailable, "http.client.failed", {}, why); }
Error FailReach(std::string_view why) { return Error(ErrorKind::kUnavailable, "http.client.unreachable", {}, why); }

constexpr size_t kAnswerHeaderBytesMax = 64 * 1024;

struct Incoming {
  ClientResponse response;
  uint64_t body_bytes_max;
  size_t header_bytes = 0;
  bool too_long = false;
};

size_t TakeBody(const char* bytes, size_t, size_t count, void* context) {
  auto& incoming = *static_cast<Incoming*>(context);
  if (count > incoming.body_bytes_max - incoming.response.body.size()) {
    incoming.too_long = true;
    return 0;  // curl ends the transfer
  }
  incoming.response.body.append(bytes, count);
  return count;
}

size_t TakeHeader(const char* bytes, size_t, size_t count, void* context) {
  auto& incoming = *static_cast<Incoming*>(context);
  incoming.header_bytes += count;
  if (incoming.header_bytes > kAnswerHeaderBytesMax) {
    incoming.too_long = true;
    return 0;
  }
  std::string_view line(bytes, count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    incoming.response.headers.clear();  // those before it belonged to a 1xx
    return count;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), Lower);
  incoming.response.headers.emplace_back(std::move(name), TrimField(line.substr(colon + 1)));
  return count;
}

// A word that is not zero ends the transfer; asked whenever bytes move, and about once a second.
int AskCancelled(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(context)->load() ? 1 : 0;
}

using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// Null where memory is out.
HeaderList MakeHeaders(const ClientRequest& request) {
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(list.release());
    list.reset(longer);
    return true;
  };
  bool has_type = false;
  if (!add("Expect:")) return nullptr;  // never wait for a 100
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || EqualsIgnoringCase(name, "content-type");
    if (!add(value.empty() ? name + ";" : name + ": " + value)) return nullptr;
  }
  if (!has_type && !add("Content-Type:")) return nullptr;  // curl would call it a form
  return list;
}

std::optional<Error> CheckMessage(const ClientRequest& request) {
  if (!IsToken(request.method)) return RefuseRequest("a method that is no token");
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name) || !IsFieldValue(value)) return RefuseRequest("a header with forbidden characters");
    if (EqualsIgnoringCase(name, "content-length") || EqualsIgnoringCase(name, "transfer-encoding") ||
        EqualsIgnoringCase(name, "host") || EqualsIgnoringCase(name, "expect")) {
      return RefuseRequest("a header that is not the caller's: " + name);
    }
  }
  return std::nullopt;
}

}  // namespace

HttpClient::HttpClient(Options options) : options_(std::move(options)) {}

Result<ClientResponse> HttpClient::Send(const ClientRequest& request) const {
  HEYI_TRY(url, NormalizeUrl(request.url));
  const bool allowed = std::any_of(options_.allowed_prefixes.begin(), options_.allowed_prefixes.end(),
                                   [&url = url](const std::string& prefix) { return IsUnder(url, prefix); });
  if (!allowed) return RefuseRequest("no allowed prefix fits");
  if (auto error = CheckMessage(request)) return std::move(*error);

  CURL* easy = ThreadHandle();
  const HeaderList headers = MakeHeaders(request);
  if (easy == nullptr || headers == nullptr) return FailSend("curl is not ready");

  Incoming incoming{.response = {}, .body_bytes_max = options_.answer_bytes_max};
  char message[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // not even the environment's
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout_ms));
  const uint32_t total_ms = request.timeout_ms == 0 ? options_.total_timeout_ms : std::min(request.timeout_ms, options_.total_timeout_ms);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(total_ms));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &incoming);
  if (request.cancelled != nullptr) {
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, AskCancelled);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(request.cancelled));
  }
  if (request.fresh_connection) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  const CURLcode code = curl_easy_perform(easy);
  if (incoming.too_long) return FailSend("the answer is longer than allowed");
  if (code != CURLE_OK) {
    long request_bytes = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    const std::string_view why = message[0] != '\0' ? message : curl_easy_strerror(code);
    return request_bytes == 0 ? FailReach(why) : FailSend(why);
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  incoming.response.status = static_cast<int>(status);
  return std::move(incoming.response);
}

}  // namespace heyi::net
