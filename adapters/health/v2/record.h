// Segments as JSON, by the shape that the logical model gives them: the standard's own numbers are the names, so that
// maps say `PID.7`, `PV1.3.1`, `IN1[].2.1`, `PID.3[4.1=GB11643].1` as HL7 people do (PID-7, PV1-3.1, …).
//
//   model says   a segment     a field                                      a component
//   object       one of it     its first repetition, by component           by subcomponent
//   list         each of it    each repetition, by component                -
//   a value      -             its first component's first subcomponent     its first subcomponent
// What a message has beyond that, or says of what the model does not know, stands beside it under a name that no model
// has ("PID.12", "PID.8.2", "PV1.3~2", "ZPD"), so that the maps report it unread. HL7's null `""`, which asks for a value
// to be taken away, is such a thing, too ("PID.13(null)"): no map takes anything away because a field is empty.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "adapters/health/v2/syntax.h"
#include "adapters/logical_model.h"
#include "base/json/value.h"

namespace heyi::adapters {

inline constexpr std::string_view kV2RecordPath = "v2";  // before the paths of issues and lineage

class V2RecordReader {
 public:
  explicit V2RecordReader(const LogicalModel& model);

  // {"MSH": {…}} of the first segment.
  base::JsonValue ReadHeader(const V2Message& message, base::CharsetConverter& converter) const;

  // {"PID": {…}, …} of all others; v2.segment-twice at "v2.PID". Values know where they stood in the raw message.
  base::JsonValue ReadBody(const V2Message& message, base::CharsetConverter& converter, base::Outcome& outcome) const;

  // A part of a message as the model has it.
  struct Shape {
    std::string name;
    FieldKind kind = FieldKind::kText;
    std::vector<Shape> parts;

    const Shape* Find(std::string_view part) const;
    bool is_leaf() const { return kind != FieldKind::kObject && kind != FieldKind::kList; }
  };

 private:
  Shape root_;
};

}  // namespace heyi::adapters
