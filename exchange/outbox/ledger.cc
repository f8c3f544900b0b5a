#include "exchange/outbox/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/hub_caller.h"
#include "base/text.h"
#include "exchange/outbox/dead_letters.h"

namespace heyi::exchange {
namespace {

// The version that a row tells of ("Task/t1/_history/3"), as the leaf has it.
void AddResource(audit::Leaf& leaf, const OutboxRow& row) {
  const size_t slash = row.resource.find('/'), history = row.resource.find("/_history/");
  if (slash >= history || history == std::string::npos) return;
  if (leaf.resources.size() == audit::kLeafResourcesMax) {
    ++leaf.resources_more;
    return;
  }
  leaf.resources.push_back({row.resource.substr(0, slash), row.resource.substr(slash + 1, history - slash - 1),
                            std::strtoull(row.resource.c_str() + history + 10, nullptr, 10), audit::Action::kRead});
}

void AddElder(audit::Leaf& leaf, const OutboxRow& row) {
  if (row.elder != 0 && std::find(leaf.elders.begin(), leaf.elders.end(), row.elder) == leaf.elders.end()) leaf.elders.push_back(row.elder);
}

void RemoveFact(store::CommitDraft& draft, std::string_view space, const std::string& key) {
  draft.facts.push_back({std::string(space), key, std::nullopt});
}

void SetFact(store::CommitDraft& draft, std::string_view space, const std::string& key, std::string value) {
  draft.facts.push_back({std::string(space), key, std::move(value)});
}

void Expect(store::CommitDraft& draft, std::string_view space, const std::string& key, std::optional<std::string> value) {
  draft.fact_conditions.push_back({std::string(space), key, std::move(value)});
}

base::Result<base::Done> Commit(store::Store& store, store::CommitDraft draft) {
  HEYI_TRY(receipt, store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  return base::Done{};
}

}  // namespace

base::Result<std::optional<Ledger::Stored>> Ledger::Find(RowState state, const RowPlace& place) const {
  HEYI_TRY(text, store_.Now()->Fact(SpaceOf(state), Key(place)));
  if (!text) return std::optional<Stored>();
  HEYI_TRY(row, DecodeOutboxRow(*text));
  return std::optional<Stored>({std::move(*text), std::move(row)});
}

base::Result<bool> Ledger::IsDelivered(const RowPlace& place) const {
  HEYI_TRY(fact, store_.Now()->Fact(kDeliveredSpace, Key(place)));
  return fact.has_value();
}

base::Result<uint64_t> Ledger::Count(RowState state) const {
  const std::string prefix = route_.name + "/";
  uint64_t rows = 0;
  HEYI_CHECK(store_.Now()->Facts(SpaceOf(state), prefix, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    ++rows;
    return true;
  }));
  return rows;
}

base::Result<base::Done> Ledger::Visit(RowState state, const std::optional<RowPlace>& after,
                                       const std::function<bool(const RowPlace&, const OutboxRow&)>& visit) const {
  const std::string prefix = route_.name + "/";
  const std::string from = after ? Key(*after) + '\0' : prefix;  // the first key behind it
  return store_.Now()->Facts(SpaceOf(state), from, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix)) return false;
    const auto place = PlaceOfKey(key);
    const auto row = DecodeOutboxRow(value);
    return !place || !row.ok() || visit(*place, *row);
  });
}

base::Result<base::Done> Ledger::Claim(const RowPlace& place, const std::string& text) {
  store::CommitDraft draft;
  Expect(draft, kOutboxSpace, Key(place), text);
  Expect(draft, kClaimedSpace, Key(place), std::nullopt);
  SetFact(draft, kClaimedSpace, Key(place), "");
  return Commit(store_, std::move(draft));
}

base::Result<base::Done> Ledger::Unclaim(const RowPlace& place) {
  store::CommitDraft draft;
  RemoveFact(draft, kClaimedSpace, Key(place));
  return Commit(store_, std::move(draft));
}

