#include "exchange/inbox/retention.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/inbox/parked.h"
#include "exchange/outbox/outbox.h"
#include "exchange/hub_caller.h"

namespace heyi::exchange {
namespace {

constexpr base::TimeMs kDayMs = 86'400'000, kPauseMs = 3'600'000;
constexpr size_t kCulledARound = 200;
constexpr size_t kDepartmentsMax = 100;
constexpr std::string_view kRetentionSpace = "retention";  // stage -> everything that came before this is treated, ms

store::Fact Gone(std::string_view space, std::string_view key) { return {std::string(space), std::string(key), std::nullopt}; }

// The row becomes `after`, unless others have changed it since.
void Replace(std::string_view key, const std::string& text, const InboxRow& before, const InboxRow* after, store::CommitDraft& draft) {
  draft.fact_conditions.push_back({std::string(kInboxSpace), std::string(key), text});
  draft.facts.push_back({std::string(kInboxSpace), std::string(key), after != nullptr ? std::optional<std::string>(EncodeInboxRow(*after)) : std::nullopt});
  for (store::Fact& fact : IndexFacts(key, &before, after)) draft.facts.push_back(std::move(fact));
}

bool IsOpen(const InboxRow& row) { return row.state == InboxState::kReceived || row.state == InboxState::kParked; }

base::Result<base::Done> DropRaw(const store::Snapshot&, std::string_view key, const std::string& text, InboxRow row, base::TimeMs, store::CommitDraft& draft) {
  if (IsOpen(row) || row.blob.empty()) return base::Done{};
  InboxRow after = row;
  after.blob.clear();
  Replace(key, text, row, &after, draft);
  return base::Done{};
}

base::Result<base::Done> Expire(const store::Snapshot& snapshot, std::string_view key, const std::string& text, InboxRow row, base::TimeMs now_ms,
                                store::CommitDraft& draft) {
  if (row.state != InboxState::kParked) return base::Done{};
  HEYI_TRY(parked, FindParkedRow(snapshot, key));
  InboxRow after = row;
  after.Enter(InboxState::kExpired, now_ms);
  after.blob.clear();
  Replace(key, text, row, &after, draft);
  if (parked) {
    for (store::Fact& fact : ParkedFacts(key, &*parked, nullptr)) draft.facts.push_back(std::move(fact));
  }
  return base::Done{};
}

base::Result<base::Done> DropLineage(const store::Snapshot& snapshot, std::string_view key, const std::string&, InboxRow, base::TimeMs,
                                     store::CommitDraft& draft) {
  for (const std::string_view space : {std::string_view("lineage"), std::string_view("unread"), kOutputsSpace, kOutrankedSpace}) {
    HEYI_TRY(fact, snapshot.Fact(space, key));
    if (fact) draft.facts.push_back(Gone(space, key));
  }
  return base::Done{};
}

base::Result<base::Done> Forget(const store::Snapshot& snapshot, std::string_view key, const std::string& text, InboxRow row, base::TimeMs now_ms,
                                store::CommitDraft& draft) {
  if (IsOpen(row)) return base::Done{};
  HEYI_CHECK(DropLineage(snapshot, key, text, row, now_ms, draft));
  Replace(key, text, row, nullptr, draft);
  return base::Done{};
}

}  // namespace

base::Result<bool> Culler::Step() {
  bool more = false;
  const auto over = [&](std::string_view stage, std::string_view prefix, uint32_t days, Treat treat) -> base::Result<base::Done> {
    HEYI_TRY(left, StepOver(stage, prefix, days, treat));
    more = more || left;
    return base::Done{};
  };
  HEYI_CHECK(over("raw", IndexAll(), retention_.raw_days, DropRaw));
  HEYI_CHECK(over("parked", IndexOfState(InboxState::kParked), retention_.parked_days, Expire));
  HEYI_CHECK(over("lineage", IndexAll(), retention_.lineage_days, DropLineage));
  HEYI_CHECK(over("repeat", IndexAll(), retention_.repeat_days, Forget));
  HEYI_TRY(dead, StepOutbox(kDeadSpace, retention_.dead_days));
  HEYI_TRY(delivered, StepOutbox(kDeliveredSpace, retention_.delivered_days));
  HEYI_TRY(dropped, StepOutbox(kDroppedSpace, retention_.dead_days));
  return more || dead || dropped || delivered;
}

base::Result<bool> Culler::StepOver(std::string_view stage, std::string_view prefix, uint32_t days, Treat treat) {
  if (days == 0) return false;
  const auto snapshot = services_.store.Now();
  const base::TimeMs limit_ms = clock_.NowMs() - days * kDayMs;
  Walk& walk = walks_[std::string(stage)];
  const bool has_own_index = stage == "parked";  // what was treated is no longer there
  if (!walk.under_way) {
    if (clock_.NowMs() < walk.due_ms) return false;
    HEYI_TRY(treated, snapshot->Fact(kRetentionSpace, stage));
    walk = {has_own_index || !treated ? 0 : std::strtoll(treated->c_str(), nullptr, 10), limit_ms, limit_ms, 0, {}, true};
  }
  std::vector<std::string> keys;
  std::string last;
  size_t seen = 0;
  HEYI_CHECK(WalkIndex(*snapshot, prefix, walk.from_ms, walk.to_ms, walk.after, [&](const IndexHit& hit) {
    keys.emplace_back(hit.key);
    last = hit.index_key;
    return ++seen < kCulledARound;
  }));
  store::CommitDraft draft;
  for (const std::string& key : keys) {
    HEYI_TRY(text, snapshot->Fact(kInboxSpace, key));
    if (!text) continue;
    HEYI_TRY(row, DecodeInboxRow(*text));
    if (IsOpen(row)) walk.open_ms = std::min(walk.open_ms, row.received_ms);  // is met again by the next walk
    HEYI_CHECK(treat(*snapshot, key, *text, std::move(row), clock_.NowMs(), draft));
  }
  const bool ended = seen < kCulledARound;
  if (ended && !has_own_index) draft.facts.push_back({std::string(kRetentionSpace), std::string(stage), std::to_string(walk.open_ms)});
  if (!draft.facts.empty()) HEYI_CHECK(Commit(std::move(draft)));
  walk.after = std::move(last);
  walk.under_way = !ended;
  walk.due_ms = clock_.NowMs() + kPauseMs;
  return !ended;
}

base::Result<base::Done> Culler::Commit(store::CommitDraft draft) const {
  audit::Leaf leaf;
  leaf.caller = HubCaller();
  leaf.action = audit::Action::kDelete;
  leaf.interaction = "retention";
  draft.leaf = audit::EncodeLeaf(leaf);
  HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  return base::Done{};
}

// The last entry that was written before `ms`; 0 where there is none.
base::Result<uint64_t> Culler::LastBefore(base::TimeMs ms) const {
  uint64_t low = 0, high = services_.store.health().last_t;
  while (low < high) {
    const uint64_t middle = low + (high - low + 1) / 2;
    base::TimeMs at_ms = 0;
    HEYI_CHECK(services_.store.Follow(middle, [&](const store::EntryView& entry) -> base::Result<bool> {
      at_ms = entry.time_ms;
      return false;
    }));
    if (at_ms < ms) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Keys are department/t/position: per department in order of time.
base::Result<bool> Culler::StepOutbox(std::string_view space, uint32_t days) {
  base::TimeMs& due_ms = outbox_due_[std::string(space)];
  if (days == 0 || clock_.NowMs() < due_ms) return false;
  HEYI_TRY(last, LastBefore(clock_.NowMs() - days * kDayMs));
  const auto snapshot = services_.store.Now();
  const std::string limit = fmt::format("{:016x}", last + 1);
  store::CommitDraft draft;
  std::string from;
  for (size_t i = 0; i < kDepartmentsMax && draft.facts.size() < kCulledARound; ++i) {
    std::string department;
    HEYI_CHECK(snapshot->Facts(space, from, [&](std::string_view key, std::string_view) {
      if (department.empty()) department = key.substr(0, key.find('/') + 1);
      if (!key.starts_with(department) || key.substr(department.size(), limit.size()) >= limit) return false;
      draft.facts.push_back(Gone(space, key));
      return draft.facts.size() < kCulledARound;
    }));
    if (department.empty()) break;
    from = department;
    from.back() = '0';  // behind all of that department: '0' follows '/'
  }
  const bool more = draft.facts.size() == kCulledARound;
  if (!more) due_ms = clock_.NowMs() + kPauseMs;
  if (!draft.facts.empty()) HEYI_CHECK(Commit(std::move(draft)));
  return more;
}

}  // namespace heyi::exchange
