// What the twin holds: all that ever was, in plain maps, and how it looked at t.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "fhir/json/write.h"
#include "store/index/indexer.h"
#include "store/journal/pack.h"
#include "store/view/replay.h"

namespace heyi::store {

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
  MemorySnapshot(std::shared_ptr<Memory> memory, uint64_t t, uint64_t facts_t) : memory_(std::move(memory)), t_(t),
      facts_t_(facts_t) {}

  uint64_t t() const override { return t_; }

  base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const override {
    std::lock_guard lock(memory_->mutex);
    return AsOf(memory_->facts, {std::string(space), std::string(key)}, facts_t_);
  }

  base::Result<std::optional<VersionRecord>> Current(const fhir::Type& type, std::string_view id) const override {
    std::lock_guard lock(memory_->mutex);
    return CurrentLocked({type.number, std::string(id)});
  }

  base::Result<std::optional<VersionRecord>> Version(const fhir::Type& type, std::string_view id,
                                                     uint64_t number) const override {
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
      if (at->record.t <= t_ && (before_version == 0 ||
                                 at->record.version < before_version)) versions.push_back(at->record);
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

  base::Result<SearchPage> Search(const fhir::SearchRequest& request, const Visible& visible,
                                  const PagePosition& position) const override;  // memory_search.cc

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

  // For who holds the lock already.
  std::optional<VersionRecord> CurrentLocked(const Name& name) const {
    const StoredVersion* version = Newest(name);
    return version != nullptr ? std::optional(version->record) : std::nullopt;
  }
  base::Result<fhir::Tree> TreeLocked(const VersionRecord& record) const { return TreeOf(record); }

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

}  // namespace heyi::store
