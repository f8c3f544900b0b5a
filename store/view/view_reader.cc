#include "store/view/view_reader.h"

#include "store/view/keys.h"
#include "store/view/slice.h"

namespace heyi::store {

base::Result<std::optional<VersionRecord>> ViewReader::Newest(const fhir::Type& type, std::string_view id) const {
  HEYI_TRY(bytes, Get(CurrentKey(type, id)));
  if (!bytes) return std::optional<VersionRecord>();
  std::optional<VersionRecord> record = DecodeRecord(*bytes);
  if (!record) return db_->Failed("undecodable record");
  return record;
}

base::Result<std::optional<VersionRecord>> ViewReader::Current(const fhir::Type& type, std::string_view id) const {
  HEYI_TRY(newest, Newest(type, id));
  if (!newest || newest->t <= t_) return std::move(newest);
  HEYI_TRY(older, History(type, id, newest->version, 1));
  if (older.empty()) return std::optional<VersionRecord>();
  return std::optional<VersionRecord>(std::move(older.front()));
}

base::Result<std::optional<Hit>> ViewReader::ByDocid(uint32_t docid) const {
  HEYI_TRY(row, Get(DocidKey(docid)));
  if (!row) return std::optional<Hit>();
  const auto number = row->empty() ? 0u : static_cast<unsigned char>(row->front());
  if (number == 0 || number > definitions_->resources().size()) return db_->Failed("undecodable docid row");
  Hit hit;
  hit.type = definitions_->resources()[number - 1];
  hit.id = IdOf(std::string_view(*row).substr(1));
  HEYI_TRY(record, Current(*hit.type, hit.id));
  if (!record) return std::optional<Hit>();
  hit.record = std::move(*record);
  return std::optional<Hit>(std::move(hit));
}

base::Result<std::optional<VersionRecord>> ViewReader::Version(const fhir::Type& type, std::string_view id,
                                                               uint64_t version) const {
  HEYI_TRY(newest, Newest(type, id));
  if (!newest || version > newest->version || version == 0) return std::optional<VersionRecord>();
  std::optional<VersionRecord> record = std::move(newest);
  if (version < record->version) {
    HEYI_TRY(bytes, Get(VersionKey(record->docid, version)));
    record = bytes ? DecodeRecord(*bytes) : std::nullopt;
    if (!record) return db_->Failed("a version is missing");
  }
  if (record->t > t_) return std::optional<VersionRecord>();
  return record;
}

base::Result<std::vector<VersionRecord>> ViewReader::History(const fhir::Type& type, std::string_view id,
                                                             uint64_t before_version, size_t limit) const {
  std::vector<VersionRecord> versions;
  HEYI_TRY(newest, Newest(type, id));
  if (!newest || limit == 0) return versions;
  const uint32_t docid = newest->docid;
  const uint64_t newest_version = newest->version;
  if (before_version == 0 || before_version > newest_version) {
    before_version = newest_version;
    if (newest->t <= t_) versions.push_back(std::move(*newest));
  }
  if (versions.size() == limit || before_version <= 1) return versions;
  const std::string prefix = VersionKey(docid, 0).substr(0, 5);
  auto rows = Walk();
  const std::string first = VersionKey(docid, before_version - 1);
  for (rows->Seek(first); versions.size() < limit && rows->Valid(); rows->Next()) {
    if (!ViewOf(rows->key()).starts_with(prefix)) break;
    std::optional<VersionRecord> record = DecodeRecord(ViewOf(rows->value()));
    if (!record) return db_->Failed("undecodable record");
    if (record->t <= t_) versions.push_back(std::move(*record));
  }
  if (!rows->status().ok()) return db_->Failed(rows->status().ToString());
  return versions;
}

}  // namespace heyi::store
