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

base::Result<std::string> ForgetWithheld(store::Store& store) {
  store::CommitDraft draft;
  HEYI_CHECK(store.Now()->Facts(kWithheldSpace, "", [&](std::string_view key, std::string_view) {
    draft.facts.push_back({std::string(kWithheldSpace), std::string(key), std::nullopt});
    return draft.facts.size() < kWithheldShownMax;
  }));
  base::JsonValue answer = base::JsonValue::Object();
  answer.Set("forgotten", base::JsonValue::OfInteger(static_cast<int64_t>(draft.facts.size())));
  if (!draft.facts.empty()) {
    HEYI_TRY(receipt, store.CommitAndWait(std::move(draft)));
    static_cast<void>(receipt);
  }
  return base::WriteJson(answer);
}

class RoutesDesk : public Desk {
 public:
  RoutesDesk(const Routing& routing, store::Store& store) : routing_(routing), store_(store) {}
  std::string_view name() const override { return "routes"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context&, audit::Leaf&) override {
    const bool withheld = call.path.size() == 1 && call.path.front() == "withheld";
    if (call.method != "GET" && !(withheld && call.method == "POST")) return base::Error(base::ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    if (call.path.empty()) return DeskAnswer{200, ListRoutes(routing_.table())};
    if (!withheld) return base::Error(base::ErrorKind::kNotFound, "exchange.unknown-route", {}, call.path.front());
    HEYI_TRY(json, call.method == "POST" ? ForgetWithheld(store_) : ListWithheld(*store_.Now()));
    return DeskAnswer{200, std::move(json)};
  }

 private:
  const Routing& routing_;
  store::Store& store_;
};

}  // namespace

std::unique_ptr<Desk> MakeRoutesDesk(const Routing& routing, store::Store& store) { return std::make_unique<RoutesDesk>(routing, store); }

}  // namespace heyi::exchange
