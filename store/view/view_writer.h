// Turns journal entries into one LevelDB batch: the only code that writes the views' rows.
//
// The committer applies the entries of a group and finishes; replay applies many entries and finishes now and then.
// What a batch has written is visible to the entries behind it in the same batch, and applied-t stands in the batch.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/index/indexer.h"
#include "store/view/horizon.h"
#include "store/view/keys.h"
#include "store/view/view_db.h"

namespace heyi::store {

// What is counted along and stands in the views too; one owner, the thread that writes.
struct ViewState {
  uint64_t applied_t = 0;
  uint32_t next_docid = 0;
  std::array<uint64_t, 256> counts{};  // live resources by type number
};

// errors  kUnavailable store.view-corrupt
base::Result<ViewState> ReadViewState(const ViewDb& db);

// One write of an entry, with what stood before it.
struct AppliedWrite {
  const PreparedWrite* write = nullptr;
  std::optional<VersionRecord> before;
  uint32_t docid = kNoDocid;  // kNoDocid: a new one is given
  uint64_t version = 0;
  bool deleted = false;
  uint32_t label = 0;
  Pointer pointer;
};

class ViewWriter : public FactReader {
 public:
  // All outlive it. `state` is changed as entries are applied; where Finish fails it is no longer true.
  ViewWriter(ViewDb& db, const Indexer& indexer, ViewState& state, Horizon& horizon)
      : db_(db), indexer_(indexer), state_(state), horizon_(horizon) {}

  // The newest record, this batch included.
  base::Result<std::optional<VersionRecord>> Record(const fhir::Type& type, std::string_view id) const;
  base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const override;
  base::Result<std::optional<uint32_t>> ClaimHolder(const Claim& claim) const;

  base::Result<base::Done> Apply(const EntryView& entry, std::span<const AppliedWrite> writes);
  base::Result<base::Done> Finish();

  size_t batch_bytes() const { return batch_.ApproximateSize() + written_bytes_; }

 private:
  base::Result<base::Done> ApplyResource(const EntryView& entry, const AppliedWrite& applied, std::vector<ClosedPosting>* closed);
  void PutEvent(std::string posting, uint32_t docid, uint64_t t, std::string_view value);
  void PutFact(const store::Fact& fact);
  base::Result<std::optional<std::string>> Look(const std::string& key) const;
  void Put(const std::string& key, std::string value);
  void Remove(const std::string& key);

  ViewDb& db_;
  const Indexer& indexer_;
  ViewState& state_;
  Horizon& horizon_;
  leveldb::WriteBatch batch_;
  // Rows that entries of this batch may read again or write again; only their last state goes into the batch.
  std::unordered_map<std::string, std::optional<std::string>> written_;
  size_t written_bytes_ = 0;
  std::array<bool, 256> counted_{};
};

}  // namespace heyi::store
