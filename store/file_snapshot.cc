#include "store/file_snapshot.h"

#include "fhir/json/write.h"
#include "store/query/search.h"
#include "store/view/replay.h"

namespace heyi::store {
namespace {

base::Error NoBody(const VersionRecord& record) {
  return base::Error(base::ErrorKind::kGone, "store.no-body", {}, std::to_string(record.version));
}

}  // namespace

FileSnapshot::FileSnapshot(std::shared_ptr<const ViewPin> pin, uint64_t t)
    : pin_(std::move(pin)), reader_(*pin_->files().views, pin_->snapshot(), t, pin_->files().indexer.definitions()) {}

base::Result<std::optional<std::string>> FileSnapshot::Fact(std::string_view space, std::string_view key) const {
  return reader_.Get(FactKey(space, key));
}

base::Result<std::optional<VersionRecord>> FileSnapshot::Current(const fhir::Type& type, std::string_view id) const {
  return reader_.Current(type, id);
}

base::Result<std::optional<VersionRecord>> FileSnapshot::Version(const fhir::Type& type, std::string_view id,
                                                                 uint64_t version) const {
  return reader_.Version(type, id, version);
}

base::Result<std::vector<VersionRecord>> FileSnapshot::History(const fhir::Type& type, std::string_view id,
                                                               uint64_t before_version, size_t limit) const {
  return reader_.History(type, id, before_version, limit);
}

base::Result<std::string> FileSnapshot::Json(const VersionRecord& record) const {
  if (record.deleted) return NoBody(record);
  HEYI_TRY(body, pin_->files().journal->ReadBody(record.pointer));
  std::string json;
  json.reserve(body.size() + 80);
  fhir::AppendSpliced(body, record.pointer.slot, record.version, base::FormatInstant(record.time_ms), json);
  return json;
}

base::Result<fhir::Tree> FileSnapshot::Tree(const VersionRecord& record) const {
  if (record.deleted) return NoBody(record);
  HEYI_TRY(tree, ReadTree(*pin_->files().journal, record.pointer, pin_->files().indexer.definitions()));
  if (!tree) return base::Error(base::ErrorKind::kGone, "store.erased");
  return std::move(*tree);
}

base::Result<std::optional<std::string>> FileSnapshot::Blob(std::string_view id) const {
  HEYI_TRY(bytes, reader_.Get(BlobKey(id)));
  if (!bytes) return std::optional<std::string>();
  const std::optional<VersionRecord> record = DecodeRecord(*bytes);
  if (!record) return reader_.db().Failed("undecodable blob row");
  HEYI_TRY(body, pin_->files().journal->ReadBody(record->pointer));
  return std::optional<std::string>(std::move(body));
}

base::Result<SearchPage> FileSnapshot::Search(const fhir::SearchRequest& request, const Visible& visible,
                                              const PagePosition& position) const {
  const SearchOn on{reader_, *pin_->files().journal, pin_->files().indexer,
                    Count(*request.type), t() == pin_->state().applied_t};
  return RunSearch(on, request, visible, position.after);
}

base::Result<base::Done> FileSnapshot::Facts(std::string_view space, std::string_view from_key,
                                             const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::string prefix = FactKey(space, {});
  auto rows = reader_.Walk();
  for (rows->Seek(FactKey(space, from_key)); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    const std::string_view key(rows->key().data() + prefix.size(), rows->key().size() - prefix.size());
    if (!visit(key, {rows->value().data(), rows->value().size()})) break;
  }
  if (!rows->status().ok()) return reader_.db().Failed(rows->status().ToString());
  return base::Done{};
}

uint64_t FileSnapshot::Count(const fhir::Type& type) const { return pin_->state().counts[type.number]; }

}  // namespace heyi::store
