#include "store/query/after.h"

#include "base/bytes.h"
#include "fhir/search/ordered.h"

namespace heyi::store {
namespace {

constexpr size_t kDocidBytes = 4;
constexpr size_t kTimeBytes = 8;

bool ReadKeys(std::string_view bytes, size_t count, AfterPlace* place) {
  base::ByteReader reader(bytes);
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    const bool present = reader.Little<uint8_t>() == 1;
    place->keys.push_back(present ? std::optional(std::string(reader.Blob())) : std::nullopt);
  }
  return reader.ok() && reader.empty();
}

}  // namespace

Order OrderOf(const fhir::SearchRequest& request) {
  if (request.sort.empty()) return Order::kDocid;
  return request.sort.size() == 1 && request.sort[0].parameter->code == "_lastUpdated" ? Order::kTime : Order::kKeys;
}

std::string WriteAfter(const fhir::SearchRequest& request, const AfterPlace& place) {
  std::string after;
  if (OrderOf(request) == Order::kTime) base::PutBig(after, fhir::OrderedTime(place.time_ms));
  for (const std::optional<std::string>& key : place.keys) {
    after += key ? '\1' : '\0';
    if (key) base::PutBlob(after, *key);
  }
  base::PutBig(after, place.docid);
  return after;
}

base::Result<std::optional<AfterPlace>> ReadAfter(std::string_view after, const fhir::SearchRequest& request) {
  if (after.empty()) return std::optional<AfterPlace>();
  const base::Error broken(base::ErrorKind::kMalformed, "store.cursor");
  if (after.size() < kDocidBytes) return broken;
  AfterPlace place;
  const std::string_view rest = after.substr(0, after.size() - kDocidBytes);
  place.docid = base::BigAt<uint32_t>(after, rest.size());
  switch (OrderOf(request)) {
    case Order::kDocid:
      if (!rest.empty()) return broken;
      break;
    case Order::kTime:
      if (rest.size() != kTimeBytes) return broken;
      place.time_ms = fhir::TimeOfOrdered(base::BigAt<uint64_t>(rest));
      break;
    case Order::kKeys:
      if (!ReadKeys(rest, request.sort.size(), &place)) return broken;
  }
  return std::optional<AfterPlace>(std::move(place));
}

}  // namespace heyi::store
