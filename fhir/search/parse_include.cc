// _include and _revinclude: which references are followed from what was found.
// https://hl7.org/fhir/R4/search.html#revinclude
#include <algorithm>

#include "base/text.h"
#include "fhir/search/parsing.h"

namespace heyi::fhir {
namespace {

constexpr std::string_view kWild = "*";

bool MayPointTo(const SearchParameter& parameter, std::string_view type) {
  return parameter.targets.empty() || std::find(parameter.targets.begin(), parameter.targets.end(),
                                                type) != parameter.targets.end();
}

// "Observation:subject:Patient", "Observation:*", "*"; false where there is something wrong with it.
bool ReadParts(Parsing& parsing, std::string_view value, Include& include) {
  const std::vector<std::string_view> parts = base::Split(value, ':');
  const Definitions& definitions = parsing.parameters.definitions();
  if (parts.size() > 3) return false;
  if (parts[0] != kWild) {
    include.source = definitions.FindResource(parts[0]);
    if (include.source == nullptr || parts.size() < 2) return false;
  }
  if (parts.size() > 1 && parts[1] != kWild) {
    if (include.source == nullptr) return false;  // *:subject would mean something else for every type
    include.parameter = parsing.parameters.Find(*include.source, parts[1]);
    if (include.parameter == nullptr || include.parameter->type != SearchType::kReference ||
        !include.parameter->indexed()) return false;
  }
  if (parts.size() == 3 && parts[2] != kWild) {
    include.target = definitions.FindResource(parts[2]);
    if (include.target == nullptr) return false;
    if (include.parameter != nullptr && !MayPointTo(*include.parameter, include.target->name)) return false;
  }
  return true;
}

}  // namespace

bool IsIncludeName(std::string_view name) {
  const std::string_view code = name.substr(0, name.find(':'));
  return code == "_include" || code == "_revinclude";
}

bool ReadInclude(Parsing& parsing, std::string_view name, std::string_view value, SearchRequest& request) {
  Include include;
  include.reverse = name.starts_with("_rev");
  const size_t colon = name.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view modifier = name.substr(colon + 1);
    include.iterate = modifier == "iterate" || modifier == "recurse";  // as STU3 called it
    if (!include.iterate) {
      parsing.refusals.Refuse("search.modifier", name);
      return false;
    }
  }
  if (!ReadParts(parsing, value, include)) {
    parsing.refusals.RefuseOrIgnore("search.include", value);
    return false;
  }
  if (request.includes.size() == kIncludesAskedMax) {
    parsing.refusals.TooCostly("at most " + std::to_string(kIncludesAskedMax) + " _include and _revinclude");
    return false;
  }
  request.includes.push_back(include);
  return true;
}

}  // namespace heyi::fhir
