// The store: commits go into the journal, reads come out of views that are made from it.
//
// A writer plans on a Snapshot, prepares its writes (rows, claims, compressed bodies) on its own thread, and hands a
// CommitDraft to the committer, which re-checks versions, conditions, facts and claims, appends the group, syncs,
// applies one batch to the views, publishes t and acknowledges. FileStore is the real one, MemoryStore its twin in
// plain maps: the same contract, by which the real one is tested.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "fhir/search/criteria.h"
#include "fhir/search/parameters.h"
#include "store/journal/journal.h"
#include "store/version.h"

namespace heyi::store {

// ---- what higher rooms hang in -------------------------------------------------------------------------------------

// A key that at most one current resource may hold (an inventory bed's one occupant).
struct Claim {
  std::string space;
  std::string key;
  auto operator<=>(const Claim&) const = default;
};

// A rule that every commit must keep, plain PUTs too. Pure; called on any thread, and again when views are rebuilt.
class CommitGuard {
 public:
  virtual ~CommitGuard() = default;
  virtual std::string_view name() const { return "guard"; }
  virtual uint32_t version() const { return 1; }  // raise it when Claims changes: the views are made again
  // The keys that this resource holds while it is current.
  virtual std::vector<Claim> Claims(const fhir::Tree& resource) const = 0;
  // The issue when `claim` is held by another resource ("Encounter/e7").
  virtual base::Issue Taken(const Claim& claim, std::string_view holder) const = 0;
};

class FactReader {
 public:
  virtual ~FactReader() = default;
  virtual base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const = 0;
};

// Facts that are counted out of the entries as they pass (free beds, the audit index, the Merkle frontier). They are
// not in the journal; rebuilding the views makes them again.
class DerivedView {
 public:
  virtual ~DerivedView() = default;
  virtual std::string_view name() const = 0;  // all its facts live in spaces that begin with this
  virtual uint32_t version() const { return 1; }  // raise it when Mark or Apply changes: the views are made again

  // What Apply needs to know of a resource; empty = nothing. Pure, any thread. Called for the new and the old version.
  virtual std::string Mark(const fhir::Tree& resource) const = 0;

  struct Change {
    const fhir::Type* type;
    std::string_view id;
    uint64_t version;
    bool deleted;
    std::string_view old_mark, new_mark;
  };
  // Called by the committer (or the rebuild) for every entry, in order. `facts` shows the facts as of before this
  // entry plus what this call has put already; `put` writes (nullopt removes).
  virtual base::Result<base::Done> Apply(const EntryView& entry, const std::vector<Change>& changes, const FactReader& facts,
                                         const std::function<void(Fact)>& put) = 0;
};

// ---- writing -------------------------------------------------------------------------------------------------------

// One resource version, ready for the committer. Made by Store::Prepare*.
struct PreparedWrite {
  const fhir::Type* type = nullptr;  // null: a blob
  std::string id;
  uint64_t base_version = 0;         // the version it was planned on; 0 = none there
  PackedBody body;
  std::vector<std::string> opens;    // posting prefixes (parameter, type, value) that begin
  std::vector<std::string> closes;   // … that end with the old version
  std::vector<Claim> takes, releases;
  std::vector<uint64_t> subjects;
  std::vector<std::pair<std::string, std::string>> marks;  // old and new, one a DerivedView
};

// "Nothing that could change this search's answer has been committed since t": a conditional interaction's premise.
struct SearchCondition {
  const fhir::Type* type = nullptr;
  std::string posting;   // a posting prefix, or empty: anything of the type
  uint64_t as_of_t = 0;
};

struct FactCondition {
  std::string space, key;
  std::optional<std::string> expected;
};

struct CommitDraft {
  EntryKind kind = EntryKind::kCommit;
  uint32_t patience_ms = 0;               // it may wait that long for others to share its group's sync
  std::string leaf;
  std::vector<PreparedWrite> writes;      // no resource twice
  std::vector<Fact> facts;
  std::vector<SearchCondition> search_conditions;
  std::vector<FactCondition> fact_conditions;
};

struct CommitReceipt {
  uint64_t t = 0;
  base::TimeMs time_ms = 0;
};

// ---- reading -------------------------------------------------------------------------------------------------------

// Decides on every hit, include, chained match and total whether the asking party may know of it. Cheap, pure.
using Visible = std::function<bool(const fhir::Type&, const VersionRecord&)>;

struct PagePosition {
  uint64_t t = 0;          // the snapshot that the search pages over
  std::string after;       // opaque but to store/query/after.h; empty = first page
};

struct SearchPage {
  std::vector<Hit> hits;
  std::optional<uint64_t> total;
  std::optional<PagePosition> next;
  uint64_t t = 0;
};

// The store as it was at t. Cheap to make, usable from any thread.
class Snapshot : public FactReader {
 public:
  virtual uint64_t t() const = 0;

