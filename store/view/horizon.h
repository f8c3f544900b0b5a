// Which t was the newest at which time: a sample a minute, kept in the views. Tells how old a cursor is, and what is
// old enough to be swept.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "store/view/view_db.h"

namespace heyi::store {

class Horizon {
 public:
  struct Sample {
    base::TimeMs time_ms;
    uint64_t t;
  };

  base::Result<base::Done> Load(const ViewDb& db);

  // True where the entry is far enough from the last sample to become one; the caller then writes its row.
  bool Note(base::TimeMs time_ms, uint64_t t);

  std::optional<Sample> NewestBefore(base::TimeMs time_ms) const;       // time < time_ms
  std::optional<Sample> OldestFrom(base::TimeMs time_ms) const;         // time >= time_ms
  std::vector<Sample> ForgetBefore(base::TimeMs time_ms);               // returns the samples whose rows may go

 private:
  mutable std::mutex mutex_;
  std::map<base::TimeMs, uint64_t> samples_;
};

}  // namespace heyi::store
