#include "interaction/history_query.h"

#include <algorithm>

#include "base/text.h"
#include "fhir/search/criteria.h"
#include "interaction/limits.h"
#include "interaction/url.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

bool HistoryQuery::Wants(base::TimeMs from_ms, base::TimeMs until_ms) const {
  if (since_ms && from_ms < *since_ms) return false;
  return !at || (from_ms < at->high && until_ms > at->low);
}

base::Result<HistoryQuery> ReadHistoryQuery(const Query& query) {
  HistoryQuery wanted;
  wanted.count = fhir::kCountDefault;
  std::string filters;
  for (const auto& [name, value] : query) {
    if (name == "_count") {
      if (!base::ParseUnsigned(value, &wanted.count)) return Error(ErrorKind::kMalformed, "search.count", name, value);
    } else if (name == "_since" || name == "_at") {
      const std::optional<fhir::DateValue> time = fhir::DateInterval(value);
      if (!time) return Error(ErrorKind::kMalformed, "search.value", name, value);
      if (name == "_since") wanted.since_ms = time->low;
      else wanted.at = time;
      filters += "&" + name + "=" + EncodePercent(value);
    } else if (name == "_cursor") {
      wanted.cursor = value;
    } else if (name != "_format" && name != "_pretty") {
      return Error(ErrorKind::kMalformed, "search.unknown-parameter", name, name);
    }
  }
  wanted.count = std::min<uint64_t>(wanted.count, kHistoryPageMax);
  wanted.self = "_count=" + std::to_string(wanted.count) + filters;
  return wanted;
}

}  // namespace heyi::interaction
