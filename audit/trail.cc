#include "audit/trail.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "audit/index.h"
#include "audit/limits.h"
#include "base/text.h"

namespace heyi::audit {
namespace {

using base::Error;
using base::ErrorKind;
using store::EntryView;

constexpr size_t kBatch = 512;  // index rows taken before their entries are read

TrailEntry EntryOf(Source source, const EntryView& entry) {
  return {source, entry.t, entry.time_ms, LeafOrUnreadable(entry.leaf)};
}

// The order of a trail: time, then the data journal first, then t.
auto Place(const TrailEntry& entry) { return std::tuple(entry.time_ms, entry.source == Source::kAccess, entry.t); }

bool Concerns(const Leaf& leaf, const TrailQuery& query) {
  if (query.elder && std::find(leaf.elders.begin(), leaf.elders.end(), *query.elder) == leaf.elders.end()) return false;
  return !query.agent || leaf.caller.client == *query.agent || leaf.caller.person == *query.agent ||
         leaf.caller.organization == *query.agent || leaf.recipient == *query.agent;
}

// One journal's part of a search: entries in order, from a first t on, until `limit` are found.
class JournalSearch {
 public:
  JournalSearch(Source source, const store::Store& store, const TrailQuery& query, size_t limit)
      : source_(source), store_(store), query_(query), limit_(limit) {}

  // Entries later than `after` where given.
  base::Result<std::vector<TrailEntry>> Run(const TrailEntry* after) {
    after_ = after;
    base::TimeMs from_ms = query_.from_ms;
    if (after != nullptr) from_ms = std::max(from_ms, after->time_ms);
    HEYI_TRY(first_t, FirstAt(from_ms));
    if (first_t == 0) return std::move(found_);
    if (query_.elder) {
      HEYI_CHECK(ByIndex(kElderSpace, *query_.elder, first_t));
    } else if (query_.agent) {
      HEYI_CHECK(ByIndex(kAgentSpace, base::Hash64(*query_.agent), first_t));
    } else {
      HEYI_CHECK(Straight(first_t));
    }
    return std::move(found_);
  }

 private:
  // The t of the first entry of the second of `from_ms`, or of the next one that has any; 0 where there is none.
  base::Result<uint64_t> FirstAt(base::TimeMs from_ms) {
    uint64_t t = 0;
    HEYI_CHECK(store_.Now()->Facts(kTimeSpace, TimeRowKey(from_ms), [&](std::string_view key, std::string_view) {
      t = base::BigAt<uint64_t>(key, sizeof(uint64_t));
      return false;
    }));
    return t;
  }

  base::Result<base::Done> Straight(uint64_t first_t) {
    return store_.Follow(first_t, [&](const EntryView& entry) -> base::Result<bool> { return Take(entry); });
  }

  base::Result<base::Done> ByIndex(std::string_view space, uint64_t first, uint64_t first_t) {
    std::string from = IndexKey(first, first_t);
    for (std::vector<uint64_t> ts;; ts.clear()) {
      const std::string prefix = from.substr(0, sizeof(uint64_t));
      HEYI_CHECK(store_.Now()->Facts(space, from, [&](std::string_view key, std::string_view) {
        if (!key.starts_with(prefix)) return false;
        ts.push_back(base::BigAt<uint64_t>(key, sizeof(uint64_t)));
        return ts.size() < kBatch;
      }));
      for (uint64_t t : ts) {
        bool more = true;
        HEYI_CHECK(store_.Follow(t, [&](const EntryView& entry) -> base::Result<bool> {
          auto taken = Take(entry);
          if (!taken.ok()) return taken;
          more = *taken;
          return false;  // this one entry only
        }));
        if (!more) return base::Done{};
      }
      if (ts.size() < kBatch) return base::Done{};
      from = IndexKey(first, ts.back() + 1);
    }
  }

  // Whether to go on.
  base::Result<bool> Take(const EntryView& entry) {
    if (entry.time_ms >= query_.to_ms || found_.size() >= limit_) return false;
    if (entry.time_ms < query_.from_ms) return true;  // of the second in which it begins
    if (++seen_ > kTrailScanMax) return Error(ErrorKind::kTooLarge, "audit.too-costly", {}, std::to_string(kTrailScanMax));
    if (entry.leaf.empty()) return true;
    TrailEntry candidate = EntryOf(source_, entry);
    if (after_ != nullptr && Place(candidate) <= Place(*after_)) return true;
    if (Concerns(candidate.leaf, query_)) found_.push_back(std::move(candidate));
    return found_.size() < limit_;
  }

