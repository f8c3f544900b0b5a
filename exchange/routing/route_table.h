// Which change is told to whom, as data: one route a message type that a department gets, read from a text
// (exchange/routing/default.routes, or the district's own; docs/routing.md has the grammar).
//
//   route civil.referral | civil-affairs | BED_REFERRAL | COC | civil.referral
//     on Task as task where focus.reference.startsWith('ServiceRequest/')
//     order task.for
//     need request = task.focus
//     give patient = request.subject
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fhir/path/path.h"
#include "fhir/search/parameters.h"
#include "mapping/map_library.h"
#include "policy/release.h"

namespace heyi::exchange {

// A place in one of the resources at hand: "request.subject".
struct PlacePath {
  std::string name;         // of the resource
  fhir::Expression path;    // on it
};

// A further resource that the map gets: what a place refers to, or what a search finds first.
struct GivenResource {
  std::string name;                        // as the map calls it; only looked at where the map does not know it
  bool needed = false;                     // without it there is nothing to tell
  std::optional<PlacePath> reference;
  const fhir::Type* type = nullptr;        // of a search; its values may hold {NAME}: "Patient/1" of that resource
  std::vector<std::pair<std::string, std::string>> query;
};

struct RouteRule {
  std::string id;           // permanent
  std::string department, message, purpose;
  const policy::ReleaseProfile* profile = nullptr;
  const fhir::Type* type = nullptr;        // a change of such a resource …
  std::string as;                          // … which the map calls so
  std::optional<fhir::Expression> where;   // … and of which this holds
  std::optional<PlacePath> order;          // what must stay in order; none: the changed resource
  std::vector<GivenResource> given;        // in this order; a later one may start at an earlier one
  bool only_differing = false;             // only where the message would say something else than before the change
  // Two Organizations between whom an agreement must be in force that covers the purpose; both empty: none is needed.
  std::string giver, receiver;
};

class RouteTable {
 public:
  // `profiles` outlive the table. `maps`: those in force now; a route asks for its map at each change.
  //   errors  kInvalid exchange.routes with "file:line", all of them
  static base::Result<RouteTable> Parse(std::string_view file_name, std::string_view text, const fhir::SearchParameters& parameters,
                                        const mapping::MapLibrary& maps, const policy::ReleaseProfiles& profiles);
  static std::string_view DefaultText();

  const std::vector<RouteRule>& rules() const { return rules_; }
  bool Tells(std::string_view type) const;  // of changes of that type anybody

 private:
  friend class RouteReader;  // exchange/routing/route_parse.cc
  std::vector<RouteRule> rules_;
};

}  // namespace heyi::exchange
