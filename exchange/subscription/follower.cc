#include "exchange/subscription/follower.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fault.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kSubscriptionFollowerSpace = "follower";
constexpr std::string_view kSubscriptionCursorKey = "subscriptions";
constexpr std::string_view kSubscriptionType = "Subscription";

}  // namespace

// "T" or "T.BODY": what comes next.
std::string SubscriptionFollower::EncodeCursor(const Cursor& cursor) {
  return cursor.body == 0 ? std::to_string(cursor.t) : fmt::format("{}.{}", cursor.t, cursor.body);
}

SubscriptionFollower::Cursor SubscriptionFollower::DecodeCursor(const std::string& text) {
  char* end = nullptr;
  Cursor cursor{std::strtoull(text.c_str(), &end, 10), 0};
  if (end != nullptr && *end == '.') cursor.body = std::strtoull(end + 1, nullptr, 10);
  return cursor;
}

base::Result<base::Done> SubscriptionFollower::Load() {
  subscribers_.clear();
  const auto snapshot = services_.store.Now();
  const fhir::Type& type = *services_.definitions().FindResource(kSubscriptionType);
  std::vector<std::pair<std::string, std::string>> rows;
  HEYI_CHECK(snapshot->Facts(kSubscriptionSpace, "", [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return true;
  }));
  for (const auto& [id, text] : rows) {
    HEYI_TRY(row, DecodeSubscriberRow(text));
    HEYI_TRY(record, snapshot->Version(type, id, row.version));
    Subscriber subscriber{std::move(row), nullptr};
    if (record && !record->deleted) {
      HEYI_TRY(tree, snapshot->Tree(*record));
      subscriber.definition = Understand(tree);
    }
    subscribers_.emplace(id, std::move(subscriber));
  }
  HEYI_TRY(cursor, snapshot->Fact(kSubscriptionFollowerSpace, kSubscriptionCursorKey));
  passed_ = cursor ? DecodeCursor(*cursor) : Cursor();
  loaded_ = true;
  for (const auto& [id, subscriber] : subscribers_) wake_(id);
  return base::Done{};
}

std::unique_ptr<SubscriptionDefinition> SubscriptionFollower::Understand(const fhir::Tree& tree) const {
  auto definition = ReadSubscription(tree, terms_);
  return definition.ok() ? std::make_unique<SubscriptionDefinition>(std::move(*definition)) : nullptr;
}

base::Result<SubscriptionFollower::Advanced> SubscriptionFollower::Advance() {
  if (!loaded_) HEYI_CHECK(Load());
  Round round;
  round.snapshot = services_.store.Now();
  HEYI_TRY(cursor_fact, round.snapshot->Fact(kSubscriptionFollowerSpace, kSubscriptionCursorKey));
  const Cursor durable = cursor_fact ? DecodeCursor(*cursor_fact) : Cursor();
  Cursor cursor = passed_;
  size_t seen = 0;
  bool more = false;
  // Until it is committed what a round has made exists in memory only; a round that fails is made again from the facts.
  const auto failed = [&](base::Error error) {
    loaded_ = false;
    return error;
  };
  const auto followed = services_.store.Follow(cursor.t, [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t > round.snapshot->t()) return false;
    if (seen++ == kSubscriptionEntriesARound || round.facts.size() >= kSubscriptionFactsARound) {
      more = true;
      return false;
    }
    HEYI_TRY(whole, TakeEntry(entry, cursor, round));
    more = !whole;
    return whole;
  });
  if (!followed.ok()) return failed(followed.error());
  // A cursor moved for its own commits alone would chase itself for ever.
  if (round.facts.empty() && round.touched.empty() && cursor.t - durable.t < kSubscriptionIdleStep) {
    passed_ = cursor;
    return Advanced{cursor.t - 1, more};
  }
  store::CommitDraft draft;
  draft.facts = std::move(round.facts);
  for (const auto& [id, kept] : round.touched) {
    const auto subscriber = subscribers_.find(id);
    draft.facts.push_back(
        {std::string(kSubscriptionSpace), id,
         subscriber == subscribers_.end() ? std::nullopt : std::optional(EncodeSubscriberRow(subscriber->second.row))});
  }
  draft.facts.push_back(
      {std::string(kSubscriptionFollowerSpace), std::string(kSubscriptionCursorKey), EncodeCursor(cursor)});
  draft.fact_conditions.push_back(
      {std::string(kSubscriptionFollowerSpace), std::string(kSubscriptionCursorKey), cursor_fact});
  base::FaultPoint("subscription.before-commit");
  const auto receipt = services_.store.CommitAndWait(std::move(draft));
  if (!receipt.ok()) return failed(receipt.error());
  base::FaultPoint("subscription.committed");
  passed_ = cursor;
  for (const auto& [id, kept] : round.touched) wake_(id);
  return Advanced{cursor.t - 1, more};
}

// False where the round is full before the entry is done.
base::Result<bool> SubscriptionFollower::TakeEntry(const store::EntryView& entry, Cursor& cursor, Round& round) {
  const size_t first = cursor.t == entry.t ? cursor.body : 0;
  std::optional<audit::Leaf> leaf;
  for (size_t i = first; i < entry.bodies.size(); ++i) {
    if (round.facts.size() >= kSubscriptionFactsARound) {
      cursor = {entry.t, i};
      return false;
    }
    const store::BodyView& view = entry.bodies[i];
    const fhir::Type* type = services_.definitions().FindResource(view.type);
    if (type == nullptr) continue;  // a blob
    const Body body{type, std::string(view.id), view.version, view.deleted, view.label, entry.t, entry.time_ms};
    if (AnyoneOf(*type)) HEYI_CHECK(TakeBody(body, round));
    if (type->name != kSubscriptionType) continue;
    if (!leaf) {
      HEYI_TRY(decoded, audit::DecodeLeaf(entry.leaf));
      leaf = std::move(decoded);
    }
    HEYI_CHECK(TakeSubscription(body, *leaf, round));
  }
  cursor = {entry.t + 1, 0};
  return true;
}