base::Result<std::vector<RowPlace>> Ledger::Claimed() const {
  const std::string prefix = route_.name + "/";
  std::vector<RowPlace> places;
  HEYI_CHECK(store_.Now()->Facts(kClaimedSpace, prefix, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(prefix)) return false;
    if (const auto place = PlaceOfKey(key)) places.push_back(*place);
    return true;
  }));
  return places;
}

audit::Leaf Ledger::LeafOf(const OutboxRow& row, int status, std::string_view rule) const {
  audit::Leaf leaf;
  leaf.caller = HubCaller();
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "deliver";
  leaf.status = status;
  leaf.rule = rule;
  leaf.agreement = BasisOf(row);
  leaf.message_id = fmt::format("{}/{}", row.message_type, row.message_id);
  leaf.recipient = row.department;
  leaf.request_id = row.message_id;
  AddElder(leaf, row);
  AddResource(leaf, row);
  return leaf;
}

base::Result<base::Done> Ledger::Delivered(const RowPlace& place, const Stored& stored) {
  const std::string key = Key(place);
  const auto draft_of = [&] {
    store::CommitDraft draft;
    draft.leaf = audit::EncodeLeaf(LeafOf(stored.row, 200, ""));
    for (const std::string_view space : {kOutboxSpace, kDroppedSpace, kQuarantinedSpace, kDeadSpace, kClaimedSpace}) RemoveFact(draft, space, key);
    SetFact(draft, kDeliveredSpace, key, stored.row.message_id);
    return draft;
  };
  store::CommitDraft draft = draft_of();
  Expect(draft, kOutboxSpace, key, stored.text);
  auto committed = Commit(store_, std::move(draft));
  if (committed.ok() || committed.error().kind != base::ErrorKind::kStale) return committed;
  HEYI_CHECK(Commit(store_, draft_of()));
  return committed;  // kStale: it was no longer among those that wait
}

base::Result<base::Done> Ledger::Stopped(const RowPlace& place, const Stored& stored, RowState state, const SendResult& why) {
  const bool quarantined = state == RowState::kQuarantined;
  const std::string key = Key(place);
  OutboxRow row = stored.row;
  const DeadLetterRule rule = DeadLetterRuleOf(why.fault, row);
  row.reason = base::IsValidUtf8(why.reason) ? why.reason : "(unreadable)";
  row.severity = rule.severity;
  row.owner = rule.owner;
  row.stopped_ms = clock_.NowMs();
  store::CommitDraft draft;
  // What may have arrived counts as disclosed: 202 is no failure.
  draft.leaf = audit::EncodeLeaf(LeafOf(row, quarantined ? 202 : 422, quarantined ? "exchange.unclear" : "exchange.undeliverable"));
  Expect(draft, kOutboxSpace, key, stored.text);
  RemoveFact(draft, kOutboxSpace, key);
  RemoveFact(draft, kClaimedSpace, key);
  SetFact(draft, SpaceOf(state), key, EncodeOutboxRow(row));
  return Commit(store_, std::move(draft));
}

base::Result<base::Done> Ledger::MoveAll(const std::vector<Move>& moves, RowState to, audit::Leaf leaf) {
  if (moves.empty()) return base::Done{};
  store::CommitDraft draft;
  leaf.message_id = fmt::format("{}/{}", route_.name, moves.front().stored.row.message_id);
  if (moves.size() > 1) leaf.message_id += fmt::format(" +{}", moves.size() - 1);
  for (const Move& move : moves) {
    const std::string key = Key(move.place);
    Expect(draft, SpaceOf(move.from), key, move.stored.text);
    RemoveFact(draft, SpaceOf(move.from), key);
    SetFact(draft, SpaceOf(to), key, EncodeOutboxRow(move.stored.row));
    AddElder(leaf, move.stored.row);
  }
  draft.leaf = audit::EncodeLeaf(leaf);
  return Commit(store_, std::move(draft));
}

}  // namespace heyi::exchange
