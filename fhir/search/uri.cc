// URIs: compared whole and exactly, or, for what has parts, by how they begin.
// https://hl7.org/fhir/R4/search.html#uri
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

// "urn:oid:1.2" is one name, however it begins. A wanted text without scheme ("http") may be the beginning of either.
bool IsUrn(std::string_view uri) { return uri.starts_with("urn:"); }

// Does `uri` go on behind its first `size` bytes with a part of its own?
bool IsBoundary(std::string_view uri, size_t size) {
  constexpr std::string_view kSeparators = "/?#|";
  if (size == uri.size()) return true;
  return kSeparators.find(uri[size]) != std::string_view::npos ||
      kSeparators.find(uri[size - 1]) != std::string_view::npos;
}

}  // namespace

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

std::vector<std::string> UrisAbove(std::string_view uri) {
  std::vector<std::string> above;
  if (IsUrn(uri)) return above;
  for (size_t size = uri.size(); size > 0; --size) {
    if (IsBoundary(uri, size)) above.emplace_back(uri.substr(0, size));
  }
  return above;
}

bool UriMatches(std::string_view modifier, const UriValue& wanted, const UriValue& value) {
  if (modifier == "below") return value.uri.starts_with(wanted.uri) && !IsUrn(value.uri);
  if (modifier != "above") return value.uri == wanted.uri;
  return !IsUrn(wanted.uri) && !value.uri.empty() && wanted.uri.starts_with(value.uri) &&
         IsBoundary(wanted.uri, value.uri.size());
}

}  // namespace heyi::fhir
