#include "store/view/horizon.h"

#include "base/bytes.h"
#include "store/index/posting.h"
#include "store/view/keys.h"

namespace heyi::store {
namespace {
constexpr base::TimeMs kSampleEveryMs = 60'000;
}

base::Result<base::Done> Horizon::Load(const ViewDb& db) {
  std::lock_guard lock(mutex_);
  samples_.clear();
  auto rows = db.Walk(nullptr);
  for (rows->Seek("h"); rows->Valid() && rows->key().starts_with("h"); rows->Next()) {
    if (rows->key().size() != 9 || rows->value().size() != 8) return db.Failed("undecodable horizon row");
    const base::TimeMs time_ms = TimeOfOrdered(base::BigAt<uint64_t>({rows->key().data() + 1, 8}));
    samples_[time_ms] = base::BigAt<uint64_t>({rows->value().data(), 8});
  }
  if (!rows->status().ok()) return db.Failed(rows->status().ToString());
  return base::Done{};
}

bool Horizon::Note(base::TimeMs time_ms, uint64_t t) {
  std::lock_guard lock(mutex_);
  if (!samples_.empty() && time_ms < samples_.rbegin()->first + kSampleEveryMs) return false;
  samples_[time_ms] = t;
  return true;
}

std::optional<Horizon::Sample> Horizon::NewestBefore(base::TimeMs time_ms) const {
  std::lock_guard lock(mutex_);
  auto at = samples_.lower_bound(time_ms);
  if (at == samples_.begin()) return std::nullopt;
  --at;
  return Sample{at->first, at->second};
}

std::optional<Horizon::Sample> Horizon::OldestFrom(base::TimeMs time_ms) const {
  std::lock_guard lock(mutex_);
  const auto at = samples_.lower_bound(time_ms);
  if (at == samples_.end()) return std::nullopt;
  return Sample{at->first, at->second};
}

std::vector<Horizon::Sample> Horizon::ForgetBefore(base::TimeMs time_ms) {
  std::lock_guard lock(mutex_);
  std::vector<Sample> forgotten;
  auto last = samples_.lower_bound(time_ms);
  if (last != samples_.begin()) --last;  // the newest of the old ones still tells where the others ended
  for (auto at = samples_.begin(); at != last; at = samples_.erase(at)) forgotten.push_back({at->first, at->second});
  return forgotten;
}

}  // namespace heyi::store
