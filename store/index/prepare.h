// Prepared writes, made on the caller's thread: what both stores do alike.
#pragma once

#include "store/index/indexer.h"

namespace heyi::store {

using PackFunction = std::function<PackedBody(std::string type, std::string id, uint64_t version, std::string_view raw,
                                              uint32_t slot, uint32_t label)>;

inline constexpr std::string_view kBlobType = "$blob";

// As Store::PrepareWrite, PrepareDelete and PrepareBlob.
base::Result<PreparedWrite> PrepareWriteOn(const Snapshot& snapshot, const Indexer& indexer, const PackFunction& pack,
                                           const fhir::Tree& tree, uint32_t label);
base::Result<PreparedWrite> PrepareDeleteOn(const Snapshot& snapshot, const Indexer& indexer, const fhir::Type& type,
                                            std::string_view id, uint32_t label);
PreparedWrite PrepareBlobWith(const PackFunction& pack, std::string id, std::string_view bytes);

}  // namespace heyi::store
