// The twin: the same contract as the file store in plain maps, searched by brute force. It exists to be compared with;
// it shares with the real one what prepares a write, and nothing of what stores, indexes or finds.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "fhir/json/write.h"
#include "store/index/prepare.h"
#include "store/journal/format.h"
#include "store/journal/pack.h"
#include "store/limits.h"
#include "store/query/search.h"
#include "store/view/replay.h"

namespace heyi::store {
namespace {

using Name = std::pair<uint16_t, std::string>;  // type number, id

struct StoredVersion {
  VersionRecord record;
  PackedBody body;
};

struct StoredEntry {
  EntryKind kind;
  uint64_t t;
  base::TimeMs time_ms;
  std::string leaf;
  std::vector<Fact> facts;
  std::vector<PackedBody> bodies;
  std::string merkle_bytes;
};

template <typename T>
using Timeline = std::map<uint64_t, std::optional<T>>;  // t -> value from then on

template <typename T>
std::optional<T> AsOf(const Timeline<T>& line, uint64_t t) {
  auto at = line.upper_bound(t);
  return at == line.begin() ? std::nullopt : std::prev(at)->second;
}

template <typename Key, typename T>
std::optional<T> AsOf(const std::map<Key, Timeline<T>>& lines, const Key& key, uint64_t t) {
  const auto found = lines.find(key);
  return found == lines.end() ? std::nullopt : AsOf(found->second, t);
}

// All that ever was, under one lock.
struct Memory {
  explicit Memory(const StoreOptions& options) : indexer(options.parameters, options.guards, options.derived) {}
  Indexer indexer;
  DictionarySet no_dictionaries;
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
  std::map<Name, std::vector<StoredVersion>> resources;
  std::vector<Name> docids;
  std::map<std::pair<std::string, std::string>, Timeline<std::string>> facts;  // space, key
  std::map<Claim, uint32_t> holders;
  std::map<std::string, Timeline<PackedBody>> blobs;
  std::map<std::string, uint64_t> changed_postings;  // posting, or head of one: last t
  std::map<uint16_t, uint64_t> changed_types;
  std::vector<StoredEntry> entries;  // entry t stands at t - 1
};

class MemorySnapshot : public Snapshot {
 public:
  MemorySnapshot(std::shared_ptr<Memory> memory, uint64_t t, uint64_t facts_t) : memory_(std::move(memory)), t_(t), facts_t_(facts_t) {}

  uint64_t t() const override { return t_; }

  base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const override {
    std::lock_guard lock(memory_->mutex);
    return AsOf(memory_->facts, {std::string(space), std::string(key)}, facts_t_);
  }

  base::Result<std::optional<VersionRecord>> Current(const fhir::Type& type, std::string_view id) const override {
    std::lock_guard lock(memory_->mutex);
    const StoredVersion* version = Newest({type.number, std::string(id)});
    return version != nullptr ? std::optional(version->record) : std::nullopt;
  }

  base::Result<std::optional<VersionRecord>> Version(const fhir::Type& type, std::string_view id, uint64_t number) const override {
    std::lock_guard lock(memory_->mutex);
    const StoredVersion* version = Find({type.number, std::string(id)}, number);
    return version != nullptr && version->record.t <= t_ ? std::optional(version->record) : std::nullopt;
  }

  base::Result<std::vector<VersionRecord>> History(const fhir::Type& type, std::string_view id, uint64_t before_version,
                                                   size_t limit) const override {
    std::lock_guard lock(memory_->mutex);
    std::vector<VersionRecord> versions;
    const auto found = memory_->resources.find({type.number, std::string(id)});
    if (found == memory_->resources.end()) return versions;
    for (auto at = found->second.rbegin(); at != found->second.rend() && versions.size() < limit; ++at) {
      if (at->record.t <= t_ && (before_version == 0 || at->record.version < before_version)) versions.push_back(at->record);
    }
    return versions;
  }

  base::Result<std::string> Json(const VersionRecord& record) const override {
    std::lock_guard lock(memory_->mutex);
    HEYI_TRY(body, BodyOf(record));
    std::string json;
    fhir::AppendSpliced(body, record.pointer.slot, record.version, base::FormatInstant(record.time_ms), json);
    return json;
  }

  base::Result<fhir::Tree> Tree(const VersionRecord& record) const override {
    std::lock_guard lock(memory_->mutex);
    return TreeOf(record);
  }

  base::Result<std::optional<std::string>> Blob(std::string_view id) const override {
    std::lock_guard lock(memory_->mutex);
    const std::optional<PackedBody> blob = AsOf(memory_->blobs, std::string(id), facts_t_);
    if (!blob) return std::optional<std::string>();
    HEYI_TRY(bytes, Unpack(*blob));
    return std::optional<std::string>(std::move(bytes));
  }

