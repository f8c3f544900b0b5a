#include "exchange/inbox/waiting.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/targets.h"

namespace heyi::exchange {
namespace {

constexpr size_t kTriesARound = 200;
constexpr size_t kDueARound = 100;
constexpr size_t kWaitersARound = 1'000;  // of one thing

// "Patient" of "Patient|system|value" or "Patient/id".
std::string TypeOfWait(const std::string& wait) { return wait.substr(0, wait.find_first_of("|/")); }

}  // namespace

void ParkedFollower::Note(const std::string& key) {
  std::lock_guard lock(mutex_);
  noted_.insert(key);
}

base::Result<base::Done> ParkedFollower::NoteAll() {
  return services_.store.Now()->Facts(kParkedSpace, "", [&](std::string_view key, std::string_view) {
    Note(std::string(key));
    return true;
  });
}

base::Result<bool> ParkedFollower::Advance(size_t entries_max) {
  std::set<std::string> noted;
  {
    std::lock_guard lock(mutex_);
    noted.swap(noted_);
  }
  const auto snapshot = services_.store.Now();  // behind what was noted, so it shows that
  if (auto looked = LookAtNoted(*snapshot, noted); !looked.ok()) {
    std::lock_guard lock(mutex_);
    noted_.merge(noted);
    return std::move(looked).error();
  }
  HEYI_CHECK(LookAtDue(*snapshot));
  if (!types_.empty()) {
    bool waits = false;
    HEYI_CHECK(snapshot->Facts(kParkedWaitsSpace, "", [&](std::string_view, std::string_view) {
      waits = true;
      return false;
    }));
    if (!waits) types_.clear();
  }
  if (types_.empty()) {
    reached_ = snapshot->t();
  } else {
    HEYI_CHECK(LookAtFeed(*snapshot, entries_max));
  }
  for (size_t tried = 0; tried < kTriesARound && !ready_.empty(); ++tried) {
    const std::string key = ready_.begin()->key;
    ready_.erase(ready_.begin());
    try_again_(key);
  }
  return !ready_.empty() || reached_ < snapshot->t();
}

// What was parked a moment ago may have missed what arrived a moment before.
base::Result<base::Done> ParkedFollower::LookAtNoted(const store::Snapshot& snapshot, const std::set<std::string>& noted) {
  for (const std::string& key : noted) {
    HEYI_TRY(row, FindParkedRow(snapshot, key));
    if (!row || row->tries >= kParkedTriesMax) continue;
    bool there = false;
    for (const std::string& wait : row->waits) {
      types_.insert(TypeOfWait(wait));
      if (there) continue;
      HEYI_TRY(now, IsThere(snapshot, wait));
      there = now;
    }
    if (there) HEYI_CHECK(MakeReady(snapshot, key));
  }
  return base::Done{};
}

base::Result<base::Done> ParkedFollower::LookAtDue(const store::Snapshot& snapshot) {
  const std::string now = fmt::format("{:016x}", static_cast<uint64_t>(clock_.NowMs()));
  std::vector<std::string> due;
  HEYI_CHECK(snapshot.Facts(kParkedDueSpace, "", [&](std::string_view due_key, std::string_view) {
    if (due_key.substr(0, 16) > now || due.size() == kDueARound) return false;
    due.emplace_back(due_key.substr(17));
    return true;
  }));
  for (const std::string& key : due) HEYI_CHECK(MakeReady(snapshot, key));
  return base::Done{};
}

base::Result<base::Done> ParkedFollower::LookAtFeed(const store::Snapshot& snapshot, size_t entries_max) {
  struct Changed {
    std::string type, id;
    uint64_t version;
  };
  std::vector<Changed> changed;
  size_t seen = 0;
  uint64_t reached = reached_;
  HEYI_CHECK(services_.store.Follow(reached_ + 1, [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t > snapshot.t() || seen++ == entries_max) return false;
    reached = entry.t;
    for (const store::BodyView& body : entry.bodies) {
      if (!body.deleted && types_.contains(std::string(body.type))) changed.push_back({std::string(body.type), std::string(body.id), body.version});
    }
    return true;
  }));
  for (const Changed& one : changed) {
    HEYI_CHECK(Arrived(snapshot, WaitForId(one.type, one.id)));
    const fhir::Type* type = services_.definitions().FindResource(one.type);
    if (type == nullptr) continue;
    HEYI_TRY(record, snapshot.Version(*type, one.id, one.version));
    if (!record || record->deleted) continue;
    HEYI_TRY(tree, snapshot.Tree(*record));
    const fhir::Node identifiers = tree.root().Member("identifier");
    if (identifiers.is_object()) HEYI_CHECK(Arrived(snapshot, WaitForIdentifier(one.type, identifiers.TextAt("system"), identifiers.TextAt("value"))));
    for (fhir::Node number = identifiers.is_array() ? identifiers.first_child() : fhir::Node(); number; number = number.next()) {
      HEYI_CHECK(Arrived(snapshot, WaitForIdentifier(one.type, number.TextAt("system"), number.TextAt("value"))));
    }
  }
  reached_ = reached;  // with an error on the way the round is looked at again
  return base::Done{};
}

base::Result<bool> ParkedFollower::IsThere(const store::Snapshot& snapshot, const std::string& wait) const {
  const fhir::Type* type = services_.definitions().FindResource(TypeOfWait(wait));
  if (type == nullptr) return false;
  const size_t bar = wait.find('|');
  if (bar == std::string::npos) {
    HEYI_TRY(record, snapshot.Current(*type, wait.substr(wait.find('/') + 1)));
    return record && !record->deleted;
  }
  const size_t second = wait.find('|', bar + 1);
  const std::string token = EscapedSearchValue(wait.substr(bar + 1, second - bar - 1)) + "|" + EscapedSearchValue(wait.substr(second + 1));
  HEYI_TRY(search, fhir::ParseSearch(*type, {{"identifier", token}}, /*lenient=*/false, *services_.parameters));
  fhir::SearchRequest request;
  request.type = type;
  request.criteria = search.criteria;
  request.count = 1;
  HEYI_TRY(page, snapshot.Search(request, nullptr, {snapshot.t(), {}}));
  return !page.hits.empty();
}

base::Result<base::Done> ParkedFollower::Arrived(const store::Snapshot& snapshot, const std::string& wait) {
  const std::string prefix = WaitPrefix(wait);
  std::vector<std::string> keys;
  HEYI_CHECK(snapshot.Facts(kParkedWaitsSpace, prefix, [&](std::string_view index_key, std::string_view) {
    if (!index_key.starts_with(prefix) || keys.size() == kWaitersARound) return false;
    keys.emplace_back(index_key.substr(prefix.size()));
    return true;
  }));
  for (const std::string& key : keys) HEYI_CHECK(MakeReady(snapshot, key));
  return base::Done{};
}

base::Result<base::Done> ParkedFollower::MakeReady(const store::Snapshot& snapshot, const std::string& key) {
  HEYI_TRY(parked, FindParkedRow(snapshot, key));
  if (!parked || parked->tries >= kParkedTriesMax) return base::Done{};
  HEYI_TRY(row, FindInboxRow(snapshot, key));
  if (row && row->state == InboxState::kParked) ready_.insert({row->received_ms, key});
  return base::Done{};
}

}  // namespace heyi::exchange
