// Places in a message's record, as maps write them: members by name, and items of lists picked by number or condition.
//
//   path      = step ("." step)*
//   step      = member [ "[" number "]" | "[" condition ("," condition)* "]" ]
//   condition = member ("." member)* ("=" | "!=") value      an empty value: `[5=]`, the member is absent
// On a member that is no list, a condition only lets it count: `PV1.19[5=VN].1`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/logical_model.h"
#include "base/json/value.h"

namespace heyi::mapping {

struct FieldCondition {
  std::vector<std::string> members;
  std::string value;
  bool differs = false;
};

struct FieldStep {
  std::string name;
  std::optional<size_t> index;
  std::vector<FieldCondition> where;
  bool list = false;                     // as the model says

  bool selects() const { return index || !where.empty(); }
};

struct FieldPath {
  std::vector<FieldStep> steps;
  std::string model_path;                // "PID.3[].1"
  std::vector<std::string> looked_at;    // model paths of its conditions
};

// Reads `text` against `model`, below `level` ("" or "IN1[]."). Nullopt where it is no path to a value of the model.
std::optional<FieldPath> ReadFieldPath(std::string_view text, std::string_view level, const adapters::LogicalModel& model);

// The value there, and in *where how it is reached ("PID.3[1].1"); null where there is none.
const base::JsonValue* FindField(const base::JsonValue& from, const FieldPath& path, std::string* where);

// Puts a value there; the way is made, and items are made so that they fit.
void PutField(base::JsonValue& into, const FieldPath& path, base::JsonValue value);

}  // namespace heyi::mapping
