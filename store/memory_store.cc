// The twin: the same contract as the file store in plain maps, searched by brute force. It exists to be compared with;
// it shares with the real one what prepares a write, and nothing of what stores, indexes or finds.
#include <algorithm>
#include <chrono>
#include <set>

#include "store/index/prepare.h"
#include "store/journal/format.h"
#include "store/limits.h"
#include "store/memory_snapshot.h"

namespace heyi::store {
namespace {

class MemoryStore : public Store {
 public:
  explicit MemoryStore(const StoreOptions& options)
      : memory_(std::make_shared<Memory>(options)), clock_(*options.clock), random_(*options.random) {}

  std::shared_ptr<const Snapshot> Now() const override {
    std::lock_guard lock(memory_->mutex);
    return std::make_shared<MemorySnapshot>(memory_, memory_->t, memory_->t);
  }

  base::Result<std::shared_ptr<const Snapshot>> At(uint64_t t) const override {
    std::lock_guard lock(memory_->mutex);
    const bool expired = t > memory_->t || (t < memory_->t && memory_->entries[t].time_ms < clock_.NowMs() - kCursorLifeMs);
    if (expired) return base::Error(base::ErrorKind::kGone, "store.expired");
    return std::shared_ptr<const Snapshot>(std::make_shared<MemorySnapshot>(memory_, t, memory_->t));
  }

  base::Result<PreparedWrite> PrepareWrite(const Snapshot& snapshot, const fhir::Tree& tree, uint32_t label) const override {
    return PrepareWriteOn(snapshot, memory_->indexer, Packer(), tree, label);
  }
  base::Result<PreparedWrite> PrepareDelete(const Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                            uint32_t label) const override {
    return PrepareDeleteOn(snapshot, memory_->indexer, type, id, label);
  }
  PreparedWrite PrepareBlob(std::string id, std::string_view bytes) const override {
    return PrepareBlobWith(Packer(), std::move(id), bytes);
  }
  std::string PostingOf(const fhir::Type& type, const fhir::Criterion& criterion) const override {
    return memory_->indexer.PostingOf(type, criterion);
  }

  void Commit(CommitDraft draft, Completion done) override {
    base::Result<CommitReceipt> result = [&] {
      std::lock_guard lock(memory_->mutex);
      return CommitLocked(std::move(draft));
    }();
    memory_->changed.notify_all();
    if (done) done(std::move(result));
  }

  uint64_t WaitBeyond(uint64_t t, uint32_t timeout_ms) const override {
    std::unique_lock lock(memory_->mutex);
    memory_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return memory_->t > t; });
    return memory_->t;
  }

  base::Result<base::Done> Follow(uint64_t from_t, const std::function<base::Result<bool>(const EntryView&)>& visit) const override {
    for (uint64_t t = std::max<uint64_t>(from_t, 1);; ++t) {
      StoredEntry entry;
      {
        std::lock_guard lock(memory_->mutex);
        if (t > memory_->t) return base::Done{};
        entry = memory_->entries[t - 1];
      }
      HEYI_TRY(more, visit(ViewOf(entry)));
      if (!more) return base::Done{};
    }
  }

  StoreHealth health() const override {
    std::lock_guard lock(memory_->mutex);
    return {true, "", memory_->t, memory_->t};
  }

 private:
  static EntryView ViewOf(const StoredEntry& entry) {
    EntryView view;
    view.kind = entry.kind;
    view.t = entry.t;
    view.time_ms = entry.time_ms;
    view.leaf = entry.leaf;
    view.facts = entry.facts;
    view.merkle_bytes = entry.merkle_bytes;
    for (const PackedBody& body : entry.bodies) {
      view.bodies.push_back({body.type, body.id, body.version, body.deleted, body.label, Pointer{}, body.salted_hash});
    }
    return view;
  }

  PackFunction Packer() const {
    return [this](std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot, uint32_t label) {
      return PackBody(std::move(type), std::move(id), version, raw, slot, label, memory_->no_dictionaries, random_);
    };
  }

