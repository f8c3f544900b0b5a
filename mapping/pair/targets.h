// Which resources a message means: found by business identifier, else named by an id that follows from the message.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapping/pair/message_reader.h"

namespace heyi::mapping {

// One resource that the map speaks of, for one item where it is made once an item.
struct Target {
  const ResourceRule* rule = nullptr;
  Scope scope;
  bool present = false;        // false: nothing of it may be written or referred to
  std::string id;
  std::string system, value;   // the business identifier of its first `find`
  std::string where;           // the field that names it
  std::optional<TargetSource::Found> found;

  std::string reference() const { return rule->type->name + "/" + id; }
};

// All targets of a message, in the order of the map.
//   errors  of the source. What is wrong with the data goes to `outcome`: map.no-key, the rule of `must exist else`,
//           map.conflicting-targets, map.ambiguous, map.duplicate-target, map.too-many
base::Result<std::vector<Target>> FindTargets(const MapProgram& program, const MessageReader& reader, TargetSource& source,
                                              base::Outcome& outcome);

// The target of that name in `scope`; null where it is absent.
const Target* TargetNamed(const std::vector<Target>& targets, std::string_view name, const Scope& scope);

}  // namespace heyi::mapping