  virtual base::Result<std::optional<VersionRecord>> Current(const fhir::Type& type, std::string_view id) const = 0;
  virtual base::Result<std::optional<VersionRecord>> Version(const fhir::Type& type, std::string_view id, uint64_t version) const = 0;
  // Newest first, versions below `before_version` (0 = from the newest), at most `limit`.
  virtual base::Result<std::vector<VersionRecord>> History(const fhir::Type& type, std::string_view id, uint64_t before_version,
                                                           size_t limit) const = 0;

  // The version's JSON with versionId and lastUpdated spliced in.
  virtual base::Result<std::string> Json(const VersionRecord& record) const = 0;
  // The same without them, as a tree.
  virtual base::Result<fhir::Tree> Tree(const VersionRecord& record) const = 0;
  virtual base::Result<std::optional<std::string>> Blob(std::string_view id) const = 0;

  // One page. `position.after` from an earlier page of the same request, or empty.
  //   errors  kTooLarge search.too-costly over kScanRowsMax rows
  virtual base::Result<SearchPage> Search(const fhir::SearchRequest& request, const Visible& visible, const PagePosition& position) const = 0;

  // Visits facts of `space` with keys >= `from_key` in order until `visit` returns false.
  virtual base::Result<base::Done> Facts(std::string_view space, std::string_view from_key,
                                         const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

  virtual uint64_t Count(const fhir::Type& type) const = 0;  // current, not deleted
};

struct StoreHealth {
  bool accepting = true;      // false: stopped acknowledging, see reason
  std::string reason;
  uint64_t last_t = 0;
  uint64_t applied_t = 0;
};

class Store {
 public:
  using Completion = std::function<void(base::Result<CommitReceipt>)>;
  virtual ~Store() = default;

  virtual std::shared_ptr<const Snapshot> Now() const = 0;
  // errors  kGone store.expired: older than kCursorLifeMs, or never was
  virtual base::Result<std::shared_ptr<const Snapshot>> At(uint64_t t) const = 0;

  // A create (no version at all, or a deleted one, on `snapshot`) or update of the resource in `tree`, whose id is set.
  virtual base::Result<PreparedWrite> PrepareWrite(const Snapshot& snapshot, const fhir::Tree& tree, uint32_t label) const = 0;
  virtual base::Result<PreparedWrite> PrepareDelete(const Snapshot& snapshot, const fhir::Type& type, std::string_view id, uint32_t label) const = 0;
  virtual PreparedWrite PrepareBlob(std::string id, std::string_view bytes) const = 0;
  // The posting prefix that decides a criterion by itself (one plain token or reference value), else empty.
  virtual std::string PostingOf(const fhir::Type& type, const fhir::Criterion& criterion) const = 0;

  // Queues a commit; `done` runs on the committer's thread, after the sync and after the views show it.
  //   errors  kStale: planned on what has changed since, plan again; kConflict: a guard's claim is taken;
  //           kUnavailable store.stopped
  virtual void Commit(CommitDraft draft, Completion done) = 0;
  base::Result<CommitReceipt> CommitAndWait(CommitDraft draft);

  // Blocks until an entry beyond `t` is visible or `timeout_ms` passed; returns the newest visible t.
  virtual uint64_t WaitBeyond(uint64_t t, uint32_t timeout_ms) const = 0;
  // Visits the entries t >= from_t that are visible (the feed).
  virtual base::Result<base::Done> Follow(uint64_t from_t, const std::function<base::Result<bool>(const EntryView&)>& visit) const = 0;

  virtual StoreHealth health() const = 0;
};

struct StoreOptions {
  std::string directory;                       // FORMAT, journal/, views/ live below it
  std::shared_ptr<const fhir::SearchParameters> parameters;
  std::vector<const CommitGuard*> guards;      // outlive the store
  std::vector<DerivedView*> derived;           // outlive the store
  const base::Clock* clock = nullptr;
  base::Random* random = nullptr;
  std::string dictionary;                      // for a new journal; empty = none
};

struct OpenReport {
  RecoveryReport journal;
  bool rebuilt = false;        // the views were missing, damaged, of another definitions pack, or ahead of the journal
  std::string why;
  uint64_t replayed = 0;       // entries applied at open
};

base::Result<std::unique_ptr<Store>> OpenFileStore(const StoreOptions& options, OpenReport* report);
std::unique_ptr<Store> MakeMemoryStore(const StoreOptions& options);  // `directory` is not used

}  // namespace heyi::store
