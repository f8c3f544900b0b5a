#include "store/view/sweeper.h"

#include "base/bytes.h"
#include "store/limits.h"
#include "store/view/keys.h"
#include "store/view/slice.h"

namespace heyi::store {
namespace {

constexpr base::TimeMs kMarginMs = 60'000;  // a search that began on a cursor's last minute may end

}  // namespace

base::Result<size_t> Sweeper::Step(size_t postings_max) {
  const base::TimeMs before_ms = clock_.NowMs() - kCursorLifeMs - kMarginMs;
  const std::optional<Horizon::Sample> horizon = horizon_.NewestBefore(before_ms);
  if (!horizon) return size_t{0};

  leveldb::WriteBatch batch;
  size_t swept = 0;
  std::string from = from_;
  auto rows = db_.Walk(nullptr);
  auto events = db_.Walk(nullptr);
  for (rows->Seek(from); swept < postings_max && rows->Valid() && rows->key().starts_with("s"); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (key.size() != 1 + 8 + 4) return db_.Failed("undecodable sweep key");
    const uint64_t closed_t = base::BigAt<uint64_t>(key, 1);
    if (closed_t > horizon->t) break;
    const auto closed = DecodeSweep(ViewOf(rows->value()));
    if (!closed) return db_.Failed("undecodable sweep row");
    for (const ClosedPosting& one : *closed) {
      std::string first = one.posting;
      PutPostingTail(first, one.docid, closed_t);
      const std::string_view same = std::string_view(first).substr(0, first.size() - 6);
      for (events->Seek(first); events->Valid() && events->key().size() == first.size(); events->Next()) {
        if (!ViewOf(events->key()).starts_with(same)) break;
        batch.Delete(events->key());
      }
      if (!events->status().ok()) return db_.Failed(events->status().ToString());
    }
    swept += closed->size();
    batch.Delete(rows->key());
    from.assign(key);
  }
  if (!rows->status().ok()) return db_.Failed(rows->status().ToString());
  for (const Horizon::Sample& sample : horizon_.ForgetBefore(before_ms)) batch.Delete(HorizonKey(sample.time_ms));
  if (batch.ApproximateSize() > 12) HEYI_CHECK(db_.Write(&batch));
  from_ = std::move(from);
  return swept;
}

}  // namespace heyi::store
