#include "adapters/health/v2/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "adapters/health/v2/acknowledgement.h"
#include "adapters/health/v2/character_set.h"
#include "adapters/health/v2/limits.h"
#include "adapters/health/v2/syntax.h"
#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

std::string_view WithoutMark(std::string_view raw) {
  if (raw.starts_with("\xef\xbb\xbf")) raw.remove_prefix(3);
  const size_t first = raw.find_first_not_of("\r\n");
  return first == std::string_view::npos ? std::string_view() : raw.substr(first);
}

// BTS-1 or FTS-1; nullopt where it says nothing. Its separator is the fourth character, as everywhere.
std::optional<uint64_t> CountIn(std::string_view line) {
  if (line.size() < 5) return std::nullopt;
  const std::string_view text = line.substr(4, line.find_first_of(std::string{line[3], '^', '~'}, 4) - 4);
  uint64_t count = 0;
  if (text.empty()) return std::nullopt;
  return base::ParseUnsigned(text, &count) ? count : UINT64_MAX;
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

class Splitter {
 public:
  explicit Splitter(std::string_view raw) : raw_(raw) {}

  V2Batch Run() {
    for (size_t at = 0; at < raw_.size();) {
      const size_t end = std::min(raw_.find_first_of("\r\n", at), raw_.size());
      if (end > at) TakeLine(at, raw_.substr(at, end - at));
      at = end + 1;
    }
    Close(raw_.size());
    if (open_batch_) batch_.outcome.Add("v2.batch-count", "BTS.1", "BTS");
    return std::move(batch_);
  }

 private:
  void TakeLine(size_t at, std::string_view line) {
    const std::string_view name = line.substr(0, 3);
    const bool ends_message = name == "MSH" || name == "FHS" || name == "BHS" || name == "BTS" || name == "FTS";
    if (!ends_message) {
      if (!message_begin_) batch_.outcome.Add("v2.segment", std::string(base::IsValidUtf8(name) ? name : ""), "-");
      return;
    }
    Close(at);
    if (name == "MSH") {
      message_begin_ = at;
    } else if (name == "BHS") {
      open_batch_ = true;
      in_batch_ = 0;
      ++batches_;
    } else if (name == "BTS") {
      open_batch_ = false;
      Compare(line, in_batch_, "BTS.1");
    } else if (name == "FTS") {
      Compare(line, batches_, "FTS.1");
    }
  }

  void Compare(std::string_view line, uint64_t there, const char* place) {
    const std::optional<uint64_t> said = CountIn(line);
    if (said && *said != there) batch_.outcome.Add("v2.batch-count", place, fmt::format("{}", there));
  }

  void Close(size_t end) {
    if (!message_begin_) return;
    ++in_batch_;
    if (batch_.messages.size() < kV2BatchMessagesMax) {
      batch_.messages.push_back(raw_.substr(*message_begin_, end - *message_begin_));
    } else if (batch_.messages.size() == kV2BatchMessagesMax && !told_) {
      told_ = true;
      batch_.outcome.Add("v2.too-many", {}, fmt::format("{} messages", kV2BatchMessagesMax));
    }
    message_begin_.reset();
  }

  const std::string_view raw_;
  V2Batch batch_;
  std::optional<size_t> message_begin_;
  bool open_batch_ = false, told_ = false;
  uint64_t in_batch_ = 0, batches_ = 0;
};

}  // namespace

bool IsV2Batch(std::string_view raw) {
  const std::string_view text = WithoutMark(raw).substr(0, 3);
  return text == "FHS" || text == "BHS";
}

V2Batch SplitV2Batch(std::string_view raw) { return Splitter(WithoutMark(raw)).Run(); }

std::string WriteV2BatchAnswer(std::string_view raw, const V2Batch& batch, const std::vector<std::string>& answers, std::string_view id,
                               int64_t answered_ms) {
  raw = WithoutMark(raw);
  const V2Delimiters d = ReadV2Delimiters(raw).value_or(V2Delimiters());
  std::string_view batch_header = raw;  // the first BHS, where there is one
  while (!batch_header.empty() && !batch_header.starts_with("BHS")) {
    batch_header.remove_prefix(std::min(batch_header.find_first_of("\r\n"), batch_header.size() - 1) + 1);
  }
  const base::Result<V2Message> header = V2Message::ParseHeader(batch_header.empty() ? raw : batch_header, base::Charset::kUtf8);
  const auto theirs = [&](uint16_t field) {
    const std::string_view text = header.ok() ? header->FieldAt(header->header(), field) : std::string_view();
    return IsPlain(text) ? text : std::string_view();
  };
  const std::string head = fmt::format("{0}{1}{0}HEYI{0}{0}{0}{0}{2}{0}{0}{0}{0}{3}{0}{4}\r", d.field, d.EncodingCharacters(),
                                       FormatCompactSeconds(answered_ms), id, theirs(11));
  std::string text;
  size_t count = 0;
  if (!batch.outcome.empty()) {
    // The batch as if it were a message, so that one place knows how to acknowledge.
    base::Outcome ignored;
    const std::string_view set = batch.messages.empty() ? std::string_view() : V2NameOf(FindCharacterSet(batch.messages.front(), ignored).answers);
    const std::string as_message =
        fmt::format("MSH{0}{1}{0}{2}{0}{3}{0}{4}{0}{5}{0}{0}{0}{0}{6}{0}P{0}2.5{0}{0}{0}{0}{0}{0}{7}", d.field, d.EncodingCharacters(), theirs(3),
                    theirs(4), theirs(5), theirs(6), theirs(11), set);
    Acknowledgement ack{Verdict::kRefused, batch.outcome, {}, std::string(id), answered_ms, answered_ms};
    text += WriteV2Acknowledgement(as_message, ack);
    ++count;
  }
  for (const std::string& answer : answers) {
    if (answer.empty()) continue;
    ++count;
    text += answer;
  }
  const std::string batch_text = fmt::format("BHS{}{}BTS{}{}\r", head, text, d.field, count);
  return raw.starts_with("FHS") ? fmt::format("FHS{}{}FTS{}1\r", head, batch_text, d.field) : batch_text;
}

}  // namespace heyi::adapters
