#include "adapters/health/v2/syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "adapters/health/v2/limits.h"

namespace heyi::adapters {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kNameBytes = 3;
constexpr size_t kDelimitersAt = 3;  // in "MSH|^~\&"
constexpr size_t kLeavesReserved = 256;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsName(std::string_view text) {
  return text.size() == kNameBytes && IsUpper(text[0]) && (IsUpper(text[1]) || IsDigit(text[1])) && (IsUpper(text[2]) || IsDigit(text[2]));
}

bool IsHeaderName(std::string_view name) { return name == "MSH" || name == "FHS" || name == "BHS"; }

// Printable, and nothing that names, numbers or times are made of.
bool MayDelimit(char c) {
  return c > 0x20 && c < 0x7f && !IsUpper(c) && !IsDigit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '+' && c != '-' && c != '"';
}

base::Error Fail(std::string_view rule, std::string_view segment, std::string_view detail) {
  return base::Error(base::ErrorKind::kMalformed, rule, std::string(segment), detail);
}

}  // namespace

std::string V2Delimiters::EncodingCharacters() const {
  std::string text{component, repetition, escape, subcomponent};
  if (truncation != '\0') text += truncation;
  return text;
}

std::optional<V2Delimiters> ReadV2Delimiters(std::string_view segment) {
  if (segment.size() < kDelimitersAt + 5) return std::nullopt;
  V2Delimiters read;
  read.field = segment[kDelimitersAt];
  const std::string_view rest = segment.substr(kDelimitersAt + 1);
  const std::string_view characters = rest.substr(0, rest.find(read.field));
  if (characters.size() != 4 && characters.size() != 5) return std::nullopt;
  read.component = characters[0];
  read.repetition = characters[1];
  read.escape = characters[2];
  read.subcomponent = characters[3];
  if (characters.size() == 5) read.truncation = characters[4];
  const std::string all = read.field + std::string(characters);
  for (size_t i = 0; i < all.size(); ++i) {
    if (!MayDelimit(all[i]) || all.find(all[i], i + 1) != std::string::npos) return std::nullopt;
  }
  return read;
}

// ---- splitting ----

