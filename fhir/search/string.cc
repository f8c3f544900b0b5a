// Strings: what begins with the text asked for, case, accents and width folded away (base/text.h).
// https://hl7.org/fhir/R4/search.html#string
#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

void Add(std::string_view text, std::vector<SearchValue>& out) {
  if (!text.empty()) out.emplace_back(StringValue{std::string(text)});
}

// The string members of a HumanName or an Address: every part is a value of its own; codes and periods are none.
void AddParts(Node node, std::vector<SearchValue>& out) {
  for (Node member = node.first_child(); member; member = member.next()) {
    if (member.underscore() || member.type() == nullptr || member.type()->name != "string") continue;
    if (!member.is_array()) {
      if (member.property()->name != "id") Add(member.text(), out);
      continue;
    }
    for (Node item = member.first_child(); item; item = item.next()) Add(item.text(), out);
  }
}

}  // namespace

void AppendStrings(const PathValue& item, std::vector<SearchValue>& out) {
  if (item.kind() != PathValue::Kind::kNode) return Add(item.text(), out);
  const Node node = item.node();
  if (!node || node.type() == nullptr) return;
  if (node.type()->is_primitive()) return Add(node.text(), out);
  if (node.type()->name == "HumanName" || node.type()->name == "Address") AddParts(node, out);
}

bool StringMatches(std::string_view modifier, const StringValue& wanted, const StringValue& value) {
  if (modifier == "exact") return value.text == wanted.text;
  const std::string have = base::FoldForSearch(value.text);
  const std::string want = base::FoldForSearch(wanted.text);
  return modifier == "contains" ? have.find(want) != std::string::npos : have.starts_with(want);
}

}  // namespace heyi::fhir