  base::Result<SearchPage> Search(const fhir::SearchRequest& request, const Visible& visible, const PagePosition& position) const override;

  base::Result<base::Done> Facts(std::string_view space, std::string_view from_key,
                                 const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    std::lock_guard lock(memory_->mutex);
    for (auto at = memory_->facts.lower_bound({std::string(space), std::string(from_key)});
         at != memory_->facts.end() && at->first.first == space; ++at) {
      const std::optional<std::string> value = AsOf(at->second, facts_t_);
      if (value && !visit(at->first.second, *value)) break;
    }
    return base::Done{};
  }

  uint64_t Count(const fhir::Type& type) const override {
    std::lock_guard lock(memory_->mutex);
    uint64_t count = 0;
    for (auto at = memory_->resources.lower_bound({type.number, ""});
         at != memory_->resources.end() && at->first.first == type.number; ++at) {
      const StoredVersion* newest = NewestOf(at->second, facts_t_);
      if (newest != nullptr && !newest->record.deleted) ++count;
    }
    return count;
  }

 private:
  static const StoredVersion* NewestOf(const std::vector<StoredVersion>& versions, uint64_t t) {
    const StoredVersion* newest = nullptr;
    for (const StoredVersion& version : versions) {
      if (version.record.t <= t) newest = &version;
    }
    return newest;
  }
  const StoredVersion* Newest(const Name& name) const {
    const auto found = memory_->resources.find(name);
    return found != memory_->resources.end() ? NewestOf(found->second, t_) : nullptr;
  }
  const StoredVersion* Find(const Name& name, uint64_t version) const {
    const auto found = memory_->resources.find(name);
    if (found == memory_->resources.end() || version == 0 || version > found->second.size()) return nullptr;
    return &found->second[version - 1];
  }
  base::Result<std::string> Unpack(const PackedBody& body) const {
    const auto stored_size = static_cast<uint32_t>(body.stored.size());
    const Pointer pointer{0, 0, stored_size, body.raw_size, body.crc, body.slot, body.dictionary, body.codec};
    return UnpackBody(pointer, body.salt, body.stored, memory_->no_dictionaries);
  }
  base::Result<std::string> BodyOf(const VersionRecord& record) const {
    const StoredVersion* version = Find(memory_->docids[record.docid], record.version);
    if (version == nullptr || record.deleted) {
      return base::Error(base::ErrorKind::kGone, "store.no-body", {}, std::to_string(record.version));
    }
    return Unpack(version->body);
  }
  base::Result<fhir::Tree> TreeOf(const VersionRecord& record) const {
    HEYI_TRY(body, BodyOf(record));
    return ParseStored(std::move(body), record.pointer.slot, memory_->indexer.definitions());
  }

  std::shared_ptr<Memory> memory_;
  uint64_t t_;
  uint64_t facts_t_;
};

base::Result<SearchPage> MemorySnapshot::Search(const fhir::SearchRequest& request, const Visible& visible,
                                                const PagePosition& position) const {
  std::lock_guard lock(memory_->mutex);
  const bool by_time = request.sort == fhir::SortKey::kLastUpdated;
  using Place = std::pair<base::TimeMs, uint32_t>;
  const auto place_of = [by_time](const VersionRecord& record) { return Place(by_time ? record.time_ms : 0, record.docid); };
  const auto before = [&](const Place& a, const Place& b) { return by_time && request.sort_descending ? b < a : a < b; };

  std::vector<Hit> hits;
  for (auto at = memory_->resources.lower_bound({request.type->number, ""});
       at != memory_->resources.end() && at->first.first == request.type->number; ++at) {
    const StoredVersion* newest = NewestOf(at->second, t_);
    if (newest == nullptr || newest->record.deleted) continue;
    if (visible && !visible(*request.type, newest->record)) continue;
    HEYI_TRY(tree, TreeOf(newest->record));
    if (request.compartment && !fhir::InCompartment(tree, *request.compartment)) continue;
    if (!fhir::Matches(tree, at->first.second, newest->record.time_ms, request.criteria)) continue;
    hits.push_back({request.type, at->first.second, newest->record});
  }
  std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) { return before(place_of(a.record), place_of(b.record)); });

  SearchPage page;
  page.t = t_;
  if (request.want_total || request.count_only) page.total = hits.size();
  if (request.count_only || request.count == 0) return page;
  HEYI_TRY(after, ReadAfter(position.after, request.sort));
  for (Hit& hit : hits) {
    if (after && !before({after->time_ms, after->docid}, place_of(hit.record))) continue;
    if (page.hits.size() == request.count) {
      const VersionRecord& last = page.hits.back().record;
      page.next = PagePosition{t_, by_time ? AfterTime(last.time_ms, last.docid) : AfterDocid(last.docid)};
      break;
    }
    page.hits.push_back(std::move(hit));
  }
  return page;
}

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
