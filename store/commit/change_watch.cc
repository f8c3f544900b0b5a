#include "store/commit/change_watch.h"

#include <algorithm>

#include "base/digest.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

constexpr size_t kPostingsMax = 200'000;
constexpr size_t kTokenPostingBytes = kPostingHeadBytes + 8 + 4;

}  // namespace

void ChangeWatch::NotePosting(std::string_view posting, uint64_t t) {
  younger_[base::Hash64(posting)] = t;
  // Whatever is as long as a token is watched by its first eight bytes too: a bare code. Others come along for nothing.
  if (posting.size() == kTokenPostingBytes) younger_[base::Hash64(posting.substr(0, kPostingHeadBytes + 8))] = t;
}

void ChangeWatch::Note(const PreparedWrite& write, uint64_t t) {
  if (write.type == nullptr) return;
  if (younger_.size() >= kPostingsMax) {
    older_ = std::move(younger_);
    younger_.clear();
    older_floor_t_ = floor_t_;
    floor_t_ = newest_t_;
  }
  types_[write.type->number] = t;
  for (const std::string& posting : write.opens) NotePosting(posting, t);
  for (const std::string& posting : write.closes) NotePosting(posting, t);
  newest_t_ = std::max(newest_t_, t);
}

bool ChangeWatch::ChangedSince(const SearchCondition& condition) const {
  if (condition.as_of_t < older_floor_t_) return true;
  if (condition.posting.empty()) return types_[condition.type->number] > condition.as_of_t;
  const uint64_t hash = base::Hash64(condition.posting);
  const auto changed = [&](const std::unordered_map<uint64_t, uint64_t>& generation) {
    const auto found = generation.find(hash);
    return found != generation.end() && found->second > condition.as_of_t;
  };
  return changed(younger_) || changed(older_);
}

}  // namespace heyi::store
