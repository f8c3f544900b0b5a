#include "store/commit/change_watch.h"

#include "base/digest.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

constexpr size_t kBuckets = 1u << 18;
constexpr size_t kTokenPostingBytes = kPostingHeadBytes + 8 + 4;

size_t BucketOf(std::string_view posting) { return base::Hash64(posting) % kBuckets; }

}  // namespace

ChangeWatch::ChangeWatch(uint64_t floor_t) : floor_t_(floor_t), buckets_(kBuckets) {}

void ChangeWatch::NotePosting(std::string_view posting, uint64_t t) {
  buckets_[BucketOf(posting)] = t;
  // A token is watched by its first eight bytes too: a bare code.
  if (posting.size() == kTokenPostingBytes) buckets_[BucketOf(posting.substr(0, kPostingHeadBytes + 8))] = t;
}

void ChangeWatch::Note(const PreparedWrite& write, uint64_t t) {
  if (write.type == nullptr) return;
  types_[write.type->number] = t;
  for (const std::string& posting : write.opens) NotePosting(posting, t);
  for (const std::string& posting : write.closes) NotePosting(posting, t);
}

bool ChangeWatch::ChangedSince(const SearchCondition& condition) const {
  if (condition.as_of_t < floor_t_) return true;
  const uint64_t changed_t = condition.posting.empty() ? types_[condition.type->number] : buckets_[BucketOf(condition.posting)];
  return changed_t > condition.as_of_t;
}

}  // namespace heyi::store