  base::Result<CommitReceipt> CommitLocked(CommitDraft draft);
  base::Result<base::Done> CheckLocked(const CommitDraft& draft) const;
  base::Result<base::Done> CheckClaimsLocked(const CommitDraft& draft) const;
  void ApplyLocked(const CommitDraft& draft, uint64_t t, base::TimeMs time_ms);
  base::Result<base::Done> DeriveLocked(const CommitDraft& draft, const EntryView& entry);

  uint32_t DocidOf(const PreparedWrite& write) const {
    const auto found = memory_->resources.find({write.type->number, write.id});
    return found == memory_->resources.end() ? kNoDocid : found->second.front().record.docid;
  }

  std::shared_ptr<Memory> memory_;
  const base::Clock& clock_;
  base::Random& random_;
};

base::Error Stale(std::string_view what) { return base::Error(base::ErrorKind::kStale, "store.stale", {}, what); }

base::Result<base::Done> MemoryStore::CheckLocked(const CommitDraft& draft) const {
  if (!draft.writes.empty() && draft.kind != EntryKind::kCommit) {
    return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "only commits write resources");
  }
  std::set<std::pair<int, std::string>> own;
  for (const PreparedWrite& write : draft.writes) {
    if (write.type != nullptr) {
      const auto found = memory_->resources.find({write.type->number, write.id});
      const uint64_t version = found == memory_->resources.end() ? 0 : found->second.size();
      if (version != write.base_version) return Stale(write.type->name + "/" + write.id);
    }
    if (!own.insert({write.type != nullptr ? write.type->number : -1, write.id}).second || write.body.version != write.base_version + 1) {
      return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "a commit that contradicts itself");
    }
  }
  for (const FactCondition& condition : draft.fact_conditions) {
    if (AsOf(memory_->facts, {condition.space, condition.key}, memory_->t) != condition.expected) return Stale(condition.space);
  }
  for (const SearchCondition& condition : draft.search_conditions) {
    uint64_t changed = 0;
    if (condition.posting.empty()) {
      const auto found = memory_->changed_types.find(condition.type->number);
      if (found != memory_->changed_types.end()) changed = found->second;
    } else {
      // Any posting that begins so: a bare code names those of all systems.
      for (auto at = memory_->changed_postings.lower_bound(condition.posting);
           at != memory_->changed_postings.end() && at->first.starts_with(condition.posting); ++at) {
        changed = std::max(changed, at->second);
      }
    }
    if (changed > condition.as_of_t) return Stale(condition.type->name);
  }
  return CheckClaimsLocked(draft);
}

base::Result<base::Done> MemoryStore::CheckClaimsLocked(const CommitDraft& draft) const {
  std::map<Claim, std::string> taken;
  for (const PreparedWrite& write : draft.writes) {
    for (const Claim& claim : write.takes) {
      const auto [other, alone] = taken.emplace(claim, write.type->name + "/" + write.id);
      if (!alone) return base::Error(base::ErrorKind::kConflict, base::Outcome(memory_->indexer.Taken(claim, other->second)));
      const auto holder = memory_->holders.find(claim);
      if (holder == memory_->holders.end() || holder->second == DocidOf(write)) continue;
      const bool handed_over = std::any_of(draft.writes.begin(), draft.writes.end(), [&](const PreparedWrite& giver) {
        return giver.type != nullptr && DocidOf(giver) == holder->second &&
               std::find(giver.releases.begin(), giver.releases.end(), claim) != giver.releases.end();
      });
      if (handed_over) continue;
      const Name& name = memory_->docids[holder->second];
      const std::string& type_name = memory_->indexer.definitions().resources()[name.first - 1]->name;
      return base::Error(base::ErrorKind::kConflict, base::Outcome(memory_->indexer.Taken(claim, type_name + "/" + name.second)));
    }
  }
  return base::Done{};
}

