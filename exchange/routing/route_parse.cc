// The routes' text, one statement a line. Everything that can be checked without data is checked: types, FHIRPath (with
// its members), searches, maps, release profiles and whether they are for that recipient and purpose.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "exchange/routing/limits.h"
#include "exchange/routing/route_table.h"
#include "interaction/url.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kDefaultRoutes =
#include "default_routes.inc"
    ;

// The word in front, and what follows it.
std::pair<std::string_view, std::string_view> FirstWord(std::string_view text) {
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end), base::Trim(text.substr(end))};
}

bool IsRouteName(std::string_view text) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), good);
}

}  // namespace

class RouteReader {
 public:
  RouteReader(std::string_view file_name, const fhir::SearchParameters& parameters, const mapping::MapLibrary& maps, const policy::ReleaseProfiles& profiles)
      : file_name_(file_name), parameters_(parameters), maps_(maps), profiles_(profiles) {}

  base::Result<RouteTable> Read(std::string_view text) {
    if (text.size() > kRoutesBytesMax || !base::IsValidUtf8(text)) {
      return base::Error(base::ErrorKind::kInvalid, "exchange.routes", std::string(file_name_), "larger than 1 MiB, or not UTF-8");
    }
    for (std::string_view line : base::Split(text, '\n')) {
      ++line_;
      const size_t remark = line.starts_with('#') ? 0 : line.find(" #");
      if (line = base::Trim(line.substr(0, remark)); !line.empty()) ReadLine(line);
    }
    EndRoute();
    if (!outcome_.empty()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome_));
    return std::move(table_);
  }

 private:
  void Wrong(std::string_view what) { WrongAt(line_, what); }
  void WrongAt(size_t line, std::string_view what) {
    if (outcome_.issues().size() == kRouteErrorsMax) return;
    outcome_.Add("exchange.routes", fmt::format("{}:{}", file_name_, line), fmt::format("line {}: {}", line, what));
  }

  void ReadLine(std::string_view line) {
    const auto [verb, rest] = FirstWord(line);
    if (verb == "route") return ReadRoute(rest);
    if (!in_route_) return Wrong("a statement stands below a route");
    if (verb == "on") return ReadOn(rest);
    if (rule_.type == nullptr) {
      if (!broken_) Wrong("first say what it is on");
      return;
    }
    if (verb == "need" || verb == "give") return ReadGiven(verb == "need", rest);
    if (verb == "order") return ReadOrder(rest);
    if (verb == "agreement") return ReadAgreement(rest);
    if (verb == "differing" && rest.empty()) {
      rule_.only_differing = true;
      return;
    }
    Wrong(fmt::format("a line begins with route, on, need, give, order, agreement or differing, not \"{}\"", verb));
  }

  void ReadRoute(std::string_view rest) {
    EndRoute();
    const auto cells = base::Split(rest, '|');
    if (cells.size() != 5) return Wrong("route ID | department | message | purpose | release profile");
    rule_ = {};
    names_.clear();
    in_route_ = true;
    broken_ = false;
    route_line_ = line_;
    rule_.id = base::Trim(cells[0]);
    rule_.department = base::Trim(cells[1]);
    rule_.message = base::Trim(cells[2]);
    rule_.purpose = base::Trim(cells[3]);
    if (!IsRouteName(rule_.id)) Wrong(fmt::format("\"{}\" is no id: small letters, digits, '.' and '-'", rule_.id));
    if (!ids_.insert(rule_.id).second) Wrong(fmt::format("route {} stands twice", rule_.id));
    map_ = maps_.Find(rule_.department, rule_.message);
    if (map_ == nullptr) Wrong(fmt::format("there is no map for {} of {}", rule_.message, rule_.department));
    rule_.profile = profiles_.Find(base::Trim(cells[4]));
    if (rule_.profile == nullptr) return Wrong(fmt::format("there is no release profile {}", base::Trim(cells[4])));
    if (rule_.profile->recipient() != rule_.department || !rule_.profile->IsFor(rule_.purpose)) {
      Wrong(fmt::format("the profile {} is not for {}, {}", rule_.profile->id(), rule_.department, rule_.purpose));
    }
  }

  // on TYPE as NAME [where CONDITION]
  void ReadOn(std::string_view rest) {
    if (rule_.type != nullptr) return Wrong("it is on one type only");
    broken_ = true;  // until the end of this: then the lines below are not blamed for it
    const auto [type, behind] = FirstWord(rest);
    const auto [as, named] = FirstWord(behind);
    const auto [name, tail] = FirstWord(named);
    const auto [where, condition] = FirstWord(tail);
    if (as != "as" || !IsRouteName(name) || (!where.empty() && where != "where")) return Wrong("on TYPE as NAME [where CONDITION]");
    const fhir::Type* resource = parameters_.definitions().FindResource(type);
    if (resource == nullptr) return Wrong(fmt::format("\"{}\" is no resource type", type));
    if (!where.empty()) rule_.where = Compiled(condition, resource);
    if (rule_.profile != nullptr && rule_.profile->RulesOf(type) == nullptr) Wrong(fmt::format("the profile {} lets no {} go", rule_.profile->id(), type));
    if (map_ != nullptr && !map_->Takes(name)) return Wrong(fmt::format("the map of {} knows no {}", rule_.message, name));
    rule_.type = resource;
    rule_.as = name;
    names_.emplace_back(name, resource);
  }

  // NAME = NAME.PATH, or NAME = TYPE?QUERY
  void ReadGiven(bool needed, std::string_view rest) {
    const size_t equals = rest.find('=');
    GivenResource given;
    given.needed = needed;
    given.name = base::Trim(rest.substr(0, equals));
    if (equals == std::string_view::npos || !IsRouteName(given.name) || Knows(given.name)) return Wrong("NAME = PLACE, a name that is not taken");
    if (rule_.given.size() == kGivenMax) return Wrong("too many resources for one message");
    const std::string_view place = base::Trim(rest.substr(equals + 1));
    const size_t mark = place.find('?');
    if (mark != std::string_view::npos && place.substr(0, mark).find('.') == std::string_view::npos) {
      if (!ReadSearch(place.substr(0, mark), place.substr(mark + 1), given)) return;
    } else {
      given.reference = ReadPlace(place);
      if (!given.reference) return;
    }
    names_.emplace_back(given.name, given.type);
    rule_.given.push_back(std::move(given));
  }

  bool ReadSearch(std::string_view type, std::string_view query, GivenResource& given) {
    given.type = parameters_.definitions().FindResource(type);
    if (given.type == nullptr) return Wrong(fmt::format("\"{}\" is no resource type", type)), false;
    auto decoded = interaction::DecodeQuery(query);
    if (!decoded.ok()) return Wrong(fmt::format("\"{}\" is no query", query)), false;
    given.query = std::move(*decoded);
    auto tried = given.query;
    for (auto& [name, value] : tried) {
      for (size_t open; (open = value.find('{')) != std::string::npos;) {
        const size_t close = value.find('}', open);
        const std::string at_hand = value.substr(open + 1, close == std::string::npos ? close : close - open - 1);
        if (close == std::string::npos || !Knows(at_hand)) return Wrong(fmt::format("{{{}}} is not at hand", at_hand)), false;
        value.replace(open, close - open + 1, "Patient/1");
      }
    }
    if (auto parsed = fhir::ParseSearch(*given.type, tried, /*lenient=*/false, parameters_); !parsed.ok()) {
      return Wrong(base::EnglishText(parsed.error().outcome.issues().front())), false;
    }
    return true;
  }

  // NAME.PATH; NAME alone is the resource itself.
  std::optional<PlacePath> ReadPlace(std::string_view text) {
    const size_t dot = std::min(text.find('.'), text.size());
    const std::string name(text.substr(0, dot));
    if (!Knows(name)) {
      Wrong(fmt::format("{} is not at hand", name));
      return std::nullopt;
    }
    std::optional<fhir::Expression> path = Compiled(dot == text.size() ? "$this" : text.substr(dot + 1), TypeOf(name));
    if (!path) return std::nullopt;
    return PlacePath{name, std::move(*path)};
  }

  void ReadOrder(std::string_view rest) {
    if (rule_.order) return Wrong("one order only");
    rule_.order = ReadPlace(rest);
  }

  void ReadAgreement(std::string_view rest) {
    const auto [giver, receiver] = FirstWord(rest);
    if (!Knows(giver) || !Knows(receiver) || giver == receiver) return Wrong("agreement NAME NAME, two that are at hand");
    rule_.giver = giver;
    rule_.receiver = receiver;
  }

  std::optional<fhir::Expression> Compiled(std::string_view text, const fhir::Type* focus) {
    fhir::CompileOptions options;
    options.focus = focus;
    if (focus != nullptr) options.types = fhir::CompileOptions::Types::kChecked;
    auto compiled = fhir::Expression::Compile(text, parameters_.definitions(), options);
    if (compiled.ok()) return std::move(*compiled);
    Wrong(fmt::format("{}: {}", text, base::EnglishText(compiled.error().outcome.issues().front())));
    return std::nullopt;
  }

  bool Knows(std::string_view name) const {
    return std::any_of(names_.begin(), names_.end(), [name](const auto& known) { return known.first == name; });
  }
  // Null where only the data can tell.
  const fhir::Type* TypeOf(std::string_view name) const {
    for (const auto& [known, type] : names_) {
      if (known == name) return type;
    }
    return nullptr;
  }

  void EndRoute() {
    if (!in_route_) return;
    if (rule_.type == nullptr && !broken_) WrongAt(route_line_, fmt::format("route {} does not say what it is on", rule_.id));
    if (table_.rules_.size() == kRoutesMax) WrongAt(route_line_, "too many routes");
    table_.rules_.push_back(std::move(rule_));
    in_route_ = false;
  }

  const std::string_view file_name_;
  const fhir::SearchParameters& parameters_;
  const mapping::MapLibrary& maps_;
  const policy::ReleaseProfiles& profiles_;
  RouteTable table_;
  base::Outcome outcome_;
  std::set<std::string> ids_;
  std::vector<std::pair<std::string, const fhir::Type*>> names_;
  RouteRule rule_;
  const mapping::PairMap* map_ = nullptr;  // of the rule
  size_t line_ = 0, route_line_ = 0;
  bool in_route_ = false, broken_ = false;
};

base::Result<RouteTable> RouteTable::Parse(std::string_view file_name, std::string_view text, const fhir::SearchParameters& parameters,
                                           const mapping::MapLibrary& maps, const policy::ReleaseProfiles& profiles) {
  return RouteReader(file_name, parameters, maps, profiles).Read(text);
}

std::string_view RouteTable::DefaultText() { return kDefaultRoutes; }

bool RouteTable::Tells(std::string_view type) const {
  return std::any_of(rules_.begin(), rules_.end(), [type](const RouteRule& rule) { return rule.type->name == type; });
}

}  // namespace heyi::exchange
