#include "exchange/differences.h"

#include <fmt/format.h>

#include <map>

#include "base/json/value.h"
#include "fhir/json/write.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

// Every value by its path; what is read is a resource, whose depth the parser has bounded.
std::map<std::string, std::string> Flat(const JsonValue& root) {
  std::map<std::string, std::string> flat;
  std::vector<std::pair<std::string, const JsonValue*>> open{{"", &root}};
  while (!open.empty()) {
    const auto [path, value] = open.back();
    open.pop_back();
    for (const auto& [name, member] : value->members()) open.emplace_back(path.empty() ? name : path + "." + name, &member);
    for (size_t i = 0; i < value->items().size(); ++i) open.emplace_back(fmt::format("{}[{}]", path, i), &value->items()[i]);
    if (!value->is_object() && !value->is_array()) flat[path] = value->text();
  }
  return flat;
}

base::Result<std::map<std::string, std::string>> FlatTree(const fhir::Tree& tree) {
  HEYI_TRY(json, base::ParseJson(fhir::WriteJson(tree)));
  std::map<std::string, std::string> flat = Flat(json);
  flat.erase("resourceType");
  flat.erase("id");
  std::erase_if(flat, [](const auto& entry) { return entry.first.starts_with("meta."); });
  return flat;
}

void Compare(const std::string& resource, const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& after,
             PlanTrace& trace) {
  const auto note = [&](const std::string& path, const std::string& old_text, const std::string& new_text) {
    if (old_text == new_text) return;
    if (trace.differences.size() == kDifferencesMax) {
      trace.more_differences = true;
    } else {
      trace.differences.push_back({resource, path, old_text, new_text});
    }
  };
  const auto at = [](const std::map<std::string, std::string>& flat, const std::string& path) {
    const auto found = flat.find(path);
    return found == flat.end() ? std::string() : found->second;
  };
  for (const auto& [path, text] : after) note(path, at(before, path), text);
  for (const auto& [path, text] : before) {
    if (!after.contains(path)) note(path, text, "");
  }
}

}  // namespace

base::Result<base::Done> FindDifferences(const interaction::Plan& plan, PlanTrace& trace) {
  for (const interaction::Plan::Put& put : plan.Writes()) {
    if (put.type->name == "Provenance") continue;
    HEYI_TRY(record, plan.snapshot().Current(*put.type, put.id));
    std::map<std::string, std::string> before;
    if (record && !record->deleted) {
      HEYI_TRY(tree, plan.snapshot().Tree(*record));
      HEYI_TRY(flat, FlatTree(tree));
      before = std::move(flat);
    }
    HEYI_TRY(found, plan.Find(*put.type, put.id));
    if (!found) continue;
    HEYI_TRY(after, FlatTree(found->tree));
    Compare(fmt::format("{}/{}", put.type->name, put.id), before, after, trace);
  }
  return base::Done{};
}

}  // namespace heyi::exchange
