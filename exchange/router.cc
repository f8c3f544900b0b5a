#include "exchange/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "exchange/routing/withheld.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kFollowerSpace = "follower";
constexpr std::string_view kCursorKey = "router";

// A department knows what it has just told us: in a message, or by its own system or office over REST. A care home or a
// clinician who writes over REST is one of the department, but not where its messages go.
bool KnowsAlready(const audit::Leaf& leaf, std::string_view department) {
  if (leaf.caller.department != department) return false;
  const bool for_all = leaf.caller.organization.empty() && (leaf.caller.role == "officer" || leaf.caller.role == "system");
  return leaf.interaction == "message" || for_all;
}

constexpr size_t kRowsARound = 5'000;  // a round ends with the entry that reaches this: its commit has a bound

uint64_t ParseCursor(const std::optional<std::string>& text) { return text ? std::strtoull(text->c_str(), nullptr, 10) : 0; }

}  // namespace

base::Result<uint64_t> Router::Advance(size_t entries_max) {
  added_.assign(options_.routes.size(), 0);
  const auto snapshot = services_.store.Now();
  HEYI_TRY(cursor_fact, snapshot->Fact(kFollowerSpace, kCursorKey));
  const uint64_t cursor = ParseCursor(cursor_fact);
  uint64_t reached = std::max(cursor, reached_);
  size_t seen = 0;
  std::vector<store::Fact> rows;
  const auto route_entry = [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t > snapshot->t() || seen++ == entries_max || rows.size() >= kRowsARound) return false;
    reached = entry.t;
    std::vector<Change> changes;
    for (const store::BodyView& body : entry.bodies) {
      if (!body.deleted && routing_.table().Tells(body.type)) changes.push_back({std::string(body.type), std::string(body.id), body.version, body.label});
    }
    if (changes.empty()) return true;
    HEYI_TRY(leaf, audit::DecodeLeaf(entry.leaf));
    HEYI_CHECK(RouteEntry(entry.t, leaf, changes, rows));
    return true;
  };
  HEYI_CHECK(services_.store.Follow(reached + 1, route_entry));
  // A cursor moved for its own commits alone would chase itself for ever: it stays until there is something to tell, or
  // enough has passed to make the next start long.
  constexpr uint64_t kIdleStep = 1'000;
  if (rows.empty() && reached - cursor < kIdleStep) {
    reached_ = reached;
    return reached;
  }
  store::CommitDraft draft;
  draft.facts = std::move(rows);
  draft.facts.push_back({std::string(kFollowerSpace), std::string(kCursorKey), std::to_string(reached)});
  draft.fact_conditions.push_back({std::string(kFollowerSpace), std::string(kCursorKey), cursor_fact});
  auto receipt = services_.store.CommitAndWait(std::move(draft));
  if (!receipt.ok()) {
    added_.assign(options_.routes.size(), 0);
    return std::move(receipt).error();
  }
  reached_ = reached;
  return reached;
}

base::Result<base::Done> Router::RouteEntry(uint64_t t, const audit::Leaf& leaf, const std::vector<Change>& changes, std::vector<store::Fact>& out) {
  const auto snapshot = services_.store.Now();
  uint32_t position = 0;
  for (size_t i = 0; i < options_.routes.size(); ++i) {
    const Route& route = options_.routes[i];
    if (KnowsAlready(leaf, route.department)) continue;
    for (const RouteRule& rule : routing_.table().rules()) {
      if (rule.department != route.department) continue;
      for (const Change& change : changes) {
        if (rule.type->name != change.type) continue;
        HEYI_TRY(composed, composer_.Compose(rule, change, *snapshot));
        if (composed.withheld) HEYI_CHECK(TellWithheld(services_.store, rule, change, composed, leaf.elders));
        if (!composed.parties.empty()) {
          store::Fact no_longer = NoLongerWithheld(rule, composed.parties);
          const auto same = [&](const store::Fact& fact) { return fact.space == no_longer.space && fact.key == no_longer.key; };
          std::erase_if(out, same);  // the last change of a round says whether it is withheld
          HEYI_TRY(stood, snapshot->Fact(no_longer.space, no_longer.key));
          if (stood && !composed.contract.empty()) out.push_back(std::move(no_longer));
        }
        if (!composed.record) continue;
        const RowPlace place{t, position++};
        const OutboxRow row = MakeRow(route, rule, change, std::move(composed), place);
        out.push_back({std::string(kOutboxSpace), OutboxKey(route.name, place), EncodeOutboxRow(row)});
        ++added_[i];
      }
    }
  }
  return base::Done{};
}

OutboxRow Router::MakeRow(const Route& route, const RouteRule& rule, const Change& change, Composition composition, const RowPlace& place) const {
  OutboxRow row;
  row.channel = route.name;
  row.department = route.department;
  row.order_key = composition.order_key;
  row.message_type = rule.message;
  row.message_id = MessageIdOf(place);
  row.text = adapters::AdapterOf(route.department)
                 ->Write({rule.message, row.message_id, options_.hub_code, options_.area_code, composition.time_ms, std::move(*composition.record)});
  row.resource = fmt::format("{}/{}/_history/{}", change.type, change.id, change.version);
  row.elder = row.order_key.starts_with("Patient/") ? base::Hash64(row.order_key) : 0;
  row.policy_row = composition.policy_row;
  row.profile = rule.profile->id();
  row.contract = composition.contract;
  const auto custody = static_cast<policy::Custody>(change.label);
  if (custody != policy::Custody::kNone) row.custody = policy::CustodyName(custody);
  row.made_ms = composition.time_ms;
  return row;
}

}  // namespace heyi::exchange
