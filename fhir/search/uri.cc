// URIs: compared whole and exactly.
// https://hl7.org/fhir/R4/search.html#uri
#include "fhir/search/kinds.h"

namespace heyi::fhir {

void AppendUris(const PathValue& item, std::vector<SearchValue>& out) {
  if (item.kind() == PathValue::Kind::kNode) {
    if (!item.node() || item.type() == nullptr || !item.type()->is_primitive()) return;
  }
  const std::string_view text = item.text();
  if (text.empty()) return;
  out.emplace_back(UriValue{std::string(text)});
  // A canonical with a version is found with it and without it.
  if (item.type() == nullptr || item.type()->name != "canonical") return;
  if (const size_t bar = text.rfind('|'); bar != std::string_view::npos && bar > 0) {
    out.emplace_back(UriValue{std::string(text.substr(0, bar))});
  }
}

}  // namespace heyi::fhir
