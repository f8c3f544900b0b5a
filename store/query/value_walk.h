// The rows of a date, number, quantity or string parameter in the order of their values, whatever runs the index keeps
// them in: dates lie in spans, numbers apart from ranges of numbers.
#pragma once

#include <optional>
#include <vector>

#include "fhir/search/criteria.h"
#include "store/query/open_rows.h"

namespace heyi::store {

bool HasOrderedRows(const fhir::SearchParameter& parameter);

class ValueWalk {
 public:
  struct Place {
    std::string key;  // as fhir::SortBytesOf gives it
    uint32_t docid = 0;
  };
  // HasOrderedRows(*by.parameter). Begins behind `behind`, where there is one.
  ValueWalk(Scan& scan, const fhir::Type& type, const fhir::SortBy& by, const std::optional<Place>& behind);

  std::optional<Place> Next();

 private:
  struct Run {
    RowWalk rows;
    std::optional<RowWalk::Place> head;  // its next row
  };
  bool ComesBefore(const RowWalk::Place& a, const RowWalk::Place& b) const;

  bool descending_;
  bool text_;
  std::vector<Run> runs_;
};

}  // namespace heyi::store
