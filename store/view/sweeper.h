// Takes away postings that were closed before the oldest cursor that may still be shown: the closing event and
// everything older of the same posting and resource. What has to go stands in the sweep rows, written as it closed.
#pragma once

#include <string>

#include "base/clock.h"
#include "store/view/horizon.h"
#include "store/view/view_db.h"

namespace heyi::store {

class Sweeper {
 public:
  Sweeper(ViewDb& db, Horizon& horizon, const base::Clock& clock) : db_(db), horizon_(horizon), clock_(clock) {}

  // Sweeps about `postings_max` closed postings; returns how many. One thread at a time, beside the writer.
  base::Result<size_t> Step(size_t postings_max);

 private:
  ViewDb& db_;
  Horizon& horizon_;
  const base::Clock& clock_;
  std::string from_ = "s";
};

}  // namespace heyi::store
