#include "adapters/health/v2/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "adapters/health/v2/escapes.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;
using Shape = V2RecordReader::Shape;

constexpr std::string_view kNull = "\"\"";
constexpr uint16_t kFirstFieldBehindDelimiters = 3;  // of a header segment

// A number as a name, without memory of its own.
class Number {
 public:
  explicit Number(unsigned value) : size_(static_cast<size_t>(std::to_chars(digits_, digits_ + sizeof digits_, value).ptr - digits_)) {}
  std::string_view text() const { return {digits_, size_}; }

 private:
  char digits_[8];
  size_t size_;
};

struct Leaves {  // of one part of a segment
  const V2Leaf* begin;
  const V2Leaf* end;

  // Takes those off the front that share `part` with the first.
  template <typename Part>
  Leaves TakeWhileSame(Part part) {
    const Leaves taken{begin, [&] {
                         const V2Leaf* at = begin;
                         while (at != end && at->*part == begin->*part) ++at;
                         return at;
                       }()};
    begin = taken.end;
    return taken;
  }
  bool empty() const { return begin == end; }
};

class SegmentReader {
 public:
  SegmentReader(const V2Message& message, base::CharsetConverter& converter) : message_(message), converter_(converter) {}

  JsonValue Read(const V2Segment& segment, const Shape& shape, bool is_header) {
    JsonValue object = JsonValue::Object();
    object.SetPlace(segment.begin, segment.begin);
    Leaves rest{message_.begin(segment), message_.end(segment)};
    while (is_header && !rest.empty() && rest.begin->field < kFirstFieldBehindDelimiters) ++rest.begin;
    while (!rest.empty()) {
      const Number name(rest.begin->field);
      ReadField(rest.TakeWhileSame(&V2Leaf::field), name.text(), shape.Find(name.text()), object);
    }
    return object;
  }

  JsonValue Text(const V2Leaf& leaf) {
    std::string text;
    UnescapeV2(message_.BytesOf(leaf), message_.delimiters(), converter_, &text);
    JsonValue value = JsonValue::OfString(text);
    value.SetPlace(leaf.begin, leaf.begin + leaf.size);
    return value;
  }

 private:
  void ReadField(Leaves leaves, std::string_view name, const Shape* shape, JsonValue& segment) {
    if (shape == nullptr) return PutUnread(leaves, std::string(name), segment);
    if (shape->kind == FieldKind::kList) {
      JsonValue list = JsonValue::Array();
      bool any = false;
      while (!leaves.empty()) {
        list.Append(ReadRepetition(leaves.TakeWhileSame(&V2Leaf::repetition), *shape));
        any = any || !list.items().back().members().empty();
      }
      if (any) segment.Set(name, std::move(list));
      return;
    }
    const Leaves first = leaves.TakeWhileSame(&V2Leaf::repetition);
    if (shape->is_leaf()) {
      ReadLeaf(first, name, &V2Leaf::component, segment);
    } else {
      Put(name, ReadRepetition(first, *shape), segment);
    }
    while (!leaves.empty()) {
      const unsigned number = leaves.begin->repetition + 1u;
      PutUnread(leaves.TakeWhileSame(&V2Leaf::repetition), fmt::format("{}~{}", name, number), segment);
    }
  }

  JsonValue ReadRepetition(Leaves leaves, const Shape& shape) {
    JsonValue object = JsonValue::Object();
    object.SetPlace(leaves.begin->begin, leaves.begin->begin);
    while (!leaves.empty()) {
      const Number name(leaves.begin->component + 1u);
      const Shape* part = shape.Find(name.text());
      const Leaves component = leaves.TakeWhileSame(&V2Leaf::component);
      if (part == nullptr) {
        PutUnread(component, std::string(name.text()), object);
      } else if (part->is_leaf()) {
        ReadLeaf(component, name.text(), &V2Leaf::subcomponent, object);
      } else {
        ReadComponent(component, name.text(), *part, object);
      }
    }
    return object;
  }

