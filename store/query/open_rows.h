// Walks over index rows as they were open at t.
#pragma once

#include <functional>
#include <optional>
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

// The different keys' beginnings of head.size() + `bytes` bytes, found by leaping from one to the next; nullopt where
// there are more than `max`.
std::optional<std::vector<std::string>> HeadsBelow(Scan& scan, const std::string& head, size_t bytes, size_t max);

// Looks up one whole posting after the other.
class PostingLookup {
 public:
  explicit PostingLookup(Scan& scan) : scan_(scan), rows_(scan.Walk()) {}
  // Its docids, until `visit` returns false.
  void Visit(std::string_view posting, const std::function<bool(uint32_t docid)>& visit);

 private:
  Scan& scan_;
  leveldb::Iterator& rows_;
};

// The open rows of one head in the order of their values, up or down; rows of one value by docid, in the same
// direction.
class RowWalk {
 public:
  struct Place {
    std::string value;
    uint32_t docid = 0;
  };
  RowWalk(Scan& scan, std::string head, bool descending);
  // One of these before the first Next.
  void Start();
  void StartAt(std::string_view value);                      // up: row >= value; down: row < value
  void StartBehind(std::string_view value, uint32_t docid);  // the next one in walking direction

  std::optional<Place> Next();

 private:
  std::string_view Key() const { return {rows_.key().data(), rows_.key().size()}; }
  bool OnRows() const;
  void Step();
  void Seek(const std::string& key);

  Scan& scan_;
  std::string head_;
  bool descending_;
  leveldb::Iterator& rows_;
};

// The current versions of a type by lastUpdated, up or down.
class TimeWalk {
 public:
  struct Place {
    base::TimeMs time_ms;
    uint32_t docid;
  };
  TimeWalk(Scan& scan, const fhir::Type& type, bool descending);
  // One of these before the first Next.
  void Start() { rows_.Start(); }
  void StartAt(base::TimeMs time_ms);       // up: time >= time_ms; down: time < time_ms
  void StartBehind(const Place& place);     // the next one in walking direction

  std::optional<Place> Next();

 private:
  RowWalk rows_;
};

}  // namespace heyi::store
