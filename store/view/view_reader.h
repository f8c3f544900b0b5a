// The views as they were at t: which version of a resource stood, and which ones came before it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/version.h"
#include "store/view/view_db.h"

namespace heyi::store {

// Cheap to copy; `db`, `snapshot` and `definitions` outlive it. The LevelDB snapshot was taken at t or later.
class ViewReader {
 public:
  ViewReader(const ViewDb& db, const leveldb::Snapshot* snapshot, uint64_t t, const fhir::Definitions& definitions)
      : db_(&db), snapshot_(snapshot), t_(t), definitions_(&definitions) {}

  uint64_t t() const { return t_; }
  const ViewDb& db() const { return *db_; }
  std::unique_ptr<leveldb::Iterator> Walk() const { return db_->Walk(snapshot_); }
  base::Result<std::optional<std::string>> Get(std::string_view key) const { return db_->Get(key, snapshot_); }

  base::Result<std::optional<VersionRecord>> Current(const fhir::Type& type, std::string_view id) const;
  base::Result<std::optional<Hit>> ByDocid(uint32_t docid) const;  // deleted ones too
  base::Result<std::optional<VersionRecord>> Version(const fhir::Type& type, std::string_view id, uint64_t version) const;
  base::Result<std::vector<VersionRecord>> History(const fhir::Type& type, std::string_view id, uint64_t before_version,
                                                   size_t limit) const;

 private:
  base::Result<std::optional<VersionRecord>> Newest(const fhir::Type& type, std::string_view id) const;  // whatever t

  const ViewDb* db_;
  const leveldb::Snapshot* snapshot_;
  uint64_t t_;
  const fhir::Definitions* definitions_;
};

}  // namespace heyi::store