  void ReadComponent(Leaves leaves, std::string_view name, const Shape& shape, JsonValue& into) {
    JsonValue object = JsonValue::Object();
    object.SetPlace(leaves.begin->begin, leaves.begin->begin);
    for (const V2Leaf* leaf = leaves.begin; leaf != leaves.end; ++leaf) {
      const Number part(leaf->subcomponent + 1u);
      if (shape.Find(part.text()) != nullptr) {
        PutValue(*leaf, std::string(part.text()), object);
      } else {
        PutUnread({leaf, leaf + 1}, std::string(part.text()), object);
      }
    }
    Put(name, std::move(object), into);
  }

  // A part without any value is absent.
  static void Put(std::string_view name, JsonValue object, JsonValue& into) {
    if (!object.members().empty()) into.Set(name, std::move(object));
  }

  // A value where the message may have parts: the first counts, the others are told of.
  void ReadLeaf(Leaves leaves, std::string_view name, uint16_t V2Leaf::* part, JsonValue& into) {
    PutValue(*leaves.begin, std::string(name), into);
    for (const V2Leaf* leaf = leaves.begin + 1; leaf != leaves.end; ++leaf) {
      if (leaf->size > 0) PutUnread({leaf, leaf + 1}, fmt::format("{}.{}", name, leaf->*part + 1), into);
    }
  }

  void PutValue(const V2Leaf& leaf, const std::string& name, JsonValue& into) {
    if (leaf.size == 0) return;
    const bool is_null = message_.BytesOf(leaf) == kNull;
    into.Set(is_null ? name + "(null)" : name, Text(leaf));
  }

  // Once, with the first value that is there.
  void PutUnread(Leaves leaves, const std::string& name, JsonValue& into) {
    for (const V2Leaf* leaf = leaves.begin; leaf != leaves.end; ++leaf) {
      if (leaf->size > 0) return into.Set(name, Text(*leaf));
    }
  }

  const V2Message& message_;
  base::CharsetConverter& converter_;
};

}  // namespace

const Shape* V2RecordReader::Shape::Find(std::string_view part) const {
  for (const Shape& shape : parts) {
    if (shape.name == part) return &shape;
  }
  return nullptr;
}

V2RecordReader::V2RecordReader(const LogicalModel& model) {
  for (const Field& field : model.fields()) {
    Shape* at = &root_;
    for (std::string_view step : base::Split(field.path, '.')) {
      if (step.ends_with("[]")) step.remove_suffix(2);
      const auto known = std::find_if(at->parts.begin(), at->parts.end(), [&](const Shape& part) { return part.name == step; });
      at = known != at->parts.end() ? &*known : &at->parts.emplace_back(Shape{std::string(step), field.kind, {}});
    }
  }
}

JsonValue V2RecordReader::ReadHeader(const V2Message& message, base::CharsetConverter& converter) const {
  JsonValue envelope = JsonValue::Object();
  const V2Segment& segment = message.header();
  if (const Shape* shape = root_.Find(segment.name)) {
    envelope.Set(segment.name, SegmentReader(message, converter).Read(segment, *shape, true));
  }
  return envelope;
}

JsonValue V2RecordReader::ReadBody(const V2Message& message, base::CharsetConverter& converter, base::Outcome& outcome) const {
  JsonValue record = JsonValue::Object();
  SegmentReader reader(message, converter);
  for (size_t i = 1; i < message.segments().size(); ++i) {
    const V2Segment& segment = message.segments()[i];
    const Shape* shape = root_.Find(segment.name);
    JsonValue* there = record.Find(segment.name);
    if (shape == nullptr) {
      if (there == nullptr) record.Set(segment.name, JsonValue::OfString("-"));  // no map reads it; told of by its name
    } else if (shape->kind == FieldKind::kList) {
      if (there == nullptr) record.Set(segment.name, JsonValue::Array());
      record.Find(segment.name)->Append(reader.Read(segment, *shape, false));
    } else if (there != nullptr) {
      outcome.Add("v2.segment-twice", fmt::format("{}.{}", kV2RecordPath, segment.name));
    } else {
      record.Set(segment.name, reader.Read(segment, *shape, false));
    }
  }
  return record;
}

}  // namespace heyi::adapters
