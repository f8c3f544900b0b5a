// Survivorship: one record an elder (and a bed), several departments that speak of it. A table says for each element whose
// word stands; a word that is outranked is not written, but stays in its message, and is noted beside its lineage. Nor does
// an older word of the same department, tried again, stand over a newer one.
//
// Who spoke last and was heard is a fact beside the resource (space "spoken", key "Patient/x"): element, department, hash
// of what it said, when that had come. Where something else stands by now, it was written here: hub's word.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/targets.h"
#include "mapping/pair_map.h"

namespace heyi::exchange {

struct SurvivorRow {
  std::string_view type, element;
  std::vector<std::string_view> order;      // departments, the highest first
  std::vector<std::string_view> hub_while;  // codes; empty: always
};

// The table built into the program, identity/survivorship.tsv.
std::span<const SurvivorRow> SurvivorTable();

// Who speaks, and when it came.
struct Speaker {
  std::string_view department;
  base::TimeMs received_ms = 0;
};

// What was said and is not written.
struct Outranked {
  mapping::LineageRow row;
  std::string by;  // a department, `hub`, or the same department where it has said something newer since
};

// Takes out of `mapped` what the speaker may not change, and notes in `plan` what it now stands for. Also keeps the
// numbers of a Patient that was reached through a replaced one: the message speaks of it by another's numbers.
base::Result<std::vector<Outranked>> LetSurvive(interaction::Plan& plan, const PlanTargets& targets, const Speaker& speaker, mapping::Mapped& mapped);

}  // namespace heyi::exchange
