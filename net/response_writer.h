// Answers as bytes. https://www.rfc-editor.org/rfc/rfc9112#section-4
#pragma once

#include <cstdint>
#include <string>

#include "net/http.h"
#include "net/mailbox.h"
#include "net/output.h"

namespace heyi::net {

// "Date: Tue, 24 Nov 2026 03:41:29 GMT\r\n", made again once a second.
class DateLine {
 public:
  void Refresh(int64_t unix_seconds);
  const std::string& text() const { return text_; }

 private:
  int64_t seconds_ = -1;
  std::string text_;
};

// Headers that net owns are left out of `response`; control characters in values become spaces, so that nothing a
// client sent can begin a header of its own.
void WriteAnswer(Response&& response, const AnswerShape& shape, const std::string& date_line, Output* out);

}  // namespace heyi::net
