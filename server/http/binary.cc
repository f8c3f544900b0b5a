#include "server/http/binary.h"

#include <algorithm>

#include "base/digest.h"
#include "base/json/value.h"
#include "server/http/negotiation.h"

namespace heyi::server {
namespace {

constexpr std::string_view kUnknown = "application/octet-stream";

// Text that may stand in a header as it is.
bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void SetHeader(net::Response& http, std::string_view name, std::string_view value) {
  std::erase_if(http.headers, [&](const auto& header) { return header.first == name; });
  http.headers.emplace_back(name, value);
}

}  // namespace

bool TakesOtherBodies(std::string_view method, const std::vector<std::string>& segments) {
  if (method == "PATCH") return true;
  const bool binary = !segments.empty() && segments[0] == "Binary";
  return binary && ((method == "POST" && segments.size() == 1) || (method == "PUT" && segments.size() <= 2));
}

bool WantsContent(const net::Request& request, const std::vector<std::string>& segments,
                  const interaction::Query& query) {
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (!read || segments.size() < 2 || segments[0] != "Binary") return false;
  const bool version = segments.size() == 4 && segments[2] == "_history";
  if (segments.size() != 2 && !version) return false;
  const char first = segments[1].empty() ? '_' : segments[1].front();
  if (first == '_' || first == '$') return false;  // a search, the history, an operation
  const bool format = std::any_of(query.begin(), query.end(),
                                  [](const auto& parameter) { return parameter.first == "_format"; });
  return !format && !NamesFormat(request.Header("Accept"));
}

void ToContent(net::Response& http) {
  if (http.status != 200) return;
  const auto binary = base::ParseJson(http.body);
  if (!binary.ok() || binary->StringAt("resourceType") != "Binary") return;
  std::string bytes;
  if (!base::FromBase64(binary->StringAt("data"), &bytes)) return;
  const std::string_view type = binary->StringAt("contentType");
  SetHeader(http, "Content-Type", IsPlain(type) ? type : kUnknown);
  SetHeader(http, "Content-Disposition", "attachment");
  const std::string_view context = (*binary)["securityContext"].StringAt("reference");
  if (IsPlain(context)) SetHeader(http, "X-Security-Context", context);
  http.body = std::move(bytes);
}

}  // namespace heyi::server
