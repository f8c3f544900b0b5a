#include "store/index/prepare.h"

#include "fhir/json/write.h"

namespace heyi::store {
namespace {

// The tree of a version that lives; nullopt where there is none, it is deleted, or its body has been erased.
base::Result<std::optional<fhir::Tree>> LivingTree(const Snapshot& snapshot, const std::optional<VersionRecord>& record) {
  if (!record || record->deleted) return std::optional<fhir::Tree>();
  base::Result<fhir::Tree> tree = snapshot.Tree(*record);
  if (tree.ok()) return std::optional<fhir::Tree>(std::move(*tree));
  if (tree.error().kind == base::ErrorKind::kGone) return std::optional<fhir::Tree>();
  return std::move(tree).error();
}

}  // namespace

base::Result<PreparedWrite> PrepareWriteOn(const Snapshot& snapshot, const Indexer& indexer, const PackFunction& pack,
                                           const fhir::Tree& tree, uint32_t label) {
  if (tree.type() == nullptr || !base::IsFhirId(tree.id())) {
    return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "a resource to be written has no id");
  }
  PreparedWrite write;
  write.type = tree.type();
  write.id = tree.id();
  HEYI_TRY(record, snapshot.Current(*write.type, write.id));
  write.base_version = record ? record->version : 0;
  const fhir::StoredJson stored = fhir::WriteStored(tree);
  write.body = pack(write.type->name, write.id, write.base_version + 1, stored.bytes, stored.slot, label);
  HEYI_TRY(before, LivingTree(snapshot, record));
  indexer.Fill(before ? &*before : nullptr, &tree, &write);
  return write;
}

base::Result<PreparedWrite> PrepareDeleteOn(const Snapshot& snapshot, const Indexer& indexer, const fhir::Type& type,
                                            std::string_view id, uint32_t label) {
  PreparedWrite write;
  write.type = &type;
  write.id = id;
  HEYI_TRY(record, snapshot.Current(type, id));
  if (!record || record->deleted) return base::Error(base::ErrorKind::kNotFound, "store.absent", {}, type.name + "/" + write.id);
  write.base_version = record->version;
  write.body.type = type.name;
  write.body.id = write.id;
  write.body.version = record->version + 1;
  write.body.deleted = true;
  write.body.label = label;
  HEYI_TRY(before, LivingTree(snapshot, record));
  indexer.Fill(before ? &*before : nullptr, nullptr, &write);
  return write;
}

PreparedWrite PrepareBlobWith(const PackFunction& pack, std::string id, std::string_view bytes) {
  PreparedWrite write;
  write.id = id;
  write.body = pack(std::string(kBlobType), std::move(id), 1, bytes, 0, 0);
  return write;
}

}  // namespace heyi::store
