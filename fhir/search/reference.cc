// References: to a resource by type and id, to a URL, or by identifier.
// https://hl7.org/fhir/R4/search.html#reference
#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// A scheme before anything that a path could hold: http:, urn:, …
bool IsAbsolute(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsLetter(text[0])) return false;
  return text.substr(0, colon).find_first_of("/?#| ") == std::string_view::npos;
}

// An absolute URL; that of a canonical may carry a business version.
ReferenceValue UrlReference(std::string_view text) {
  ReferenceValue value;
  const size_t bar = text.rfind('|');
  value.id = text.substr(0, bar);
  if (bar != std::string_view::npos) value.version = text.substr(bar + 1);
  return value;
}

bool ReadTyped(std::string_view text, ReferenceValue* value) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || !base::IsFhirTypeName(text.substr(0, slash))) return false;
  std::string_view id = text.substr(slash + 1);
  std::string_view version;
  constexpr std::string_view kHistory = "/_history/";
  if (const size_t history = id.find(kHistory); history != std::string_view::npos) {
    version = id.substr(history + kHistory.size());
    id = id.substr(0, history);
    if (!base::IsFhirId(version)) return false;
  }
  if (!base::IsFhirId(id)) return false;
  value->type = text.substr(0, slash);
  value->id = id;
  value->version = version;
  return true;
}

}  // namespace

std::optional<ReferenceValue> ReadReference(std::string_view text) {
  if (text.empty() || text.front() == '#') return std::nullopt;
  if (IsAbsolute(text)) return UrlReference(text);
  ReferenceValue value;
  if (!ReadTyped(text, &value)) value.id = text;
  return value;
}

void AppendReferences(const PathValue& item, std::vector<SearchValue>& out) {
  const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
  if (!node || node.type() == nullptr) return;
  const bool whole = !node.type()->is_primitive();
  if (whole && node.type()->name != "Reference") return;
  std::optional<ReferenceValue> value = ReadReference(whole ? node.TextAt("reference") : node.text());
  if (const Node identifier = whole ? node.Member("identifier") : Node()) {
    if (!value) value.emplace();
    value->identifier.system = identifier.TextAt("system");
    value->identifier.code = identifier.TextAt("value");
  }
  if (value) out.emplace_back(std::move(*value));
}

std::optional<ReferenceValue> ParseReference(std::string_view text) {
  const std::vector<std::string_view> parts = SplitEscaped(text, '|');
  const bool spaced = text.find_first_of(" \t\r\n") != std::string_view::npos;
  if (parts.size() > 2 || parts[0].empty() || parts.back().empty() || spaced) return std::nullopt;
  std::optional<ReferenceValue> value = ReadReference(Unescape(text));
  if (!value) return std::nullopt;
  if (parts.size() == 2 && !IsAbsolute(text)) return std::nullopt;
  // Patient/ or Patient/a_b: looks like a reference but has no id.
  const size_t slash = value->id.find('/');
  if (value->type.empty() && slash != std::string::npos && base::IsFhirTypeName(std::string_view(value->id).substr(0, slash))) {
    return std::nullopt;
  }
  return value;
}

bool ReferenceMatches(const SearchParameter& parameter, const ReferenceValue& wanted, const ReferenceValue& value) {
  if (wanted.id != value.id || (!wanted.version.empty() && wanted.version != value.version)) return false;
  if (wanted.type == value.type) return true;
  // A bare id may be of any type that the parameter points to.
  if (!wanted.type.empty() || !base::IsFhirId(wanted.id)) return false;
  return parameter.targets.empty() ||
         std::find(parameter.targets.begin(), parameter.targets.end(), value.type) != parameter.targets.end();
}

}  // namespace heyi::fhir
