#include "conformance/validate/same_value.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;
using fhir::Node;

enum class Measure : uint8_t { kEqual, kContains };

// Recursion follows the definition, whose nesting the JSON reader caps.
bool Fits(Node node, const JsonValue& wanted, Measure measure);

bool ListFits(Node list, const JsonValue& wanted, Measure measure) {
  if (measure == Measure::kEqual) {
    if (!list.is_array() || list.ChildCount() != wanted.items().size()) return false;
    Node item = list.first_child();
    for (const JsonValue& one : wanted.items()) {
      if (!Fits(item, one, measure)) return false;
      item = item.next();
    }
    return true;
  }
  for (const JsonValue& one : wanted.items()) {
    bool found = false;
    for (Node item = list.is_array() ? list.first_child() : list; item && !found; item = list.is_array() ? item.next() : Node()) {
      found = Fits(item, one, measure);
    }
    if (!found) return false;
  }
  return true;
}

bool Fits(Node node, const JsonValue& wanted, Measure measure) {
  if (!node) return false;
  if (wanted.is_array()) return ListFits(node, wanted, measure);
  if (!wanted.is_object()) return !node.is_object() && !node.is_array() && node.text() == wanted.text();
  if (!node.is_object()) return false;
  for (const JsonValue::Member& member : wanted.members()) {
    if (!Fits(node.Member(member.first), member.second, measure)) return false;
  }
  return measure == Measure::kContains || node.ChildCount() == wanted.members().size();
}

}  // namespace

bool IsFixed(const fhir::PathValue& item, const JsonValue& fixed) { return Fits(item.node(), fixed, Measure::kEqual); }
bool FitsPattern(const fhir::PathValue& item, const JsonValue& pattern) { return Fits(item.node(), pattern, Measure::kContains); }

}  // namespace heyi::conformance
