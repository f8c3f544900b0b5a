#include "net/head_parser.h"

#include <algorithm>

#include "base/text.h"
#include "net/ascii.h"

namespace heyi::net {
namespace {

constexpr size_t kDetailBytesMax = 100;
constexpr size_t kHostKeptMax = 128;

bool IsKnownMethod(std::string_view method) {
  switch (method.size()) {
    case 3: return method == "GET" || method == "PUT";
    case 4: return method == "POST" || method == "HEAD";
    case 5: return method == "PATCH";
    case 6: return method == "DELETE";
    case 7: return method == "OPTIONS";
    default: return false;
  }
}

struct HostPort {
  std::string_view host, port;
};

// https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2, without user information and future address forms
bool SplitHost(std::string_view text, HostPort* out) {
  size_t end;
  if (!text.empty() && text.front() == '[') {
    end = text.find(']');
    if (end == std::string_view::npos) return false;
    if (text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!AllIn(kHostChars, text.substr(0, end))) return false;
  }
  if (end == 0) return false;
  out->host = text.substr(0, end);
  if (end == text.size()) return true;
  if (text[end] != ':' || text.size() - end > 6) return false;
  out->port = text.substr(end + 1);
  return AllIn(kDigits, out->port);
}

bool SameHost(HostPort a, HostPort b, std::string_view default_port) {
  if (a.port.empty()) a.port = default_port;
  if (b.port.empty()) b.port = default_port;
  return a.port == b.port && EqualsIgnoringCase(a.host, b.host);
}

}  // namespace

void HeadParser::Reset() {
  budget_.Reset();
  fields_.clear();
  at_ = scanned_ = 0;
  method_ = target_ = authority_ = host_ = {};
  content_length_ = 0;
  minor_version_ = 1;
  hosts_ = 0;
  in_fields_ = has_content_length_ = has_transfer_encoding_ = chunked_ = absolute_ = https_ = false;
  asks_close_ = asks_keep_alive_ = expects_continue_ = head_only_ = false;
  keep_alive_ = true;
}

bool HeadParser::Fail(int status, const char* rule, std::string_view detail) {
  error_ = {status, rule, std::string(detail.substr(0, kDetailBytesMax))};
  return false;
}

HeadParser::Progress HeadParser::Parse(std::string_view head) {
  // What is not HTTP at all (a TLS hello, say) is seen at its first byte, not at a deadline.
  if (!head.empty() && !Has(kTokenChars, head.front())) {
    Fail(400, "http.request-line", "no method");
    return Progress::kError;
  }
  for (;;) {
    const size_t found = head.find('\n', scanned_);
    const size_t end = found != std::string_view::npos ? found + 1 : head.size();
    scanned_ = end;

    const size_t seen = end - at_;
    if (in_fields_) {
      if (const char* why = budget_.Check(seen)) {
        error_ = FieldTooLong(why);
        return Progress::kError;
      }
    } else if (seen > size_t{limits_.request_line_bytes_max} + 2) {
      Fail(414, "http.request-line-too-long", std::to_string(limits_.request_line_bytes_max));
      return Progress::kError;
    }
    if (found == std::string_view::npos) return Progress::kMore;

    if (seen < 2 || head[end - 2] != '\r') {
      Fail(400, "http.line-end", "LF alone");
      return Progress::kError;
    }
    const std::string_view line = head.substr(at_, seen - 2);
    if (!in_fields_) {
      if (!ParseRequestLine(head, line)) return Progress::kError;
      in_fields_ = true;
    } else if (line.empty()) {
      at_ = end;
      return Finish(head) ? Progress::kDone : Progress::kError;
    } else {
      if (const char* why = budget_.Count(seen)) {
        error_ = FieldTooLong(why);
        return Progress::kError;
      }
      if (!ParseHeader(head, line)) return Progress::kError;
    }
    at_ = end;
  }
}

bool HeadParser::ParseRequestLine(std::string_view head, std::string_view line) {
  const size_t method_end = line.find(' ');
  const std::string_view method = line.substr(0, method_end);
  if (!IsToken(method)) return Fail(400, "http.request-line", "the method is no token");
  if (method_end == std::string_view::npos) return Fail(400, "http.request-line", "only a method");
  const std::string_view rest = line.substr(method_end + 1);
  const size_t target_end = rest.find(' ');
  if (target_end == std::string_view::npos) return Fail(400, "http.request-line", "no version");
  const std::string_view target = rest.substr(0, target_end);
  const std::string_view version = rest.substr(target_end + 1);

  constexpr std::string_view kProtocol = "HTTP/";
  if (version.size() != 8 || version.substr(0, 5) != kProtocol || !Has(kDigits, version[5]) || version[6] != '.' ||
      !Has(kDigits, version[7])) {
    return Fail(400, "http.request-line", "no version at its end");
  }
  if (version[5] != '1' || version[7] > '1') return Fail(505, "http.version", version);
  minor_version_ = version[7] - '0';

  method_ = {0, static_cast<uint32_t>(method.size())};
  head_only_ = method == "HEAD";
  if (!IsKnownMethod(method)) return Fail(405, "http.method", method);
  return ParseTarget(head, target);
}

bool HeadParser::ParseTarget(std::string_view head, std::string_view target) {
  if (target.empty()) return Fail(400, "http.target", "empty");
  if (!AllIn(kTargetChars, target)) return Fail(400, "http.target", "a character that must be percent-encoded");
  const auto at = static_cast<uint32_t>(target.data() - head.data());
  const auto size = static_cast<uint32_t>(target.size());
  if (target.front() == '/') {
    target_ = {at, size};
    return true;
  }
  uint32_t scheme = 0;
  if (EqualsIgnoringCase(target.substr(0, 7), "http://")) scheme = 7;
  if (EqualsIgnoringCase(target.substr(0, 8), "https://")) scheme = 8;
  if (scheme == 0) return Fail(400, "http.target", "neither a path nor an http URL");
  absolute_ = true;
  https_ = scheme == 8;
  const uint32_t path = static_cast<uint32_t>(std::min(target.find_first_of("/?", scheme), target.size()));
  authority_ = {at + scheme, path - scheme};
  HostPort parts;
  if (!SplitHost(authority_.Of(head), &parts)) return Fail(400, "http.host", authority_.Of(head));
  target_ = {at + path, size - path};
  return true;
}

bool HeadParser::ParseHeader(std::string_view head, std::string_view line) {
  Field field;
  if (const char* why = ParseField(line, &field)) return Fail(400, "http.header", why);
  const auto span = [&](std::string_view part) {
    return Span{static_cast<uint32_t>(part.data() - head.data()), static_cast<uint32_t>(part.size())};
  };
  fields_.push_back({span(field.name), span(field.value)});
  switch (field.name.size()) {
    case 4:
      if (!EqualsIgnoringCase(field.name, "host")) return true;
      ++hosts_;
      host_ = span(field.value);
      return true;
    case 6:
      if (!EqualsIgnoringCase(field.name, "expect")) return true;
      if (!EqualsIgnoringCase(field.value, "100-continue")) return Fail(417, "http.expectation", field.value);
      expects_continue_ = true;
      return true;
    case 10:
      return !EqualsIgnoringCase(field.name, "connection") || TakeConnection(field.value);
    case 14:
      return !EqualsIgnoringCase(field.name, "content-length") || TakeContentLength(field.value);
    case 17:
      return !EqualsIgnoringCase(field.name, "transfer-encoding") || TakeTransferEncoding(field.value);
    default:
      return true;
  }
}

bool HeadParser::TakeContentLength(std::string_view value) {
  if (has_content_length_) return Fail(400, "http.framing", "Content-Length stands twice");
  has_content_length_ = true;
  if (!base::ParseUnsigned(value, &content_length_)) return Fail(400, "http.content-length", value);
  return true;
}

bool HeadParser::TakeTransferEncoding(std::string_view value) {
  if (has_transfer_encoding_ || !EqualsIgnoringCase(value, "chunked")) {
    return Fail(501, "http.transfer-encoding", value);
  }
  has_transfer_encoding_ = chunked_ = true;
  return true;
}

bool HeadParser::TakeConnection(std::string_view value) {
  for (;;) {
    const size_t comma = value.find(',');
    const std::string_view option = TrimField(value.substr(0, comma));
    if (EqualsIgnoringCase(option, "close")) asks_close_ = true;
    if (EqualsIgnoringCase(option, "keep-alive")) asks_keep_alive_ = true;
    if (comma == std::string_view::npos) return true;
    value.remove_prefix(comma + 1);
  }
}

bool HeadParser::Finish(std::string_view head) {
  if (chunked_ && has_content_length_) return Fail(400, "http.framing", "both Content-Length and Transfer-Encoding");
  if (chunked_ && http_1_0()) return Fail(400, "http.framing", "Transfer-Encoding in HTTP/1.0");
  if (hosts_ > 1) return Fail(400, "http.host", "two of them");
  if (hosts_ == 0 && !http_1_0()) return Fail(400, "http.host-missing", "");
  if (hosts_ == 1 && (absolute_ || good_host_.empty() || host_.Of(head) != good_host_)) {
    HostPort host;
    if (!SplitHost(host_.Of(head), &host)) return Fail(400, "http.host", host_.Of(head));
    if (host_.size <= kHostKeptMax) good_host_ = host_.Of(head);
    if (absolute_) {
      HostPort wanted;
      SplitHost(authority_.Of(head), &wanted);
      if (!SameHost(host, wanted, https_ ? "443" : "80")) return Fail(400, "http.host", "not the one of the URL");
    }
  }
  keep_alive_ = !asks_close_ && (!http_1_0() || asks_keep_alive_);
  return true;
}

void HeadParser::Fill(Request* request) const {
  const std::string_view head = request->raw;
  request->method = method_.Of(head);
  request->target = target_.Of(head);
  if (absolute_ && (target_.size == 0 || request->target.front() == '?')) {
    // An URL without a path means "/": the last byte of its authority, which nobody needs any more, becomes one.
    request->raw[target_.at - 1] = '/';
    request->target = head.substr(target_.at - 1, target_.size + 1);
  }
  request->headers.reserve(fields_.size());
  for (const FieldSpan& field : fields_) request->headers.emplace_back(field.name.Of(head), field.value.Of(head));
}

}  // namespace heyi::net
