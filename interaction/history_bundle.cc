#include "interaction/history_bundle.h"

#include <fmt/format.h>

#include "interaction/access.h"

namespace heyi::interaction {

base::Result<base::Done> AddVersion(Call& call, const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                    const store::VersionRecord& record, BundleWriter& bundle, audit::Leaf& leaf) {
  std::string json;
  if (!record.deleted) {
    HEYI_TRY(text, snapshot.Json(record));
    json = std::move(text);
  }
  const std::string address = fmt::format("{}/{}", type.name, id);
  bundle.HistoryVersion(fmt::format("{}/{}", call.services.base_url, address), json, address, record);
  NoteResource(leaf, type.name, id, record.version, audit::Action::kRead, record.subjects);
  return base::Done{};
}

}  // namespace heyi::interaction
