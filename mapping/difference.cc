#include "mapping/difference.h"

#include <algorithm>
#include <map>

namespace heyi::mapping {
using Values = std::vector<std::pair<std::string, std::string>>;

// With a stack of its own: a tree may be as deep as its parser lets it.
Values ValuesOf(const fhir::Tree& resource) {
  Values values;
  std::vector<fhir::Node> open;
  const auto push = [&](fhir::Node parent) {
    const size_t from = open.size();
    for (fhir::Node child = parent.first_child(); child; child = child.next()) open.push_back(child);
    std::reverse(open.begin() + static_cast<std::ptrdiff_t>(from), open.end());
  };
  push(resource.root());
  while (!open.empty()) {
    const fhir::Node node = open.back();
    open.pop_back();
    if (node.property() == nullptr) continue;  // resourceType
    if (node.parent() == resource.root() && (node.property()->name == "meta" || node.property()->name == "id")) continue;
    if (node.is_object() || node.is_array()) {
      push(node);
      continue;
    }
    const std::string expression = fhir::ExpressionOf(node);
    values.emplace_back(expression.substr(expression.find('.') + 1), std::string(node.text()));
  }
  return values;
}

bool IsAtOrBelow(std::string_view place, std::string_view above) {
  if (above.empty() || place == above) return true;
  return place.starts_with(above) && (place[above.size()] == '.' || place[above.size()] == '[');
}

std::vector<Difference> Differences(const fhir::Tree* before, const fhir::Tree* after) {
  const Values old = before == nullptr ? Values() : ValuesOf(*before), now = after == nullptr ? Values() : ValuesOf(*after);
  std::map<std::string_view, std::string_view> now_at;
  for (const auto& [path, text] : now) now_at.emplace(path, text);
  std::vector<Difference> found;
  std::map<std::string_view, std::string_view> old_at;
  for (const auto& [path, text] : old) {
    old_at.emplace(path, text);
    const auto other = now_at.find(path);
    if (other == now_at.end()) found.push_back({path, text, ""});
    else if (other->second != text) found.push_back({path, text, std::string(other->second)});
  }
  for (const auto& [path, text] : now) {
    if (!old_at.contains(path)) found.push_back({path, "", text});
  }
  return found;
}

}  // namespace heyi::mapping
