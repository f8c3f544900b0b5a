#include "exchange/subscription/status_change.h"

#include "base/text.h"
#include "interaction/plan.h"

namespace heyi::exchange {
namespace {

constexpr size_t kErrorTextBytesMax = 500;

void SetStatusMember(fhir::Tree& tree, std::string_view name, std::string_view text) {
  if (const fhir::Node node = tree.root().Member(name)) return tree.SetText(node.index(), text);
  tree.AddMember(0, name, fhir::NodeKind::kString, text);
}

}  // namespace


base::Result<base::Done> ChangeStatus(const interaction::Services& services, const base::Context& context,
                                      const StatusChange& change) {
  interaction::Plan plan(services, context);
  const interaction::Plan::EffectScope effects(plan);
  const fhir::Type& type = *services.definitions().FindResource("Subscription");
  HEYI_TRY(found, plan.Find(type, change.id));
  if (!found || found->version != change.from_version) return base::Error(base::ErrorKind::kStale, "interaction.busy");
  fhir::Tree tree = std::move(found->tree);
  SetStatusMember(tree, "status", change.to);
  if (!change.error.empty()) {
    SetStatusMember(tree, "error", base::ClipUtf8(change.error, kErrorTextBytesMax));
  } else if (const fhir::Node error = tree.root().Member("error")) {
    tree.RemoveMember(0, error.index());
  }
  if (const fhir::Node beside = tree.root().Member("_error")) tree.RemoveMember(0, beside.index());
  HEYI_CHECK(plan.Write(std::move(tree)));
  if (change.delivery_is) {
    plan.Require({std::string(kSubscriptionDeliverySpace), change.id, change.delivery_was});
    plan.Add({std::string(kSubscriptionDeliverySpace), change.id, change.delivery_is});
  }
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.action = audit::Action::kUpdate;
  leaf.interaction = kSubscriptionStatusInteraction;
  leaf.request_id = context.request_id;
  HEYI_TRY(draft, std::move(plan).Finish(leaf));
  HEYI_CHECK(services.store.CommitAndWait(std::move(draft)));
  return base::Done{};
}

}  // namespace heyi::exchange
