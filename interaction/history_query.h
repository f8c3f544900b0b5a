// What a history is asked for: _count, _since, _at, and the page token. https://hl7.org/fhir/R4/http.html#history
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "fhir/search/values.h"
#include "interaction/request.h"

namespace heyi::interaction {

struct HistoryQuery {
  uint64_t count = 0;
  std::optional<base::TimeMs> since_ms;     // versions made at that instant or later
  std::optional<fhir::DateValue> at;        // versions that were current at some time of that period
  std::string cursor;
  std::string self;                         // "_count=50&_since=…", what the links repeat

  bool filtered() const { return since_ms || at; }
  // Was a version that lived from `from_ms` until `until_ms` (its successor's time, or INT64_MAX) asked for?
  bool Wants(base::TimeMs from_ms, base::TimeMs until_ms) const;
};

// errors  kMalformed search.count, search.value, search.unknown-parameter
base::Result<HistoryQuery> ReadHistoryQuery(const Query& query);

}  // namespace heyi::interaction
