#include "cli/map/map.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/local.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

constexpr std::string_view kUsage =
    "usage: heyi map check FILE…                                  is it a map? all that is wrong, with its line\n"
    "       heyi map explain FILE|NAME                            which field goes where, and what does not come back\n"
    "       heyi map run FILE|NAME MESSAGE… [--store FILE.ndjson]  what the messages become, and where each value came from\n"
    "       heyi map run FILE|NAME --back NAME=RESOURCE.json…      the message that resources become\n"
    "       heyi map diff OLD NEW [MESSAGE…] [--store FILE.ndjson] what changes between two maps, in rules and in results\n"
    "       heyi map export FILE|NAME [--json] [--out DIR]         the same as two StructureMaps: the way in and the way out\n"
    "  of a running server ([--data DIR] [--server URL]):\n"
    "       heyi map ls | show DEPARTMENT TYPE [--version V]\n"
    "       heyi map replay FILE --dry-run [--limit N]            what it would make of the stored messages\n"
    "       heyi map install FILE | activate DEPARTMENT TYPE VERSION\n"
    "NAME is a built-in map's, as lineage names it: civil.ELDER\n";

struct LocalVerb {
  std::string_view name;
  size_t words_min;
  int (*run)(const MapWorkshop&, const Arguments&);
};
constexpr LocalVerb kLocal[] = {{"check", 1, MapCheck}, {"explain", 1, MapExplain}, {"run", 1, MapRun}, {"diff", 2, MapDiff}, {"export", 1, MapExport}};

}  // namespace

base::Result<MapWorkshop> MapWorkshop::Open() {
  MapWorkshop workshop;
  HEYI_TRY(definitions, LoadDefinitions());
  workshop.definitions = std::move(definitions);
  HEYI_TRY(library, mapping::MapLibrary::Load(*workshop.definitions));
  workshop.built_in = std::move(library);
  return workshop;
}

base::Result<std::shared_ptr<const mapping::PairMap>> MapWorkshop::Map(const std::string& file_or_name) const {
  for (const auto& map : built_in.maps()) {
    if (map->name() == file_or_name) return map;
  }
  HEYI_TRY(text, ReadText(file_or_name));
  HEYI_TRY(map, mapping::PairMap::Compile(file_or_name, text, *definitions, built_in.tables()));
  return std::make_shared<const mapping::PairMap>(std::move(map));
}

int RunMap(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"store", "data", "server", "version", "limit", "out"};
  constexpr std::string_view kFlags[] = {"back", "dry-run", "json"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, kFlags, &arguments);
  const std::vector<std::string>& left = arguments.positional();
  const std::string verb = parsed && !left.empty() ? left[0] : "";
  const auto* local = std::find_if(std::begin(kLocal), std::end(kLocal), [&](const LocalVerb& one) { return one.name == verb; });
  if (local != std::end(kLocal) && left.size() > local->words_min) {
    const auto workshop = MapWorkshop::Open();
    if (!workshop.ok()) return ReportError(workshop.error());
    return local->run(*workshop, arguments);
  }
  const size_t words_wanted = verb == "ls" ? 1 : verb == "show" ? 3 : verb == "activate" ? 4 : verb == "install" ? 2 : verb == "replay" && arguments.Has("dry-run") ? 2 : 0;
  if (words_wanted == 0 || left.size() != words_wanted) {
    std::fputs(std::string(kUsage).c_str(), stderr);
    return 2;
  }
  return MapRemote(verb, arguments);
}

}  // namespace heyi::cli
