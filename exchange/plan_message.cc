#include "exchange/plan_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fault.h"
#include "exchange/differences.h"
#include "exchange/effects/effect.h"
#include "exchange/identity/review.h"
#include "exchange/identity/survivorship.h"
#include "exchange/inbox/index.h"
#include "exchange/lineage/trace.h"
#include "exchange/provenance.h"
#include "exchange/targets.h"

namespace heyi::exchange {
namespace {

using adapters::Acknowledgement;
using base::Error;
using base::ErrorKind;
using interaction::Plan;

class MessagePlanner {
 public:
  MessagePlanner(const interaction::Services& services, Arrival& arrival, const mapping::PairMap& map, Acknowledgement& ack, PlanTrace& trace)
      : arrival_(arrival),
        map_(map),
        ack_(ack),
        trace_(trace),
        done_before_(arrival.row.state == InboxState::kDone),
        plan_(services, arrival.context),
        effects_(plan_),
        targets_(plan_, LinksOf(arrival.message.department, arrival.message.type)) {}

  base::Result<store::CommitDraft> Run(std::string* answer, audit::Leaf& leaf) {
    auto planned = Effects();
    trace_.waits = targets_.missed();
    if (!planned.ok()) return std::move(planned).error();
    if (trace_.want_differences) HEYI_CHECK(FindDifferences(plan_, trace_));
    ack_.outcome.Append(mapped_.outcome);  // warnings
    ack_.answered_ms = arrival_.context.clock.NowMs();
    *answer = arrival_.answered() ? arrival_.row.answer : arrival_.adapter.Answer(arrival_.raw, &arrival_.message, ack_);
    base::FaultPoint("exchange.planned");
    HEYI_TRY(draft, std::move(plan_).Finish(leaf));
    for (const audit::LeafResource& resource : leaf.resources) {
      if (resource.type != "Provenance") trace_.outputs.push_back(fmt::format("{}/{}/_history/{}", resource.type, resource.id, resource.version));
    }
    Conclude(*answer, leaf, draft);
    return std::move(draft);
  }

 private:
  base::Result<base::Done> Effects() {
    const adapters::Message& message = arrival_.message;
    HEYI_TRY(organization, targets_.OrganizationOf(message.sender));
    // The sender acts for itself; a bureau, which is no party to a referral, has no Organization here.
    arrival_.context.caller.organization = organization;

    HEYI_TRY(mapped, map_.ToFhir(message, targets_));
    mapped_ = std::move(mapped);
    base::FaultPoint("exchange.mapped");
    if (mapped_.outcome.HasErrors()) return Error(ErrorKind::kInvalid, mapped_.outcome);
    const bool question = message.type == "1101";  // reads only: nothing of it is written
    if (!question) {
      HEYI_TRY(outranked, LetSurvive(plan_, targets_, {message.department, arrival_.row.received_ms}, mapped_));
      outranked_ = std::move(outranked);
      HEYI_CHECK(WriteMapped());
    }
    std::string activity;
    const Effect effect = done_before_ ? nullptr : FindEffect(message.department, message.type);
    if (effect != nullptr) {
      EffectContext effect_context{plan_, targets_, message, arrival_.raw, map_, mapped_, written_, ack_, traced_, activity};
      HEYI_CHECK(effect(effect_context));
    }
    const std::string map_name = fmt::format("{}.{}/{}", map_.department(), map_.message_type(), map_.version());
    HEYI_CHECK(WriteProvenance(plan_, {arrival_.key, arrival_.row.sha256, message.sender, organization, message.sent_ms.value_or(0), map_name, activity,
                                       arrival_.row.runs + 1},
                               traced_));
    NoteLineage();
    return base::Done{};
  }

