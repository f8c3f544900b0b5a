#include "exchange/routing/routes_desk.h"

#include "exchange/routing/limits.h"
#include "exchange/routing/withheld.h"

namespace heyi::exchange {
namespace {

std::string ListRoutes(const RouteTable& table) {
  base::JsonValue routes = base::JsonValue::Array();
  for (const RouteRule& rule : table.rules()) {
    base::JsonValue row = base::JsonValue::Object();
    const auto set = [&](std::string_view name, std::string_view text) { row.Set(name, base::JsonValue::OfString(text)); };
    set("id", rule.id);
    set("department", rule.department);
    set("message", rule.message);
    set("on", rule.type->name);
    set("where", rule.where ? rule.where->text() : std::string());
    set("purpose", rule.purpose);
    set("profile", rule.profile->id());
    row.Set("agreement", base::JsonValue::OfBool(!rule.giver.empty()));
    routes.Append(std::move(row));
  }
  base::JsonValue page = base::JsonValue::Object();
  page.Set("routes", std::move(routes));
  return base::WriteJson(page);
}

base::Result<std::string> ListWithheld(const store::Snapshot& snapshot) {
  base::JsonValue withheld = base::JsonValue::Array();
  HEYI_CHECK(snapshot.Facts(kWithheldSpace, "", [&](std::string_view, std::string_view value) {
    auto row = base::ParseJson(std::string(value));
    if (row.ok()) withheld.Append(std::move(*row));
    return withheld.items().size() < kWithheldShownMax;
  }));
  base::JsonValue page = base::JsonValue::Object();
  page.Set("withheld", std::move(withheld));
  return base::WriteJson(page);
}

class RoutesDesk : public Desk {
 public:
  RoutesDesk(const Routing& routing, const store::Store& store) : routing_(routing), store_(store) {}
  std::string_view name() const override { return "routes"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context&, audit::Leaf&) override {
    if (call.method != "GET") return base::Error(base::ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    if (call.path.empty()) return DeskAnswer{200, ListRoutes(routing_.table())};
    if (call.path.size() > 1 || call.path.front() != "withheld") return base::Error(base::ErrorKind::kNotFound, "exchange.unknown-route", {}, call.path.front());
    HEYI_TRY(json, ListWithheld(*store_.Now()));
    return DeskAnswer{200, std::move(json)};
  }

 private:
  const Routing& routing_;
  const store::Store& store_;
};

}  // namespace

std::unique_ptr<Desk> MakeRoutesDesk(const Routing& routing, const store::Store& store) { return std::make_unique<RoutesDesk>(routing, store); }

}  // namespace heyi::exchange
