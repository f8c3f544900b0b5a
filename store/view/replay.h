// Brings the views up to the journal: what lies above applied-t is parsed, indexed and applied again.
#pragma once

#include "store/journal/journal.h"
#include "store/view/view_writer.h"

namespace heyi::store {

// returns  entries applied
// errors   of the journal (store.corrupt) and of the views (store.view-corrupt); store.unreadable: a body that this
//          program's definitions cannot read
base::Result<uint64_t> Replay(const Journal& journal, const Indexer& indexer, ViewDb& db, ViewState& state, Horizon& horizon);

// The tree of a body as fhir::WriteStored made it, without the meta that it may have added.
base::Result<fhir::Tree> ParseStored(std::string body, uint32_t slot, const fhir::Definitions& definitions);

// A stored body as a tree; nullopt where it has been erased.
base::Result<std::optional<fhir::Tree>> ReadTree(const Journal& journal, const Pointer& pointer, const fhir::Definitions& definitions);

}  // namespace heyi::store
