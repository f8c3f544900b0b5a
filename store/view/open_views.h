// Opening the views: as they are where they can be trusted, else made again from the journal.
#pragma once

#include "store/view/replay.h"

namespace heyi::store {

struct OpenViews {
  std::unique_ptr<ViewDb> db;
  ViewState state;
};

// `horizon` is filled. `report` gets rebuilt, why and replayed.
//   errors  of the journal; kUnavailable store.view-corrupt where even fresh views cannot be written
base::Result<OpenViews> OpenOrRebuild(const std::string& directory, const Journal& journal, const Indexer& indexer,
                                      Horizon& horizon, OpenReport* report);

}  // namespace heyi::store
