#include "net/response_writer.h"

#include <charconv>
#include <cstring>

#include "base/clock.h"
#include "net/ascii.h"
#include "net/head_parser.h"

namespace heyi::net {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

bool IsOurs(std::string_view name) {
  switch (name.size()) {
    case 4: return EqualsIgnoringCase(name, "date");
    case 10: return EqualsIgnoringCase(name, "connection");
    case 14: return EqualsIgnoringCase(name, "content-length");
    case 17: return EqualsIgnoringCase(name, "transfer-encoding");
    default: return false;
  }
}

char* Put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* PutValue(char* at, std::string_view value) {
  char* end = Put(at, value);
  if (!IsFieldValue(value)) {
    for (; at < end; ++at) {
      if (static_cast<unsigned char>(*at) < 0x20 || *at == 0x7f) *at = ' ';
    }
  }
  return end;
}

constexpr size_t kFixedBytesMax = 320;  // status line, our own headers, blank line

}  // namespace

void DateLine::Refresh(int64_t unix_seconds) {
  if (unix_seconds == seconds_) return;
  seconds_ = unix_seconds;
  text_ = "Date: " + base::FormatHttpDate(unix_seconds * 1000) + "\r\n";
}

void WriteAnswer(Response&& response, const AnswerShape& shape, const std::string& date_line, Output* out) {
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  size_t bound = kFixedBytesMax + date_line.size();
  for (const auto& [name, value] : response.headers) bound += name.size() + value.size() + 4;

  char* const begin = out->Grow(bound);
  char* at = begin;
  if (response.status == 200) {
    at = Put(at, "HTTP/1.1 200 OK\r\n");
  } else {
    at = Put(at, "HTTP/1.1 ");
    const int status = response.status >= 100 && response.status <= 999 ? response.status : 500;
    at = std::to_chars(at, at + 3, status).ptr;
    at = Put(at, " ");
    at = Put(at, Reason(status));
    at = Put(at, "\r\n");
  }
  bool says_allow = shape.says_allow;
  for (const auto& [name, value] : response.headers) {
    if (IsOurs(name) || !IsToken(name)) continue;
    if (says_allow && EqualsIgnoringCase(name, "allow")) says_allow = false;
    at = Put(at, name);
    at = Put(at, ": ");
    at = PutValue(at, value);
    at = Put(at, "\r\n");
  }
  if (says_allow) {
    at = Put(at, "Allow: ");
    at = Put(at, kAllowedMethods);
    at = Put(at, "\r\n");
  }
  if (!bodiless) {
    at = Put(at, "Content-Length: ");
    at = std::to_chars(at, at + 20, response.body.size()).ptr;
    at = Put(at, "\r\n");
  }
  at = Put(at, date_line);
  if (shape.close) {
    at = Put(at, "Connection: close\r\n");
  } else if (shape.says_keep_alive) {
    at = Put(at, "Connection: keep-alive\r\n");
  }
  at = Put(at, "\r\n");
  out->Trim(bound - static_cast<size_t>(at - begin));
  if (!bodiless && !shape.head_only) out->AppendBody(std::move(response.body));
}

}  // namespace heyi::net