  const Source source_;
  const store::Store& store_;
  const TrailQuery& query_;
  const size_t limit_;
  const TrailEntry* after_ = nullptr;
  size_t seen_ = 0;
  std::vector<TrailEntry> found_;
};

// All facts of the tree in one visit, so that they belong together whatever is committed meanwhile.
base::Result<TreeHead> HeadOf(Source source, const store::Store& store) {
  uint64_t size = 0;
  std::map<std::string, std::string> nodes;
  HEYI_CHECK(store.Now()->Facts(kTreeSpace, {}, [&](std::string_view key, std::string_view value) {
    if (key == kTreeSizeKey && value.size() == 2 * sizeof(uint64_t)) {
      size = base::BigAt<uint64_t>(value);
    } else {
      nodes.emplace(key, value);
    }
    return true;
  }));
  TreeHead head{source, size, {}, {}};
  for (TreeHash hash : {TreeHash::kSha256, TreeHash::kSm3}) {
    std::string encoded = MerkleFrontier(hash).Encode();
    encoded.resize(2);  // version and hash; the size and the subtrees, largest first, follow
    base::PutLittle(encoded, size);
    for (unsigned level = 64; level-- > 0;) {
      if ((size >> level & 1) != 0) encoded += nodes[TreeKey(hash, level)];
    }
    HEYI_TRY(frontier, MerkleFrontier::Decode(encoded));
    (hash == TreeHash::kSha256 ? head.sha256 : head.sm3) = frontier.Root();
  }
  return head;
}

}  // namespace

std::string TrailEntry::event_id() const { return fmt::format("{}-{}", static_cast<char>(source), t); }

base::Result<std::vector<TrailEntry>> Trail::Find(const TrailQuery& query) const {
  const size_t limit = std::min(query.limit, kTrailPageMax);
  std::vector<TrailEntry> found;
  if (limit == 0 || query.from_ms >= query.to_ms) return found;
  std::optional<TrailEntry> after;
  if (!query.after.empty()) {
    HEYI_TRY(read, Read(query.after));
    after = std::move(read);
  }
  const TrailEntry* behind = after ? &*after : nullptr;
  HEYI_TRY(of_data, JournalSearch(Source::kData, data_, query, limit).Run(behind));
  HEYI_TRY(of_access, JournalSearch(Source::kAccess, access_, query, limit).Run(behind));
  std::merge(std::make_move_iterator(of_data.begin()), std::make_move_iterator(of_data.end()),
             std::make_move_iterator(of_access.begin()), std::make_move_iterator(of_access.end()), std::back_inserter(found),
             [](const TrailEntry& a, const TrailEntry& b) { return Place(a) < Place(b); });
  if (found.size() > limit) found.resize(limit);
  return found;
}

base::Result<TrailEntry> Trail::Read(std::string_view event_id) const {
  const Error missing(ErrorKind::kNotFound, "audit.not-found", {}, event_id);
  uint64_t t = 0;
  // "d-7" only, never "d-07": one event has one id.
  if (event_id.size() < 3 || event_id[1] != '-' || event_id[2] == '0' || !base::ParseUnsigned(event_id.substr(2), &t)) return missing;
  if (event_id[0] != static_cast<char>(Source::kData) && event_id[0] != static_cast<char>(Source::kAccess)) return missing;
  const auto source = static_cast<Source>(event_id[0]);
  std::optional<TrailEntry> found;
  HEYI_CHECK((source == Source::kData ? data_ : access_).Follow(t, [&](const EntryView& entry) -> base::Result<bool> {
    if (entry.t == t && !entry.leaf.empty()) found = EntryOf(source, entry);
    return false;
  }));
  if (!found) return missing;
  return std::move(*found);
}

base::Result<std::vector<TreeHead>> Trail::Heads() const {
  HEYI_TRY(data, HeadOf(Source::kData, data_));
  HEYI_TRY(access, HeadOf(Source::kAccess, access_));
  return std::vector<TreeHead>{data, access};
}

}  // namespace heyi::audit
