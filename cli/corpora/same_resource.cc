#include "cli/corpora/same_resource.h"

#include <algorithm>

#include "base/json/value.h"
#include "fhir/json/write.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

// Recursion is bounded by the reader's depth.
JsonValue Sorted(const JsonValue& value, bool root) {
  if (value.is_array()) {
    JsonValue list = JsonValue::Array();
    for (const JsonValue& item : value.items()) list.Append(Sorted(item, false));
    return list;
  }
  if (!value.is_object()) return value;
  std::vector<const JsonValue::Member*> members;
  for (const JsonValue::Member& member : value.members()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  JsonValue object = JsonValue::Object();
  for (const JsonValue::Member* member : members) {
    if ((root && member->first == "meta") || member->first == "div") continue;
    object.Set(member->first, Sorted(member->second, false));
  }
  return object;
}

}  // namespace

std::string WithoutOrder(const fhir::Tree& tree) {
  const auto json = base::ParseJson(fhir::WriteJson(tree));
  return json.ok() ? base::WriteJson(Sorted(*json, true)) : std::string();
}

}  // namespace heyi::cli