class V2Splitter {
 public:
  V2Splitter(std::string_view raw, base::Charset charset)
      : charset_(charset), next_cr_(std::min(raw.find('\r'), raw.size())), next_lf_(std::min(raw.find('\n'), raw.size())) {
    message_.raw_ = raw;
    if (raw.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    message_.leaves_.reserve(kLeavesReserved);
  }

  base::Result<V2Message> Run(bool header_only) {
    for (std::string_view line; NextLine(&line);) {
      HEYI_CHECK(TakeSegment(line));
      if (header_only) break;
    }
    if (message_.segments_.empty()) return Fail("v2.header", {}, "");
    return std::move(message_);
  }

 private:
  enum Class : uint8_t { kPlain, kField, kRepetition, kComponent, kSubcomponent, kLead };

  // The next line that is not empty, its end left out. CR and LF are no byte of a longer character in any charset here.
  bool NextLine(std::string_view* line) {
    const std::string_view raw = message_.raw_;
    while (at_ < raw.size() && (raw[at_] == '\r' || raw[at_] == '\n')) ++at_;
    if (at_ >= raw.size()) return false;
    // Each is looked for once only, however many of the other kind come first.
    if (next_cr_ < at_) next_cr_ = std::min(raw.find('\r', at_), raw.size());
    if (next_lf_ < at_) next_lf_ = std::min(raw.find('\n', at_), raw.size());
    const size_t end = std::min(next_cr_, next_lf_);
    *line = raw.substr(at_, end - at_);
    at_ = end;
    return true;
  }

  base::Result<base::Done> TakeSegment(std::string_view line) {
    const std::string_view name = line.substr(0, kNameBytes);
    const bool first = message_.segments_.empty();
    if (first) {
      if (!IsHeaderName(name)) return Fail("v2.header", {}, "");
      const std::optional<V2Delimiters> delimiters = ReadV2Delimiters(line);
      if (!delimiters) return Fail("v2.delimiters", name, "");
      message_.delimiters_ = *delimiters;
      Classify();
    }
    const bool named = IsName(name) && (line.size() == kNameBytes || line[kNameBytes] == message_.delimiters_.field);
    if (!named) return Fail("v2.segment", {}, fmt::format("{}", message_.segments_.size() + 1));
    if (!first && IsHeaderName(name)) return Fail("v2.segment", name, fmt::format("{}", message_.segments_.size() + 1));
    if (message_.segments_.size() == kV2SegmentsMax) return Fail("v2.too-many", {}, fmt::format("{} segments", kV2SegmentsMax));

    V2Segment segment;
    segment.name = name;
    segment.begin = Offset(line.data());
    segment.first_leaf = static_cast<uint32_t>(message_.leaves_.size());
    const bool split = line.size() == kNameBytes || SplitFields(line, IsHeaderName(name));
    if (!split) return Fail("v2.too-many", name, too_many_);
    segment.leaf_count = static_cast<uint32_t>(message_.leaves_.size()) - segment.first_leaf;
    message_.segments_.push_back(segment);
    return base::Done{};
  }

  // Behind the name. False, with too_many_ set, where a bound is passed.
  bool SplitFields(std::string_view line, bool is_header) {
    V2Leaf leaf;
    leaf.field = 1;
    size_t at = kNameBytes + 1;
    if (is_header) {  // its first two fields are the delimiters themselves
      leaf.begin = Offset(line.data() + kNameBytes);
      leaf.size = 1;
      message_.leaves_.push_back(leaf);
      leaf.field = 2;
      const size_t end = std::min(line.find(line[kNameBytes], at), line.size());
      leaf.begin = Offset(line.data() + at);
      leaf.size = static_cast<uint32_t>(end - at);
      message_.leaves_.push_back(leaf);
      if (end == line.size()) return true;
      leaf.field = 3;
      at = end + 1;
    }
    const bool long_characters = charset_ == base::Charset::kGb18030;
    size_t start = at;
    const auto put = [&] {
      leaf.begin = Offset(line.data() + start);
      leaf.size = static_cast<uint32_t>(at - start);
      message_.leaves_.push_back(leaf);
      start = at + 1;
    };
    for (; at < line.size(); ++at) {
      const uint8_t kind = classes_[static_cast<unsigned char>(line[at])];
      if (kind == kPlain) [[likely]] continue;
      if (kind == kLead) {
        if (long_characters) at += base::CharacterBytes(charset_, line.substr(at)) - 1;
        continue;
      }
      put();
      if (!Step(kind, leaf)) return false;
    }
    at = std::min(at, line.size());
    put();
    return true;
  }

  bool Step(uint8_t kind, V2Leaf& leaf) {
    if (message_.leaves_.size() >= kV2LeavesMax) return TooMany("values");
    switch (kind) {
      case kField:
        ++leaf.field;
        leaf.repetition = leaf.component = leaf.subcomponent = 0;
        return leaf.field <= kV2FieldsMax || TooMany("fields");
      case kRepetition:
        ++leaf.repetition;
        leaf.component = leaf.subcomponent = 0;
        return leaf.repetition < kV2RepetitionsMax || TooMany("repetitions");
      case kComponent:
        ++leaf.component;
        leaf.subcomponent = 0;
        return leaf.component < kV2ComponentsMax || TooMany("components");
      default:
        ++leaf.subcomponent;
        return leaf.subcomponent < kV2ComponentsMax || TooMany("subcomponents");
    }
  }

  bool TooMany(const char* what) {
    too_many_ = what;
    return false;
  }

  void Classify() {
    const V2Delimiters& d = message_.delimiters_;
    for (size_t c = 0x80; c < classes_.size(); ++c) classes_[c] = charset_ == base::Charset::kGb18030 ? kLead : kPlain;
    classes_[static_cast<unsigned char>(d.field)] = kField;
    classes_[static_cast<unsigned char>(d.repetition)] = kRepetition;
    classes_[static_cast<unsigned char>(d.component)] = kComponent;
    classes_[static_cast<unsigned char>(d.subcomponent)] = kSubcomponent;
  }

  uint32_t Offset(const char* place) const { return static_cast<uint32_t>(place - message_.raw_.data()); }

  const base::Charset charset_;
  size_t at_ = 0;
  size_t next_cr_, next_lf_;  // out of date where they lie before at_
  std::array<uint8_t, 256> classes_{};
  const char* too_many_ = "";
  V2Message message_;
};

base::Result<V2Message> V2Message::Parse(std::string_view raw, base::Charset charset) { return V2Splitter(raw, charset).Run(false); }

base::Result<V2Message> V2Message::ParseHeader(std::string_view raw, base::Charset charset) { return V2Splitter(raw, charset).Run(true); }

// ---- reading and writing ----

const V2Segment* V2Message::Find(std::string_view name) const {
  for (const V2Segment& segment : segments_) {
    if (segment.name == name) return &segment;
  }
  return nullptr;
}

std::string_view V2Message::At(const V2Segment& segment, uint16_t field, uint16_t component) const {
  for (const V2Leaf* leaf = begin(segment); leaf != end(segment) && leaf->field <= field; ++leaf) {
    if (leaf->field == field && leaf->repetition == 0 && leaf->component + 1 == component && leaf->subcomponent == 0) return BytesOf(*leaf);
  }
  return {};
}

std::string_view V2Message::FieldAt(const V2Segment& segment, uint16_t field) const {
  const V2Leaf* first = begin(segment);
  while (first != end(segment) && first->field != field) ++first;
  if (first == end(segment)) return {};
  const V2Leaf* last = first;
  while (last + 1 != end(segment) && last[1].field == field) ++last;
  return raw_.substr(first->begin, last->begin + last->size - first->begin);
}

std::string V2Message::Encode() const {
  std::string text;
  text.reserve(raw_.size() + 1);
  for (const V2Segment& segment : segments_) {
    text += segment.name;
    const V2Leaf* before = nullptr;
    for (const V2Leaf* leaf = begin(segment); leaf != end(segment); before = leaf++) {
      const bool is_delimiters = IsHeaderName(segment.name) && leaf->field <= 2;  // MSH-1 stands for the separators around it
      if (before == nullptr || leaf->field != before->field) {
        if (!is_delimiters) text += delimiters_.field;
      } else {
        text += leaf->repetition != before->repetition ? delimiters_.repetition
                : leaf->component != before->component ? delimiters_.component
                                                       : delimiters_.subcomponent;
      }
      text += BytesOf(*leaf);
    }
    text += '\r';
  }
  return text;
}

}  // namespace heyi::adapters
