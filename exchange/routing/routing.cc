#include "exchange/routing/routing.h"

#include <cstdio>
#include <cstdlib>

namespace heyi::exchange {

base::Result<std::shared_ptr<const Routing>> Routing::Load(const Text& profiles, const Text& routes, const fhir::SearchParameters& parameters,
                                                           const mapping::MapLibrary& maps) {
  const fhir::Definitions& definitions = parameters.definitions();
  auto read = profiles.file_name.empty() ? base::Result<policy::ReleaseProfiles>(policy::ReleaseProfiles::Default(definitions))
                                         : policy::ReleaseProfiles::Parse(profiles.file_name, profiles.text, definitions);
  if (!read.ok()) return std::move(read).error();
  auto routing = std::make_shared<Routing>(std::move(*read));
  const bool built_in = routes.file_name.empty();
  HEYI_TRY(table, RouteTable::Parse(built_in ? "default.routes" : routes.file_name, built_in ? RouteTable::DefaultText() : routes.text, parameters, maps,
                                    routing->profiles_));
  routing->table_ = std::move(table);
  return std::shared_ptr<const Routing>(std::move(routing));
}

std::shared_ptr<const Routing> Routing::BuiltIn(const fhir::SearchParameters& parameters, const mapping::MapLibrary& maps) {
  auto routing = Load({}, {}, parameters, maps);
  if (!routing.ok()) {  // the program was built around a broken text
    const base::Issue& first = routing.error().outcome.issues().front();
    std::fprintf(stderr, "heyi: exchange/routing/%s: %s\n", first.expression.c_str(), base::EnglishText(first).c_str());
    std::abort();
  }
  return std::move(*routing);
}

}  // namespace heyi::exchange
