#include "exchange/routing/withheld.h"

#include <fmt/format.h>

#include "audit/leaf.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

std::string WithheldKey(const RouteRule& rule, const Withheld& withheld) { return fmt::format("{}/{}/{}", rule.id, withheld.rule, withheld.what); }

}  // namespace

base::Result<base::Done> TellWithheld(store::Store& store, const RouteRule& rule, const Change& change, const Composition& composition,
                                      const std::vector<uint64_t>& elders) {
  const Withheld& withheld = *composition.withheld;
  const std::string key = WithheldKey(rule, withheld);
  HEYI_TRY(told, store.Now()->Fact(kWithheldSpace, key));
  if (told) return base::Done{};
  audit::Leaf leaf;
  leaf.caller = {"heyi", "", "hub", "system", "", rule.purpose};
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "deliver";
  leaf.status = 403;
  leaf.rule = withheld.rule;
  leaf.agreement = composition.policy_row + "/" + rule.profile->id();
  leaf.recipient = rule.department;
  leaf.resources.push_back({change.type, change.id, change.version, audit::Action::kRead});
  leaf.elders = elders;
  base::JsonValue value = base::JsonValue::Object();
  const auto set = [&](std::string_view name, std::string_view text) { value.Set(name, base::JsonValue::OfString(text)); };
  set("route", rule.id);
  set("department", rule.department);
  set("rule", withheld.rule);
  set("what", withheld.what);
  set("resource", fmt::format("{}/{}/_history/{}", change.type, change.id, change.version));
  set("since", base::FormatInstant(composition.time_ms));
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.facts.push_back({std::string(kWithheldSpace), key, base::WriteJson(value)});
  draft.fact_conditions.push_back({std::string(kWithheldSpace), key, std::nullopt});
  const auto receipt = store.CommitAndWait(std::move(draft));
  if (!receipt.ok() && receipt.error().kind != base::ErrorKind::kStale) return receipt.error();
  base::Log(base::LogLevel::kWarning, "exchange.withheld", {{"route", rule.id}, {"rule", withheld.rule}, {"what", withheld.what}});
  return base::Done{};
}

store::Fact NoLongerWithheld(const RouteRule& rule, std::string_view parties) {
  return {std::string(kWithheldSpace), WithheldKey(rule, {"exchange.no-agreement", std::string(parties)}), std::nullopt};
}

}  // namespace heyi::exchange
