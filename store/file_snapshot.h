// The file store's snapshot: the views as LevelDB saw them when t was published, and the journal for the bodies.
#pragma once

#include "store/journal/journal.h"
#include "store/view/view_reader.h"
#include "store/view/view_writer.h"

namespace heyi::store {

// What snapshots read; they keep it alive.
struct StoreFiles {
  StoreFiles(std::shared_ptr<const fhir::SearchParameters> parameters, std::vector<const CommitGuard*> guards,
             std::vector<DerivedView*> derived)
      : indexer(std::move(parameters), std::move(guards), std::move(derived)) {}

  std::unique_ptr<Journal> journal;
  Indexer indexer;
  Horizon horizon;
  std::unique_ptr<ViewDb> views;
};

// A LevelDB snapshot and what was counted when it was taken.
class ViewPin {
 public:
  ViewPin(std::shared_ptr<StoreFiles> files, const ViewState& state)
      : files_(std::move(files)), state_(state), snapshot_(files_->views->TakeSnapshot()) {}
  ~ViewPin() { files_->views->ReleaseSnapshot(snapshot_); }
  ViewPin(const ViewPin&) = delete;
  ViewPin& operator=(const ViewPin&) = delete;

  const StoreFiles& files() const { return *files_; }
  const ViewState& state() const { return state_; }
  const leveldb::Snapshot* snapshot() const { return snapshot_; }

 private:
  std::shared_ptr<StoreFiles> files_;
  ViewState state_;
  const leveldb::Snapshot* snapshot_;
};

class FileSnapshot : public Snapshot {
 public:
  // `t` is the pin's or an older one. Facts, blobs and counts are those of the pin.
  FileSnapshot(std::shared_ptr<const ViewPin> pin, uint64_t t);

  uint64_t t() const override { return reader_.t(); }
  base::Result<std::optional<std::string>> Fact(std::string_view space, std::string_view key) const override;
  base::Result<std::optional<VersionRecord>> Current(const fhir::Type& type, std::string_view id) const override;
  base::Result<std::optional<VersionRecord>> Version(const fhir::Type& type, std::string_view id, uint64_t version) const override;
  base::Result<std::vector<VersionRecord>> History(const fhir::Type& type, std::string_view id, uint64_t before_version,
                                                   size_t limit) const override;
  base::Result<std::string> Json(const VersionRecord& record) const override;
  base::Result<fhir::Tree> Tree(const VersionRecord& record) const override;
  base::Result<std::optional<std::string>> Blob(std::string_view id) const override;
  base::Result<SearchPage> Search(const fhir::SearchRequest& request, const Visible& visible, const PagePosition& position) const override;
  base::Result<base::Done> Facts(std::string_view space, std::string_view from_key,
                                 const std::function<bool(std::string_view key, std::string_view value)>& visit) const override;
  uint64_t Count(const fhir::Type& type) const override;

  const std::shared_ptr<const ViewPin>& pin() const { return pin_; }

 private:
  std::shared_ptr<const ViewPin> pin_;
  ViewReader reader_;
};

}  // namespace heyi::store
