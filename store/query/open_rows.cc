#include "store/query/open_rows.h"

#include "base/bytes.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

constexpr size_t kTailTBytes = 6;

}  // namespace

void VisitOpen(Scan& scan, std::string_view first, std::string_view head,
               const std::function<bool(std::string_view value, uint32_t docid)>& visit) {
  leveldb::Iterator& rows = scan.Walk();
  std::string decided;  // posting and docid of which the event that counts has been seen
  for (rows.Seek(leveldb::Slice(first.data(), first.size())); rows.Valid(); rows.Next()) {
    const std::string_view key(rows.key().data(), rows.key().size());
    if (!key.starts_with(head) || key.size() < kPostingHeadBytes + kPostingTailBytes || !scan.Spend(1)) break;
    const std::string_view pair = key.substr(0, key.size() - kTailTBytes);
    if (pair == decided) continue;
    const PostingTail tail = TailOf(key);
    if (tail.t > scan.reader().t()) continue;
    decided.assign(pair);
    if (!rows.value().empty()) continue;
    if (!visit(key.substr(kPostingHeadBytes, key.size() - kPostingHeadBytes - kPostingTailBytes), tail.docid)) break;
  }
}

TimeWalk::TimeWalk(Scan& scan, const fhir::Type& type, bool descending)
    : scan_(scan), head_(PostingHead(kLastUpdated, type)), descending_(descending), rows_(scan.Walk()) {}

bool TimeWalk::OnRows() const {
  return !scan_.ended() && rows_.Valid() && Key().starts_with(head_) &&
         Key().size() == head_.size() + 8 + kPostingTailBytes;
}

void TimeWalk::Step() {
  descending_ ? rows_.Prev() : rows_.Next();
  scan_.Spend(1);
}

void TimeWalk::Start() {
  if (!descending_) {
    rows_.Seek(head_);
    return;
  }
  rows_.Seek(BehindAll(head_));
  rows_.Valid() ? rows_.Prev() : rows_.SeekToLast();
}

void TimeWalk::StartAt(base::TimeMs time_ms) {
  std::string key = head_;
  base::PutBig(key, OrderedTime(time_ms));
  rows_.Seek(key);
  if (descending_) rows_.Valid() ? rows_.Prev() : rows_.SeekToLast();
}

void TimeWalk::StartBehind(const Place& place) {
  std::string key = head_;
  base::PutBig(key, OrderedTime(place.time_ms));
  PutPostingTail(key, place.docid, descending_ ? kTMax : 0);  // before the newest event, behind the oldest
  rows_.Seek(key);
  if (descending_) rows_.Valid() ? rows_.Prev() : rows_.SeekToLast();
}

std::optional<TimeWalk::Place> TimeWalk::Next() {
  while (OnRows()) {
    const std::string pair(Key().substr(0, Key().size() - kTailTBytes));
    std::optional<bool> open;
    // Upwards the newest event comes first, downwards last: the newest that t knows decides.
    for (; OnRows() && Key().substr(0, Key().size() - kTailTBytes) == pair; Step()) {
      if (TailOf(Key()).t > scan_.reader().t()) continue;
      if (!open || descending_) open = rows_.value().empty();
    }
    if (open == true) {
      return Place{TimeOfOrdered(base::BigAt<uint64_t>(pair, head_.size())), base::BigAt<uint32_t>(pair, head_.size() + 8)};
    }
  }
  return std::nullopt;
}

}  // namespace heyi::store