void MemoryStore::ApplyLocked(const CommitDraft& draft, uint64_t t, base::TimeMs time_ms) {
  for (const PreparedWrite& write : draft.writes) {
    if (write.type == nullptr) {
      memory_->blobs[write.id][t] = write.body;
      continue;
    }
    const Name name{write.type->number, write.id};
    std::vector<StoredVersion>& versions = memory_->resources[name];
    StoredVersion version;
    version.record.docid = versions.empty() ? static_cast<uint32_t>(memory_->docids.size()) : versions.front().record.docid;
    version.record.version = write.body.version;
    version.record.t = t;
    version.record.time_ms = time_ms;
    version.record.deleted = write.body.deleted;
    version.record.label = write.body.label;
    version.record.subjects = write.subjects;
    version.record.pointer.slot = write.body.slot;
    version.body = write.body;
    if (versions.empty()) memory_->docids.push_back(name);
    versions.push_back(std::move(version));
    for (const std::string& posting : write.opens) memory_->changed_postings[posting] = t;
    for (const std::string& posting : write.closes) memory_->changed_postings[posting] = t;
    memory_->changed_types[write.type->number] = t;
    for (const Claim& claim : write.releases) {
      const auto holder = memory_->holders.find(claim);
      if (holder != memory_->holders.end() && holder->second == versions.front().record.docid) memory_->holders.erase(holder);
    }
  }
  for (const PreparedWrite& write : draft.writes) {
    for (const Claim& claim : write.takes) memory_->holders[claim] = DocidOf(write);
  }
}

base::Result<base::Done> MemoryStore::DeriveLocked(const CommitDraft& draft, const EntryView& entry) {
  class Reader : public FactReader {
   public:
    explicit Reader(const Memory& memory) : memory_(memory) {}
    base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const override {
      return AsOf(memory_.facts, {std::string(space), std::string(key)}, UINT64_MAX);
    }

   private:
    const Memory& memory_;
  };
  const Reader reader(*memory_);
  const auto put = [&](Fact fact) { memory_->facts[{fact.space, fact.key}][entry.t] = fact.value; };
  for (size_t i = 0; i < memory_->indexer.derived().size(); ++i) {
    std::vector<DerivedView::Change> changes;
    for (const PreparedWrite& write : draft.writes) {
      if (write.type == nullptr) continue;
      changes.push_back({write.type, write.id, write.body.version, write.body.deleted, write.marks[i].first, write.marks[i].second});
    }
    HEYI_CHECK(memory_->indexer.derived()[i]->Apply(entry, changes, reader, put));
  }
  for (const Fact& fact : entry.facts) put(fact);
  return base::Done{};
}

base::Result<CommitReceipt> MemoryStore::CommitLocked(CommitDraft draft) {
  HEYI_CHECK(CheckLocked(draft));
  const uint64_t t = memory_->t + 1;
  const base::TimeMs time_ms = std::max(clock_.NowMs(), memory_->time_ms);
  EntryDraft as_entry;
  as_entry.kind = draft.kind;
  as_entry.leaf = draft.leaf;
  as_entry.facts = draft.facts;
  for (const PreparedWrite& write : draft.writes) as_entry.bodies.push_back(write.body);
  std::string bytes;
  uint32_t crc = 0;
  AppendedEntry appended;
  AppendEntry(as_entry, t, time_ms, &bytes, &crc, &appended);

  memory_->entries.push_back({draft.kind, t, time_ms, std::move(draft.leaf), std::move(draft.facts), std::move(as_entry.bodies),
                              std::move(appended.merkle_bytes)});
  ApplyLocked(draft, t, time_ms);
  HEYI_CHECK(DeriveLocked(draft, ViewOf(memory_->entries.back())));
  memory_->t = t;
  memory_->time_ms = time_ms;
  return CommitReceipt{t, time_ms};
}

}  // namespace

std::unique_ptr<Store> MakeMemoryStore(const StoreOptions& options) { return std::make_unique<MemoryStore>(options); }

}  // namespace heyi::store
