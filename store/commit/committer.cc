#include "store/commit/committer.h"

#include <algorithm>

#include "base/fault.h"
#include "base/log.h"
#include "store/limits.h"

namespace heyi::store {
namespace {

constexpr size_t kGroupEntriesMax = 4'096;

uint64_t BytesOf(const CommitDraft& draft) {
  uint64_t bytes = 128 + draft.leaf.size();
  for (const PreparedWrite& write : draft.writes) bytes += 128 + write.body.stored.size();
  for (const Fact& fact : draft.facts) bytes += 16 + fact.key.size() + (fact.value ? fact.value->size() : 0);
  return bytes;
}

std::string ReasonOf(const base::Error& error) {
  if (error.outcome.empty()) return "unknown";
  const base::Issue& issue = error.outcome.issues().front();
  return issue.detail.empty() ? base::EnglishText(issue) : issue.detail;
}

}  // namespace

Committer::Committer(Journal& journal, ViewDb& db, const Indexer& indexer, Horizon& horizon, const ViewState& state, Publish publish)
    : journal_(journal), db_(db), indexer_(indexer), horizon_(horizon), state_(state), publish_(std::move(publish)),
      watch_(state.applied_t), throttle_(db), thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  queued_.notify_one();
  thread_.join();
}

void Committer::Commit(CommitDraft draft, Store::Completion done) {
  const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(draft.patience_ms);
  bool sooner = false;
  {
    std::lock_guard lock(mutex_);
    sooner = queue_.empty() || due < begin_at_;
    if (sooner) begin_at_ = due;
    queue_.push_back({std::move(draft), std::move(done), {}, CommitReceipt()});
  }
  if (sooner) queued_.notify_one();
}

void Committer::Stop(std::string_view reason) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  stopped_ = reason;
  base::Log(base::LogLevel::kError, "store-stopped", {{"reason", reason}});
}

std::optional<std::string> Committer::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

base::Error Committer::StoppedError() const {
  return base::Error(base::ErrorKind::kUnavailable, "store.stopped", {}, stopped().value_or(""));
}

// Derived facts are known only when an entry has been applied, so a draft that asks for one begins a group.
bool Committer::OnDerivedFacts(const CommitDraft& draft) const {
  for (const FactCondition& condition : draft.fact_conditions) {
    for (const DerivedView* view : indexer_.derived()) {
      if (condition.space.starts_with(view->name())) return true;
    }
  }
  return false;
}

std::vector<Committer::Item> Committer::TakeGroup() {
  std::unique_lock lock(mutex_);
  for (;;) {
    queued_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    const auto begin_at = begin_at_;
    if (closing_ || queue_.size() >= kGroupEntriesMax || std::chrono::steady_clock::now() >= begin_at) break;
    queued_.wait_until(lock, begin_at, [&] { return closing_ || begin_at_ < begin_at; });
  }
  std::vector<Item> group;
  uint64_t bytes = 0;
  while (!queue_.empty() && group.size() < kGroupEntriesMax) {
    const CommitDraft& next = queue_.front().draft;
    bytes += BytesOf(next);
    if (!group.empty() && (bytes > kGroupBytesMax || OnDerivedFacts(next))) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  begin_at_ = {};  // what was left over has waited long enough
  return group;
}

void Committer::Run() {
  for (;;) {
    std::vector<Item> group = TakeGroup();
    if (group.empty()) return;
    if (stopped()) {
      for (Item& item : group) item.result = StoppedError();
    } else {
      Process(group);
    }
    for (Item& item : group) {
      if (item.done) item.done(std::move(item.result));
    }
  }
}

void Committer::Process(std::vector<Item>& group) {
  ViewWriter writer(db_, indexer_, state_, horizon_);
  const ViewReader reader(db_, nullptr, kTMax, indexer_.definitions());
  GroupCheck check(writer, reader, indexer_, watch_, state_.next_docid);
  std::vector<Item*> accepted;
  for (Item& item : group) {
    auto applied = check.Accept(item.draft, state_.applied_t + 1 + accepted.size());
    if (applied.ok()) {
      item.applied = std::move(*applied);
      accepted.push_back(&item);
      continue;
    }
    // A view that cannot be read can no longer be trusted with what depends on it.
    if (applied.error().kind == base::ErrorKind::kUnavailable) Stop(ReasonOf(applied.error()));
    item.result = std::move(applied).error();
  }
  if (stopped()) {
    for (Item* item : accepted) item->result = StoppedError();
    return;
  }
  if (accepted.empty()) return;
  if (auto written = WriteGroup(accepted, writer); !written.ok()) {
    Stop(ReasonOf(written.error()));
    for (Item* item : accepted) item->result = StoppedError();
  }
}

base::Result<base::Done> Committer::WriteGroup(std::vector<Item*>& accepted, ViewWriter& writer) {
  std::vector<EntryDraft> drafts(accepted.size());
  std::vector<EntryDraft*> group;
  for (size_t i = 0; i < accepted.size(); ++i) {
    CommitDraft& draft = accepted[i]->draft;
    drafts[i].kind = draft.kind;
    drafts[i].leaf = std::move(draft.leaf);
    drafts[i].facts = std::move(draft.facts);
    for (PreparedWrite& write : draft.writes) drafts[i].bodies.push_back(std::move(write.body));
    group.push_back(&drafts[i]);
  }
  HEYI_TRY(appended, journal_.Append(group));
  base::FaultPoint("store.appended");

  for (size_t i = 0; i < accepted.size(); ++i) {
    EntryView entry;
    entry.kind = drafts[i].kind;
    entry.t = appended[i].t;
    entry.time_ms = appended[i].time_ms;
    entry.leaf = drafts[i].leaf;
    entry.merkle_bytes = appended[i].merkle_bytes;
    for (size_t b = 0; b < drafts[i].bodies.size(); ++b) {
      const PackedBody& body = drafts[i].bodies[b];
      accepted[i]->applied[b].pointer = appended[i].pointers[b];
      entry.bodies.push_back({body.type, body.id, body.version, body.deleted, body.label, appended[i].pointers[b], body.salted_hash});
    }
    entry.facts = std::move(drafts[i].facts);
    HEYI_CHECK(writer.Apply(entry, accepted[i]->applied));
    accepted[i]->result = CommitReceipt{entry.t, entry.time_ms};
  }
  base::FaultPoint("store.view-write");
  throttle_.Pause(writer.batch_bytes());
  HEYI_CHECK(writer.Finish());
  publish_(state_);
  base::FaultPoint("store.published");
  return base::Done{};
}

}  // namespace heyi::store
