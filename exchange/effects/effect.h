// What a message does beyond writing what its map makes: move a referral, admit, let a bed go, answer a question.
// One row a message type; the verbs are operations, so exchange/ knows care/ only by their names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/message.h"
#include "exchange/targets.h"
#include "interaction/plan.h"
#include "mapping/pair_map.h"

namespace heyi::exchange {

struct EffectContext {
  interaction::Plan& plan;
  PlanTargets& targets;
  const adapters::Message& message;
  std::string_view raw;                 // as it came
  const mapping::PairMap& map;
  const mapping::Mapped& mapped;        // trees have been written (moved from); ids and names stand in `written`
  const std::vector<std::pair<std::string, interaction::Plan::Put>>& written;  // by the map's names
  adapters::Acknowledgement& ack;
  std::vector<interaction::Plan::Put>& traced;  // what Provenance names; effects that are about data add theirs
  std::string& activity;                        // its activity, where there is a word for it: link, unlink

  const interaction::Plan::Put* Written(std::string_view name) const;
  // The resource that the map calls so; an error of ours where it makes none.
  base::Result<interaction::Plan::Found> Resource(std::string_view name) const;
  std::string_view Value(std::string_view name) const;  // a value that the map exports
};

using Effect = base::Result<base::Done> (*)(EffectContext&);

// Null where the message type has none.
Effect FindEffect(std::string_view department, std::string_view message_type);

// Whether the message's numbers mean who stands for them, or the very Patients that carry them.
PlanTargets::Links LinksOf(std::string_view department, std::string_view message_type);

}  // namespace heyi::exchange
