#include "exchange/identity/identity_desk.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "exchange/identity/links.h"
#include "exchange/provenance.h"
#include "interaction/limits.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using interaction::Plan;

std::string IdOfPatient(std::string_view reference) {
  if (reference.starts_with("Patient/")) reference.remove_prefix(8);
  return std::string(reference);
}

class IdentityDesk : public Desk {
 public:
  explicit IdentityDesk(const interaction::Services& services) : services_(services) {}
  std::string_view name() const override { return "identity"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context& context, audit::Leaf& leaf) override {
    const std::string verb = call.path.size() == 1 ? call.path[0] : std::string();
    if (call.method != "POST" || (verb != "link" && verb != "unlink")) return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    leaf.interaction = "exchange-identity-" + verb;
    HEYI_TRY(order, base::ParseJson(call.body));
    const auto& pair = order["patients"].items();
    const std::string first = verb == "link" ? IdOfPatient(order.StringAt("winner")) : IdOfPatient(pair.size() == 2 ? pair[0].text() : "");
    const std::string second = verb == "link" ? IdOfPatient(order.StringAt("loser")) : IdOfPatient(pair.size() == 2 ? pair[1].text() : "");
    if (first.empty() || second.empty()) return Error(ErrorKind::kMalformed, "exchange.order", {}, verb == "link" ? "winner and loser" : "two patients");
    for (int attempt = 0; attempt < interaction::kReplansMax; ++attempt) {
      auto answer = Once(verb, first, second, context, leaf);
      if (answer.ok() || answer.error().kind != ErrorKind::kStale) return answer;
    }
    return Error(ErrorKind::kStale, "exchange.busy");
  }

 private:
  base::Result<DeskAnswer> Once(const std::string& verb, const std::string& first, const std::string& second, const base::Context& context,
                                const audit::Leaf& leaf) const {
    Plan plan(services_, context);
    const Plan::EffectScope effects(plan);
    HEYI_TRY(puts, verb == "link" ? LinkPatients(plan, first, second, context.caller.client) : UnlinkPatients(plan, first, second));
    HEYI_CHECK(WriteProvenance(plan, {{}, {}, context.caller.client, context.caller.organization, 0, {}, verb}, puts));
    JsonValue written = JsonValue::Array();
    for (const Plan::Put& put : puts) written.Append(JsonValue::OfString(fmt::format("{}/{}/_history/{}", put.type->name, put.id, put.version)));
    if (!puts.empty()) {
      audit::Leaf commit_leaf = leaf;
      HEYI_TRY(draft, std::move(plan).Finish(commit_leaf));
      HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
      static_cast<void>(receipt);
    }
    JsonValue answer = JsonValue::Object();
    answer.Set("written", std::move(written));
    return DeskAnswer{200, base::WriteJson(answer)};
  }

  const interaction::Services& services_;
};

}  // namespace

std::unique_ptr<Desk> MakeIdentityDesk(const interaction::Services& services) { return std::make_unique<IdentityDesk>(services); }

}  // namespace heyi::exchange
