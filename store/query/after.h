// In which order a search answers, and a page position's `after`: where in that order a page ended. The twin uses the
// same.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/search/criteria.h"

namespace heyi::store {

enum class Order : uint8_t {
  kDocid,  // of creation
  kTime,   // _sort=_lastUpdated or -_lastUpdated alone
  kKeys,   // anything else: by the sort keys, what has none last, equals by docid in the direction of the first key
};
Order OrderOf(const fhir::SearchRequest& request);

// Where a hit stands. kTime and kKeys tell equals apart by docid.
struct AfterPlace {
  base::TimeMs time_ms = 0;
  std::vector<std::optional<std::string>> keys;
  uint32_t docid = 0;
};

// after := docid:u32 | time:u64 docid:u32 | (0:u8 | 1:u8 key:blob)* docid:u32
std::string WriteAfter(const fhir::SearchRequest& request, const AfterPlace& place);
// errors  kMalformed store.cursor
base::Result<std::optional<AfterPlace>> ReadAfter(std::string_view after, const fhir::SearchRequest& request);

}  // namespace heyi::store