bool SubscriptionFollower::AnyoneOf(const fhir::Type& type) const {
  const auto wants = [&type](const auto& named) {
    const SubscriptionDefinition* definition = named.second.definition.get();
    if (definition == nullptr || definition->status == "off") return false;
    if (definition->topic == nullptr) return definition->filters.front().type == &type;
    const auto& triggers = definition->topic->triggers;
    return std::any_of(triggers.begin(), triggers.end(),
                       [&type](const TopicTrigger& trigger) { return trigger.type == &type; });
  };
  return std::any_of(subscribers_.begin(), subscribers_.end(), wants);
}

base::Result<base::Done> SubscriptionFollower::TakeBody(const Body& body, Round& round) {
  HEYI_TRY(record, round.snapshot->Version(*body.type, body.id, body.version));
  if (!record) return base::Done{};
  std::optional<fhir::Tree> current, previous;
  if (!body.deleted) {
    auto tree = round.snapshot->Tree(*record);
    if (!tree.ok()) return base::Done{};  // erased since: nothing of it can be told
    current = std::move(*tree);
  }
  if (body.version > 1) {
    HEYI_TRY(before, round.snapshot->Version(*body.type, body.id, body.version - 1));
    if (before && !before->deleted) {
      if (auto tree = round.snapshot->Tree(*before); tree.ok()) previous = std::move(*tree);
    }
  }
  ResourceChange change{body.deleted ? ChangeKind::kDelete
                        : previous   ? ChangeKind::kUpdate
                                     : ChangeKind::kCreate,
                        body.type,
                        body.id,
                        current ? &*current : nullptr,
                        previous ? &*previous : nullptr,
                        body.time_ms};
  for (auto& [id, subscriber] : subscribers_) {
    const SubscriptionDefinition* definition = subscriber.definition.get();
    if (definition == nullptr || definition->status == "off" || body.time_ms >= definition->end_ms ||
        !Concerns(*definition, change)) {
      continue;
    }
    std::string policy_row = AllowedBy(subscriber.row, body);
    if (policy_row.empty()) continue;
    AddEvent(id, subscriber, change, body, record->subjects, std::move(policy_row), round);
  }
  return base::Done{};
}

std::string SubscriptionFollower::AllowedBy(const SubscriberRow& row, const Body& body) const {
  std::string deciding;
  for (const base::Caller* caller : {&row.writer, &row.creator}) {
    const policy::Decision decision = services_.policy.Decide(
        {caller, policy::Action::kRead, body.type->name, static_cast<policy::Custody>(body.label)});
    if (!decision.allowed) return {};
    deciding = decision.row;
  }
  return deciding;
}

void SubscriptionFollower::AddEvent(const std::string& id, Subscriber& subscriber, const ResourceChange& change,
                                    const Body& body, const std::vector<uint64_t>& elders, std::string policy_row,
                                    Round& round) {
  const EventRow event{change.kind,  body.type->name, body.id, body.version,
                       body.time_ms, body.label,      elders,  std::move(policy_row)};
  const uint64_t number = ++subscriber.row.events;
  round.facts.push_back({std::string(kSubscriptionEventSpace), EventKey(id, number), EncodeEventRow(event)});
  while (number - subscriber.row.dropped > terms_.limits.events_kept) {
    ++subscriber.row.dropped;
    round.facts.push_back({std::string(kSubscriptionEventSpace), EventKey(id, subscriber.row.dropped), std::nullopt});
  }
  round.touched[id] = true;
}

base::Result<base::Done> SubscriptionFollower::TakeSubscription(const Body& body, const audit::Leaf& leaf,
                                                                Round& round) {
  if (body.deleted) {
    Forget(body.id, round);
    return base::Done{};
  }
  HEYI_TRY(record, round.snapshot->Version(*body.type, body.id, body.version));
  if (!record) return base::Done{};
  auto tree = round.snapshot->Tree(*record);
  if (!tree.ok()) return base::Done{};
  auto found = subscribers_.find(body.id);
  if (found == subscribers_.end()) {
    Subscriber subscriber;
    subscriber.row.creator = leaf.caller;
    subscriber.row.writer = leaf.caller;
    subscriber.row.start_t = body.t;
    found = subscribers_.emplace(body.id, std::move(subscriber)).first;
    round.facts.push_back({std::string(kSubscriptionDeliverySpace), body.id, EncodeDeliveryRow({body.t, 0, 0})});
  } else if (leaf.interaction != kSubscriptionStatusInteraction) {
    found->second.row.writer = leaf.caller;
  }
  found->second.row.version = body.version;
  found->second.row.status = tree->root().TextAt("status");
  found->second.definition = Understand(*tree);
  round.touched[body.id] = true;
  return base::Done{};
}

void SubscriptionFollower::Forget(const std::string& id, Round& round) {
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;
  const SubscriberRow& row = found->second.row;
  for (uint64_t number = row.dropped + 1; number <= row.events; ++number) {
    round.facts.push_back({std::string(kSubscriptionEventSpace), EventKey(id, number), std::nullopt});
  }
  round.facts.push_back({std::string(kSubscriptionDeliverySpace), id, std::nullopt});
  round.touched[id] = false;
  subscribers_.erase(found);
}

}  // namespace heyi::exchange
