// The head of a request, strictly: what is in doubt is refused, because two readers that differ about a head can be
// played against each other. Knows nothing of sockets; works on offsets, so that the bytes may move between calls.
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/field_line.h"
#include "net/http.h"
#include "net/limits.h"

namespace heyi::net {

class HeadParser {
 public:
  enum class Progress : unsigned char { kMore, kDone, kError };

  explicit HeadParser(const Limits& limits) : limits_(limits), budget_(limits) {}

  // `head` begins with the first byte of the request line, at each call the same bytes and perhaps more.
  // After kDone or kError: Reset() before the next.
  Progress Parse(std::string_view head);
  void Reset();

  size_t size() const { return at_; }  // after kDone: bytes of the head, its blank line included
  bool chunked() const { return chunked_; }
  uint64_t content_length() const { return content_length_; }  // 0 where there is none
  bool has_body() const { return chunked_ || content_length_ > 0; }
  bool keep_alive() const { return keep_alive_; }
  bool http_1_0() const { return minor_version_ == 0; }
  bool head_only() const { return head_only_; }  // HEAD; known once the request line is read
  bool expects_continue() const { return expects_continue_ && !http_1_0(); }

  // After kDone: makes the views of `request`, whose `raw` holds the head.
  void Fill(Request* request) const;

  FramingError TakeError() { return std::move(error_); }

 private:
  struct Span {
    uint32_t at = 0, size = 0;
    std::string_view Of(std::string_view head) const { return head.substr(at, size); }
  };
  struct FieldSpan {
    Span name, value;
  };

  bool ParseRequestLine(std::string_view head, std::string_view line);
  bool ParseTarget(std::string_view head, std::string_view target);
  bool ParseHeader(std::string_view head, std::string_view line);
  bool TakeContentLength(std::string_view value);
  bool TakeTransferEncoding(std::string_view value);
  bool TakeConnection(std::string_view value);
  bool Finish(std::string_view head);
  bool Fail(int status, const char* rule, std::string_view detail);

  const Limits& limits_;
  FieldBudget budget_;
  std::vector<FieldSpan> fields_;

  size_t at_ = 0;       // where the line at hand begins
  size_t scanned_ = 0;  // no LF before this
  Span method_, target_, authority_, host_;
  uint64_t content_length_ = 0;
  int minor_version_ = 1;
  unsigned hosts_ = 0;
  bool in_fields_ = false;
  bool has_content_length_ = false;
  bool has_transfer_encoding_ = false;
  bool chunked_ = false;
  bool absolute_ = false, https_ = false;
  bool asks_close_ = false, asks_keep_alive_ = false, keep_alive_ = true;
  bool expects_continue_ = false;
  bool head_only_ = false;
  std::string good_host_;  // the last one found well-formed: a connection's requests repeat it
  FramingError error_;
};

// The methods that Parse() lets pass, as the value of an Allow header.
inline constexpr std::string_view kAllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

}  // namespace heyi::net
