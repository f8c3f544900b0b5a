// The laws of docs/mapping.md, as checks on one mapped message: of the golden cases and of generated messages.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/logical_model.h"
#include "mapping_testing.h"

namespace heyi::mapping {

// What failures are told of.
struct LawCase {
  std::string name;
  bool v2 = false, xml = false;
};

// The resources by the map's names: what the map made, and of what stood there the names it did not make.
std::vector<std::pair<std::string, fhir::Node>> Named(const Mapped& mapped, const MemoryTargets& store);

// All that is made passes the structure check, and can be read again.
void CheckResourcesAreSound(const LawCase& at, const Mapped& mapped);
// Lineage points at the very bytes.
void CheckLineage(const LawCase& at, const std::string& raw, const Mapped& mapped);
// Every field that comes back says what the message said (PutGet).
void CheckSameFields(const LawCase& at, const adapters::LogicalModel& model, const base::JsonValue& sent, const base::JsonValue& back,
                     const std::string& level);
// What was read out and put back changes nothing (GetPut). `back` null: the message itself once more.
void CheckNothingChangesTwice(const LawCase& at, const PairMap& map, const adapters::Message& message, const Mapped& mapped,
                              const MemoryTargets& store, const base::JsonValue* back);

}  // namespace heyi::mapping
