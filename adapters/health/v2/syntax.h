// HL7 v2's encoding rules ("pipe and hat"): a message as segments, and those as a flat list of values that know where
// they stand. Nothing is copied: all views point into the raw message. https://www.hl7.eu/HL7v2x/v25/std25/ch02.html
//
//   message  = segment (CR | LF | CR LF | end) …     the first is MSH (FHS, BHS in a batch), which names the delimiters
//   segment  = NAME | field | field …                NAME = a letter and two letters or digits
//   field    = repetition ~ repetition …             repetition = component ^ component …, component = subcomponent & …
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/charset.h"
#include "base/result.h"

namespace heyi::adapters {

struct V2Delimiters {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
  char truncation = '\0';  // the fifth of MSH-2, from version 2.7 on; NUL = none

  std::string EncodingCharacters() const;  // MSH-2
  bool operator==(const V2Delimiters&) const = default;
};

// Of a segment that begins with MSH, FHS or BHS; nullopt where its first two fields name no usable delimiters.
std::optional<V2Delimiters> ReadV2Delimiters(std::string_view segment);

// One value: a subcomponent, most often the only one of its field. All are there, empty ones too.
struct V2Leaf {
  uint32_t begin = 0, size = 0;           // in the raw message
  uint16_t field = 0;                     // as the standard counts: 3 = PID-3; in MSH, 1 = the field separator
  uint16_t repetition = 0, component = 0, subcomponent = 0;  // from 0
};

struct V2Segment {
  std::string_view name;
  uint32_t begin = 0;
  uint32_t first_leaf = 0, leaf_count = 0;
};

class V2Message {
 public:
  // Splits `raw`, which outlives the message and whose characters are of `charset`.
  //   errors  kMalformed v2.header, v2.delimiters, v2.segment, v2.too-many; expression = the segment ("PID" or "PID[2]")
  static base::Result<V2Message> Parse(std::string_view raw, base::Charset charset);

  // Only the first segment, whatever follows it.
  static base::Result<V2Message> ParseHeader(std::string_view raw, base::Charset charset);

  const V2Delimiters& delimiters() const { return delimiters_; }
  const std::vector<V2Segment>& segments() const { return segments_; }
  const V2Segment& header() const { return segments_.front(); }
  const V2Segment* Find(std::string_view name) const;  // the first of that name; null where there is none

  // The segment's leaves, in order.
  const V2Leaf* begin(const V2Segment& segment) const { return leaves_.data() + segment.first_leaf; }
  const V2Leaf* end(const V2Segment& segment) const { return begin(segment) + segment.leaf_count; }

  std::string_view BytesOf(const V2Leaf& leaf) const { return raw_.substr(leaf.begin, leaf.size); }

  // First subcomponent of a component (from 1) of a field's first repetition, as sent; empty where absent.
  std::string_view At(const V2Segment& segment, uint16_t field, uint16_t component) const;
  // A whole field as sent, delimiters and all.
  std::string_view FieldAt(const V2Segment& segment, uint16_t field) const;

  // The message as text again, each segment ended by CR: byte for byte what was read where that was so.
  std::string Encode() const;

 private:
  V2Message() = default;
  friend class V2Splitter;

  std::string_view raw_;
  V2Delimiters delimiters_;
  std::vector<V2Segment> segments_;
  std::vector<V2Leaf> leaves_;
};

}  // namespace heyi::adapters
