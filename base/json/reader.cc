#include "base/json/reader.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <unordered_set>
#include <vector>

#include "base/text.h"

namespace heyi::base {
namespace {

// Objects up to this size are searched for a duplicate key one by one; larger ones get a set.
constexpr size_t kLinearKeysMax = 24;

class Adapter {
 public:
  using Ch = char;

  Adapter(JsonEvents& events, const JsonLimits& limits, const char* base, rapidjson::InsituStringStream& stream)
      : events_(events), limits_(limits), base_(base), stream_(stream) {}

  bool Null() { return Count() && (events_.Null(Here() - 4), true); }
  bool Bool(bool value) { return Count() && (events_.Bool(value, Here() - (value ? 4 : 5)), true); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    if (!Count()) return false;
    if (size > limits_.number_chars_max) return Fail("json.number", fmt::format("{}", limits_.number_chars_max));
    events_.Number({text, size}, static_cast<size_t>(text - base_));
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view view(text, size);
    if (!Count() || !Clean(view)) return false;
    events_.String(view, static_cast<size_t>(text - base_));
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view view(text, size);
    if (!Clean(view)) return false;
    if (keys_.InOpenObject() >= limits_.members_max) return Fail("json.too-long", fmt::format("{}", limits_.members_max));
    if (!keys_.Add(view)) return Fail("json.duplicate-key", view);
    events_.Key(view);
    return true;
  }
  bool StartObject() {
    if (!Count() || !Deeper()) return false;
    keys_.Open();
    events_.StartObject(Here());
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    --depth_;
    keys_.Close();
    events_.EndObject(Here() + 1);
    return true;
  }
  bool StartArray() {
    if (!Count() || !Deeper()) return false;
    events_.StartArray(Here());
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    --depth_;
    events_.EndArray(Here() + 1);
    return true;
  }
  // Never called with kParseNumbersAsStringsFlag, but the reader's template asks for them.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  bool failed() const { return !failure_.rule.empty(); }
  Issue TakeFailure() { return std::move(failure_); }

 private:
  // The keys of all open objects on one stack, so that reading allocates nothing per object.
  class KeyStack {
   public:
    void Open() { starts_.push_back(keys_.size()); }
    void Close() {
      keys_.resize(starts_.back());
      starts_.pop_back();
      if (!large_.empty() && large_.back().depth > starts_.size()) large_.pop_back();
    }
    size_t InOpenObject() const { return keys_.size() - starts_.back(); }
    bool Add(std::string_view key) {
      const size_t start = starts_.back();
      if (keys_.size() - start < kLinearKeysMax) {
        for (size_t i = start; i < keys_.size(); ++i) {
          if (keys_[i] == key) return false;
        }
      } else {
        if (large_.empty() || large_.back().depth != starts_.size()) {
          large_.push_back({starts_.size(), {keys_.begin() + static_cast<std::ptrdiff_t>(start), keys_.end()}});
        }
        if (!large_.back().seen.insert(key).second) return false;
      }
      keys_.push_back(key);
      return true;
    }

   private:
    struct Large {
      size_t depth;
      std::unordered_set<std::string_view> seen;
    };
    std::vector<std::string_view> keys_;
    std::vector<size_t> starts_;
    std::vector<Large> large_;
  };

  // The iterative parser calls a bracket's handler before it takes the bracket.
  size_t Here() const { return static_cast<size_t>(stream_.src_ - base_); }
  bool Count() { return ++values_ <= limits_.values_max || Fail("json.too-long", fmt::format("{}", limits_.values_max)); }
  bool Deeper() {
    return ++depth_ <= limits_.depth_max || Fail("json.too-deep", fmt::format("{}", limits_.depth_max));
  }
  bool Clean(std::string_view text) {
    // RapidJSON decodes an escaped low surrogate that stands alone; in UTF-8 it begins with ED A0..BF.
    for (size_t at = text.find('\xed'); at != std::string_view::npos && at + 1 < text.size(); at = text.find('\xed', at + 1)) {
      if (static_cast<unsigned char>(text[at + 1]) >= 0xa0) return Fail("json.syntax", "half of a surrogate pair");
    }
    return text.find('\0') == std::string_view::npos || Fail("json.nul", {});
  }
  bool Fail(std::string_view rule, std::string_view detail) {
    failure_ = MakeIssue(rule, {}, detail);
    return false;
  }

  JsonEvents& events_;
  const JsonLimits& limits_;
  const char* base_;
  rapidjson::InsituStringStream& stream_;
  KeyStack keys_;
  uint64_t values_ = 0;
  uint32_t depth_ = 0;
  Issue failure_;
};

// A sequence of UTF-8 that the end of the text cuts short: RapidJSON would take what lies behind it for the rest.
bool EndsWithinSequence(std::string_view text) {
  for (size_t left = 1; left <= 3 && left <= text.size(); ++left) {
    const auto byte = static_cast<unsigned char>(text[text.size() - left]);
    const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (length > left) return true;
  }
  return false;
}

}  // namespace

Result<Done> ReadJsonInPlace(std::string& text, JsonEvents& events, const JsonLimits& limits) {
  size_t skip = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  // RapidJSON takes a NUL for the end, so one inside the text would hide what follows it.
  if (const size_t nul = text.find('\0'); nul != std::string::npos) {
    return Error(ErrorKind::kMalformed, "json.syntax", {}, fmt::format("NUL byte at byte {}", nul));
  }
  if (EndsWithinSequence(text)) return Error(ErrorKind::kMalformed, "json.syntax", {}, "not UTF-8 at the end");
  rapidjson::InsituStringStream stream(text.data() + skip);
  Adapter adapter(events, limits, text.data(), stream);
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag |
                              rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, adapter);
  if (!result.IsError()) return Done{};
  if (adapter.failed()) return Error(ErrorKind::kMalformed, Outcome(adapter.TakeFailure()));
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
    return Error(ErrorKind::kMalformed, "json.number-range", {}, fmt::format("at byte {}", result.Offset() + skip));
  }
  return Error(ErrorKind::kMalformed, "json.syntax", {},
               fmt::format("{} at byte {}", rapidjson::GetParseError_En(result.Code()), result.Offset() + skip));
}

}  // namespace heyi::base
