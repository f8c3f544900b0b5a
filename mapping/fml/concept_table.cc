#include "mapping/fml/concept_table.h"

namespace heyi::mapping {
namespace {

bool IsNoCounterpart(std::string_view relation) {
  return relation == "unmatched" || relation == "disjoint" || relation == "not-related-to";
}

}  // namespace

ConceptTable::ConceptTable(const base::JsonValue& concept_map) {
  for (const base::JsonValue& json : concept_map["group"].items()) {
    Group& group = groups_.emplace_back();
    group.source = json.StringAt("source");
    group.target = json.StringAt("target");
    for (const base::JsonValue& element : json["element"].items()) {
      for (const base::JsonValue& target : element["target"].items()) {
        std::string_view relation = target.StringAt("equivalence");
        if (relation.empty()) relation = target.StringAt("relationship");
        if (IsNoCounterpart(relation) || target.StringAt("code").empty()) continue;
        group.codes[std::string(element.StringAt("code"))].push_back(
            {group.target, std::string(target.StringAt("code")), std::string(target.StringAt("display")),
             relation == "equal" || relation == "equivalent"});
      }
    }
    const base::JsonValue& unmapped = json["unmapped"];
    const std::string_view mode = unmapped.StringAt("mode");
    group.unmapped = mode == "use-source-code" ? "provided" : mode;
    group.fixed = {group.target, std::string(unmapped.StringAt("code")), std::string(unmapped.StringAt("display")),
        false};
  }
}

std::vector<ConceptTarget> ConceptTable::Translate(std::string_view system, std::string_view code) const {
  std::vector<ConceptTarget> found;
  const auto fits = [system](const Group& group) { return system.empty() || group.source.empty() ||
      group.source == system; };
  for (const Group& group : groups_) {
    if (!fits(group)) continue;
    const auto known = group.codes.find(std::string(code));
    if (known != group.codes.end()) found.insert(found.end(), known->second.begin(), known->second.end());
  }
  bool any_exact = false;
  for (const ConceptTarget& target : found) any_exact = any_exact || target.exact;
  if (any_exact) std::erase_if(found, [](const ConceptTarget& target) { return !target.exact; });
  if (!found.empty()) return found;
  for (const Group& group : groups_) {
    if (!fits(group)) continue;
    if (group.unmapped == "provided") return {{group.target, std::string(code), {}, false}};
    if (group.unmapped == "fixed" && !group.fixed.code.empty()) return {group.fixed};
  }
  return found;
}

}  // namespace heyi::mapping
