#include "store/query/open_rows.h"

#include <algorithm>

#include "base/bytes.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

constexpr size_t kTailTBytes = 6;

std::string OfTime(base::TimeMs time_ms) {
  std::string value;
  base::PutBig(value, OrderedTime(time_ms));
  return value;
}

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

std::optional<std::vector<std::string>> HeadsBelow(Scan& scan, const std::string& head, size_t bytes, size_t max) {
  std::vector<std::string> heads;
  leveldb::Iterator& rows = scan.Walk();
  for (rows.Seek(head); rows.Valid() && rows.key().starts_with(head) && scan.Spend(1);) {
    if (heads.size() == max) return std::nullopt;
    heads.emplace_back(rows.key().data(), std::min(rows.key().size(), head.size() + bytes));
    const std::string next = BehindAll(heads.back());
    if (!next.starts_with(head)) break;
    rows.Seek(next);
  }
  return heads;
}

void PostingLookup::Visit(std::string_view posting, const std::function<bool(uint32_t docid)>& visit) {
  std::string first(posting);
  PutPostingTail(first, 0, kTMax);
  std::optional<uint32_t> decided;
  for (rows_.Seek(first); rows_.Valid() && scan_.Spend(1); rows_.Next()) {
    const std::string_view key(rows_.key().data(), rows_.key().size());
    if (key.size() != first.size() || !key.starts_with(posting)) break;
    const PostingTail tail = TailOf(key);
    if (tail.docid == decided || tail.t > scan_.reader().t()) continue;
    decided = tail.docid;
    if (rows_.value().empty() && !visit(tail.docid)) break;
  }
}

RowWalk::RowWalk(Scan& scan, std::string head, bool descending)
    : scan_(scan), head_(std::move(head)), descending_(descending), rows_(scan.Walk()) {}

bool RowWalk::OnRows() const {
  return !scan_.ended() && rows_.Valid() && Key().starts_with(head_) &&
      Key().size() >= head_.size() + kPostingTailBytes;
}

void RowWalk::Step() {
  descending_ ? rows_.Prev() : rows_.Next();
  scan_.Spend(1);
}

// To the first row in walking direction: from `key` on, or before it.
void RowWalk::Seek(const std::string& key) {
  rows_.Seek(key);
  if (descending_) rows_.Valid() ? rows_.Prev() : rows_.SeekToLast();
}

void RowWalk::Start() { Seek(descending_ ? BehindAll(head_) : head_); }

void RowWalk::StartAt(std::string_view value) { Seek(head_ + std::string(value)); }

void RowWalk::StartBehind(std::string_view value, uint32_t docid) {
  std::string key = head_ + std::string(value);
  PutPostingTail(key, docid, descending_ ? kTMax : 0);  // before the newest event, behind the oldest
  Seek(key);
}

std::optional<RowWalk::Place> RowWalk::Next() {
  while (OnRows()) {
    const std::string pair(Key().substr(0, Key().size() - kTailTBytes));
    std::optional<bool> open;
    // Upwards the newest event comes first, downwards last: the newest that t knows decides.
    for (; OnRows() && Key().substr(0, Key().size() - kTailTBytes) == pair; Step()) {
      if (TailOf(Key()).t > scan_.reader().t()) continue;
      if (!open || descending_) open = rows_.value().empty();
    }
    if (open == true) {
      const size_t docid_at = pair.size() - sizeof(uint32_t);
      return Place{pair.substr(head_.size(), docid_at - head_.size()), base::BigAt<uint32_t>(pair, docid_at)};
    }
  }
  return std::nullopt;
}

TimeWalk::TimeWalk(Scan& scan, const fhir::Type& type, bool descending)
    : rows_(scan, PostingHead(kLastUpdated, type), descending) {}

void TimeWalk::StartAt(base::TimeMs time_ms) { rows_.StartAt(OfTime(time_ms)); }

void TimeWalk::StartBehind(const Place& place) { rows_.StartBehind(OfTime(place.time_ms), place.docid); }

std::optional<TimeWalk::Place> TimeWalk::Next() {
  const std::optional<RowWalk::Place> place = rows_.Next();
  if (!place) return std::nullopt;
  return Place{TimeOfOrdered(base::BigAt<uint64_t>(place->value)), place->docid};
}

}  // namespace heyi::store
