#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "adapters/model_definition.h"
#include "base/file.h"
#include "cli/map/map.h"
#include "cli/report_error.h"
#include "mapping/fml/json.h"
#include "mapping/fml/print.h"
#include "mapping/pair/to_structure_map.h"

namespace heyi::cli {
namespace {

// A map that has only one way writes nothing in the other.
bool SaysNothing(const mapping::StructureMap& map) { return map.groups.size() < 2; }

std::string IdOf(const std::string& url) { return url.substr(url.rfind('/') + 1); }

base::JsonValue WithId(const base::JsonValue& resource, const std::string& id) {
  base::JsonValue json = base::JsonValue::Object();
  json.Set("resourceType", *resource.Find("resourceType"));
  json.Set("id", base::JsonValue::OfString(id));
  for (const auto& [name, value] : resource.members()) {
    if (name != "resourceType" && name != "id") json.Set(name, value);
  }
  return json;
}

base::Result<base::Done> WriteOut(const std::string& folder, const std::string& name, const std::string& text) {
  return base::WriteFileDurably((std::filesystem::path(folder) / name).string(), text);
}

}  // namespace

int MapExport(const MapWorkshop& workshop, const Arguments& arguments) {
  const auto map = workshop.Map(arguments.positional()[1]);
  if (!map.ok()) return ReportError(map.error());
  const std::string folder = arguments.Option("out", "");
  const bool as_json = arguments.Has("json");
  if (!folder.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);  // a failure shows when a file is written
  }
  for (const mapping::ExportedMap& exported : {mapping::ExportInward(**map), mapping::ExportOutward(**map)}) {
    const std::string id = IdOf(exported.map.url);
    if (SaysNothing(exported.map)) {
      fmt::print(stderr, "{}: no rule writes anything this way\n", id);
      for (const mapping::NotSaid& one : exported.not_said) fmt::print(stderr, "  not said, line {}: {}\n", one.line, one.reason);
      continue;
    }
    const std::string text = mapping::PrintFml(exported.map);
    const std::string json = base::WriteJson(WithId(mapping::WriteStructureMap(exported.map, *workshop.definitions), id), true) + "\n";
    if (folder.empty()) {
      fmt::print("{}\n", as_json ? json : text);
      continue;
    }
    for (const auto& [name, content] : {std::pair("StructureMap-" + id + ".json", json), std::pair(id + ".map", text)}) {
      const auto written = WriteOut(folder, name, content);
      if (!written.ok()) return ReportError(written.error());
    }
    fmt::print("{}: {} groups\n", id, exported.map.groups.size());
    for (const mapping::NotSaid& one : exported.not_said) fmt::print("  not said, line {}: {}\n", one.line, one.reason);
  }
  if (folder.empty()) return 0;
  for (const adapters::LogicalModel* model : mapping::ModelsOf(**map)) {
    const std::string name = "StructureDefinition-" + IdOf(adapters::ModelUrl(*model)) + ".json";
    const auto written = WriteOut(folder, name, base::WriteJson(adapters::ModelDefinition(*model), true) + "\n");
    if (!written.ok()) return ReportError(written.error());
  }
  return 0;
}

}  // namespace heyi::cli
