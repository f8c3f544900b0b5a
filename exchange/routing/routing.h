// The routes and the release profiles they go by, read together: a route names a profile.
#pragma once

#include <memory>
#include <string>

#include "exchange/routing/route_table.h"
#include "policy/release.h"

namespace heyi::exchange {

class Routing {
 public:
  struct Text {
    std::string file_name, text;  // an empty name: the built-in one
  };
  // The definitions outlive what is returned; `maps` are those in force now.
  //   errors  kInvalid release.syntax, exchange.routes with "file:line"
  static base::Result<std::shared_ptr<const Routing>> Load(const Text& profiles, const Text& routes, const fhir::SearchParameters& parameters,
                                                           const mapping::MapLibrary& maps);
  static std::shared_ptr<const Routing> BuiltIn(const fhir::SearchParameters& parameters, const mapping::MapLibrary& maps);

  const policy::ReleaseProfiles& profiles() const { return profiles_; }
  const RouteTable& table() const { return table_; }

  explicit Routing(policy::ReleaseProfiles profiles) : profiles_(std::move(profiles)) {}
  Routing(const Routing&) = delete;
  Routing& operator=(const Routing&) = delete;

 private:
  const policy::ReleaseProfiles profiles_;
  RouteTable table_;  // points into profiles_
};

}  // namespace heyi::exchange