  base::Result<base::Done> WriteMapped() {
    for (mapping::MappedResource& resource : mapped_.resources) {
      if (!resource.changed) {  // it stands there just so: no new version, no Provenance
        written_.emplace_back(resource.name, Plan::Put{resource.tree.type(), std::string(resource.tree.id()), resource.base_version, false});
        continue;
      }
      HEYI_TRY(put, plan_.Write(resource.tree.Clone()));
      written_.emplace_back(resource.name, put);
      traced_.push_back(put);
    }
    for (const auto& [name, put] : written_) {
      const bool changed = std::any_of(traced_.begin(), traced_.end(), [&](const Plan::Put& one) { return one.type == put.type && one.id == put.id; });
      if (put.type->name != "Patient" || !changed) continue;
      HEYI_TRY(asked, AskForReview(plan_, put.id));
      static_cast<void>(asked);
    }
    return base::Done{};
  }

  void NoteLineage() {
    KeepTrace(plan_, arrival_.key, mapped_.lineage, traced_);
    if (!outranked_.empty()) {
      std::string outranked;
      for (const auto& [row, by] : outranked_) outranked += fmt::format("{}\t{}\t{}\t{}\t{}\n", row.target, row.source, row.begin, row.rule, by);
      plan_.Add({std::string(kOutrankedSpace), arrival_.key, std::move(outranked)});
    }
    if (!mapped_.unread.empty()) {
      std::string unread;
      for (const std::string& path : mapped_.unread) unread += path + "\n";
      plan_.Add({"unread", arrival_.key, std::move(unread)});
    }
  }

  // The inbox row and everything that is found by it.
  void Conclude(const std::string& answer, const audit::Leaf& leaf, store::CommitDraft& draft) const {
    InboxRow done = arrival_.row;
    done.Enter(InboxState::kDone, arrival_.context.clock.NowMs());
    done.rule.clear();
    done.answer = answer;
    ++done.runs;
    for (const uint64_t elder : leaf.elders) {
      std::string hex = fmt::format("{:016x}", elder);
      if (std::find(done.elders.begin(), done.elders.end(), hex) == done.elders.end()) done.elders.push_back(std::move(hex));
    }
    draft.fact_conditions.push_back({std::string(kInboxSpace), arrival_.key, arrival_.row_text});
    draft.facts.push_back({std::string(kInboxSpace), arrival_.key, EncodeInboxRow(done)});
    for (store::Fact& fact : IndexFacts(arrival_.key, &arrival_.row, &done)) draft.facts.push_back(std::move(fact));
    if (arrival_.parked) {
      for (store::Fact& fact : ParkedFacts(arrival_.key, &*arrival_.parked, nullptr)) draft.facts.push_back(std::move(fact));
    }
    if (!trace_.outputs.empty()) {
      std::string outputs;
      for (const std::string& output : trace_.outputs) outputs += output + "\n";
      draft.facts.push_back({std::string(kOutputsSpace), arrival_.key, std::move(outputs)});
    }
  }

  Arrival& arrival_;
  const mapping::PairMap& map_;
  Acknowledgement& ack_;
  PlanTrace& trace_;
  const bool done_before_;
  Plan plan_;
  const Plan::EffectScope effects_;
  PlanTargets targets_;
  mapping::Mapped mapped_;
  std::vector<std::pair<std::string, Plan::Put>> written_;  // by the map's names
  std::vector<Plan::Put> traced_;
  std::vector<Outranked> outranked_;
};

}  // namespace

base::Result<store::CommitDraft> PlanMessage(const interaction::Services& services, const mapping::MapsInForce& maps, Arrival& arrival,
                                             Acknowledgement& ack, std::string* answer, audit::Leaf& leaf, PlanTrace& trace) {
  trace = PlanTrace{trace.want_differences, {}, {}, false, {}};
  const auto in_force = maps.Current();  // to the end of this message
  const mapping::PairMap* map = in_force->Find(arrival.message.department, arrival.message.type);
  if (map == nullptr) {
    const bool later = in_force->IsOutOfForce(arrival.message.department, arrival.message.type);
    return Error(ErrorKind::kInvalid, later ? "exchange.map-out-of-force" : "exchange.no-map", {}, arrival.message.type);
  }
  return MessagePlanner(services, arrival, *map, ack, trace).Run(answer, leaf);
}

}  // namespace heyi::exchange
