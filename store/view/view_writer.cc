#include "store/view/view_writer.h"

#include <algorithm>

#include "base/bytes.h"
#include "store/index/posting.h"
#include "store/view/slice.h"

namespace heyi::store {
namespace {

constexpr size_t kStateBytes = 8 + 4;


}  // namespace

base::Result<ViewState> ReadViewState(const ViewDb& db) {
  ViewState state;
  HEYI_TRY(bytes, db.Get(kStateKey, nullptr));
  if (bytes) {
    if (bytes->size() != kStateBytes) return db.Failed("undecodable state");
    state.applied_t = base::BigAt<uint64_t>(*bytes, 0);
    state.next_docid = base::BigAt<uint32_t>(*bytes, 8);
  }
  auto rows = db.Walk(nullptr);
  for (rows->Seek("n"); rows->Valid() && rows->key().starts_with("n"); rows->Next()) {
    if (rows->key().size() != 2 || rows->value().size() != 8) return db.Failed("undecodable count");
    state.counts[static_cast<unsigned char>(rows->key()[1])] = base::BigAt<uint64_t>(ViewOf(rows->value()));
  }
  if (!rows->status().ok()) return db.Failed(rows->status().ToString());
  return state;
}

base::Result<std::optional<std::string>> ViewWriter::Look(const std::string& key) const {
  if (const auto found = written_.find(key); found != written_.end()) return found->second;
  return db_.Get(key, nullptr);
}

void ViewWriter::Put(const std::string& key, std::string value) {
  written_bytes_ += key.size() + value.size();
  written_.insert_or_assign(key, std::move(value));
}

void ViewWriter::Remove(const std::string& key) {
  written_bytes_ += key.size();
  written_.insert_or_assign(key, std::nullopt);
}

base::Result<std::optional<VersionRecord>> ViewWriter::Record(const fhir::Type& type, std::string_view id) const {
  HEYI_TRY(bytes, Look(CurrentKey(type, id)));
  if (!bytes) return std::optional<VersionRecord>();
  std::optional<VersionRecord> record = DecodeRecord(*bytes);
  if (!record) return db_.Failed("undecodable record");
  return record;
}

base::Result<std::optional<std::string>> ViewWriter::Fact(std::string_view space, std::string_view key) const {
  return Look(FactKey(space, key));
}

base::Result<std::optional<uint32_t>> ViewWriter::ClaimHolder(const Claim& claim) const {
  HEYI_TRY(bytes, Look(ClaimKey(claim.space, claim.key)));
  if (!bytes) return std::optional<uint32_t>();
  if (bytes->size() != 4) return db_.Failed("undecodable claim");
  return std::optional<uint32_t>(base::BigAt<uint32_t>(*bytes));
}

void ViewWriter::PutFact(const store::Fact& fact) {
  const std::string key = FactKey(fact.space, fact.key);
  if (fact.value) Put(key, *fact.value);
  else Remove(key);
}

void ViewWriter::PutEvent(std::string posting, uint32_t docid, uint64_t t, std::string_view value) {
  PutPostingTail(posting, docid, t);
  batch_.Put(posting, leveldb::Slice(value.data(), value.size()));
}

base::Result<base::Done> ViewWriter::ApplyResource(const EntryView& entry, const AppliedWrite& applied,
                                                   std::vector<ClosedPosting>* closed) {
  const PreparedWrite& write = *applied.write;
  VersionRecord record;
  record.docid = applied.docid;
  record.version = applied.version;
  record.t = entry.t;
  record.time_ms = entry.time_ms;
  record.label = applied.label;
  record.pointer = applied.pointer;
  if (write.type == nullptr) {
    Put(BlobKey(write.id), EncodeRecord(record));
    return base::Done{};
  }
  const fhir::Type& type = *write.type;
  record.deleted = applied.deleted;
  record.subjects = write.subjects;
  if (applied.before) {
    record.docid = applied.before->docid;
    batch_.Put(VersionKey(record.docid, applied.before->version), EncodeRecord(*applied.before));
  } else {
    if (record.docid == kNoDocid) record.docid = state_.next_docid;
    state_.next_docid = std::max(state_.next_docid, record.docid + 1);
    batch_.Put(DocidKey(record.docid), EncodeDocidRow(type, write.id));
  }
  Put(CurrentKey(type, write.id), EncodeRecord(record));

  const bool lived = applied.before && !applied.before->deleted;
  const auto close = [&](std::string posting) {
    closed->push_back({posting, record.docid});
    PutEvent(std::move(posting), record.docid, entry.t, kClosed);
  };
  for (const std::string& posting : write.opens) PutEvent(posting, record.docid, entry.t, {});
  for (const std::string& posting : write.closes) close(posting);
  // Two versions of one millisecond share a row: it stays open.
  const bool same_row = lived && !record.deleted && applied.before->time_ms == record.time_ms;
  if (!record.deleted && !same_row) PutEvent(TimePosting(type, record.time_ms), record.docid, entry.t, {});
  if (lived && !same_row) close(TimePosting(type, applied.before->time_ms));

  for (const Claim& claim : write.releases) {
    HEYI_TRY(holder, ClaimHolder(claim));
    if (holder == record.docid) Remove(ClaimKey(claim.space, claim.key));
  }
  if (lived != !record.deleted) {
    state_.counts[type.number] += record.deleted ? uint64_t{0} - 1 : 1;
    counted_[type.number] = true;
  }
  return base::Done{};
}

base::Result<base::Done> ViewWriter::Apply(const EntryView& entry, std::span<const AppliedWrite> writes) {
  std::vector<ClosedPosting> closed;
  for (const AppliedWrite& applied : writes) HEYI_CHECK(ApplyResource(entry, applied, &closed));
  // Claims are taken when all releases of the entry are through: one commit may hand a claim over.
  for (const AppliedWrite& applied : writes) {
    if (applied.write->takes.empty()) continue;
    HEYI_TRY(record, Record(*applied.write->type, applied.write->id));
    for (const Claim& claim : applied.write->takes) {
      std::string docid;
      base::PutBig(docid, record->docid);
      Put(ClaimKey(claim.space, claim.key), std::move(docid));
    }
  }
  for (size_t i = 0; i < indexer_.derived().size(); ++i) {
    std::vector<DerivedView::Change> changes;
    for (const AppliedWrite& applied : writes) {
      const PreparedWrite& write = *applied.write;
      if (write.type == nullptr) continue;
      changes.push_back({write.type, write.id, applied.version, applied.deleted, write.marks[i].first, write.marks[i].second});
    }
    HEYI_CHECK(indexer_.derived()[i]->Apply(entry, changes, *this, [this](store::Fact fact) { PutFact(fact); }));
  }
  for (const store::Fact& fact : entry.facts) PutFact(fact);

  for (size_t from = 0; from < closed.size(); from += kSweepPartMax) {
    const size_t size = std::min(kSweepPartMax, closed.size() - from);
    batch_.Put(SweepKey(entry.t, static_cast<uint32_t>(from / kSweepPartMax)), EncodeSweep(std::span(closed).subspan(from, size)));
  }
  if (horizon_.Note(entry.time_ms, entry.t)) {
    std::string t;
    base::PutBig(t, entry.t);
    batch_.Put(HorizonKey(entry.time_ms), t);
  }
  state_.applied_t = entry.t;
  return base::Done{};
}

base::Result<base::Done> ViewWriter::Finish() {
  for (const auto& [key, value] : written_) {
    if (value) batch_.Put(key, *value);
    else batch_.Delete(key);
  }
  for (size_t type = 0; type < counted_.size(); ++type) {
    if (!counted_[type]) continue;
    std::string count;
    base::PutBig(count, state_.counts[type]);
    batch_.Put(CountKey(static_cast<uint8_t>(type)), count);
  }
  std::string state;
  base::PutBig(state, state_.applied_t);
  base::PutBig(state, state_.next_docid);
  batch_.Put(leveldb::Slice(kStateKey.data(), kStateKey.size()), state);
  HEYI_CHECK(db_.Write(&batch_));
  batch_.Clear();
  written_.clear();
  written_bytes_ = 0;
  counted_.fill(false);
  return base::Done{};
}

}  // namespace heyi::store
