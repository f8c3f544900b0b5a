// Walks over index rows as they were open at t.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/query/docid_stream.h"

namespace heyi::store {

// Visits every (value, docid) that was open at the reader's t, in key order, from the posting `first` on and as long
// as keys begin with `head`. `value` is what follows parameter and type. Ends where `visit` returns false or the scan
// ends.
void VisitOpen(Scan& scan, std::string_view first, std::string_view head,
               const std::function<bool(std::string_view value, uint32_t docid)>& visit);

// The current versions of a type by lastUpdated, up or down.
class TimeWalk {
 public:
  struct Place {
    base::TimeMs time_ms;
    uint32_t docid;
  };
  TimeWalk(Scan& scan, const fhir::Type& type, bool descending);
  // One of these before the first Next.
  void Start();
  void StartAt(base::TimeMs time_ms);       // up: time >= time_ms; down: time < time_ms
  void StartBehind(const Place& place);     // the next one in walking direction

  std::optional<Place> Next();

 private:
  std::string_view Key() const { return {rows_.key().data(), rows_.key().size()}; }
  bool OnRows() const;
  void Step();

  Scan& scan_;
  std::string head_;
  bool descending_;
  leveldb::Iterator& rows_;
};

}  // namespace heyi::store
