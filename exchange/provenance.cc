#include "exchange/provenance.h"

#include <fmt/format.h>

namespace heyi::exchange {
namespace {

using fhir::NodeIndex;
using fhir::NodeKind;

constexpr std::string_view kMessageSystem = "https://heyi.example/fhir/id/message";
constexpr std::string_view kLifecycleSystem = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
constexpr std::string_view kSenderSystem = "https://heyi.example/fhir/id/sender";

void AddIdentifier(fhir::Tree& tree, NodeIndex reference, std::string_view system, std::string_view value) {
  const NodeIndex identifier = tree.AddMember(reference, "identifier", NodeKind::kObject);
  tree.AddMember(identifier, "system", NodeKind::kString, system);
  tree.AddMember(identifier, "value", NodeKind::kString, value);
}

void AddSource(fhir::Tree& tree, const ProvenanceFacts& facts) {
  const NodeIndex entities = tree.AddMember(0, "entity", NodeKind::kArray);
  const NodeIndex entity = tree.AddItem(entities, NodeKind::kObject);
  tree.AddMember(entity, "role", NodeKind::kString, "source");
  const NodeIndex what = tree.AddMember(entity, "what", NodeKind::kObject);
  AddIdentifier(tree, what, kMessageSystem, facts.message_key);
  tree.AddMember(what, "display", NodeKind::kString, "SHA-256 " + facts.message_sha256);
}

std::string IdOf(const interaction::Plan& plan, const ProvenanceFacts& facts) {
  if (facts.message_key.empty()) return plan.NewId();
  return base::UuidV5("provenance", facts.run <= 1 ? facts.message_key : fmt::format("{}#{}", facts.message_key, facts.run));
}

}  // namespace

base::Result<base::Done> WriteProvenance(interaction::Plan& plan, const ProvenanceFacts& facts,
                                         const std::vector<interaction::Plan::Put>& targets) {
  if (targets.empty()) return base::Done{};
  fhir::Tree tree;
  tree.SetRoot(plan.definitions().FindResource("Provenance"));
  tree.AddMember(0, "id", NodeKind::kString, IdOf(plan, facts));
  const NodeIndex list = tree.AddMember(0, "target", NodeKind::kArray);
  for (const interaction::Plan::Put& put : targets) {
    const NodeIndex target = tree.AddItem(list, NodeKind::kObject);
    tree.AddMember(target, "reference", NodeKind::kString, fmt::format("{}/{}/_history/{}", put.type->name, put.id, put.version));
  }
  if (facts.occurred_ms != 0) tree.AddMember(0, "occurredDateTime", NodeKind::kString, base::FormatInstant(facts.occurred_ms));
  tree.AddMember(0, "recorded", NodeKind::kString, base::FormatInstant(plan.context().clock.NowMs()));
  if (!facts.map.empty()) {
    const NodeIndex policies = tree.AddMember(0, "policy", NodeKind::kArray);
    tree.AddItem(policies, NodeKind::kString, fmt::format("https://heyi.example/fhir/map/{}", facts.map));
  }
  if (!facts.activity.empty()) {
    const NodeIndex activity = tree.AddMember(0, "activity", NodeKind::kObject);
    const NodeIndex codings = tree.AddMember(activity, "coding", NodeKind::kArray);
    const NodeIndex coding = tree.AddItem(codings, NodeKind::kObject);
    tree.AddMember(coding, "system", NodeKind::kString, kLifecycleSystem);
    tree.AddMember(coding, "code", NodeKind::kString, facts.activity);
  }
  const NodeIndex agents = tree.AddMember(0, "agent", NodeKind::kArray);
  const NodeIndex agent = tree.AddItem(agents, NodeKind::kObject);
  const NodeIndex who = tree.AddMember(agent, "who", NodeKind::kObject);
  if (!facts.organization_id.empty()) tree.AddMember(who, "reference", NodeKind::kString, "Organization/" + facts.organization_id);
  AddIdentifier(tree, who, kSenderSystem, facts.sender);
  if (!facts.message_key.empty()) AddSource(tree, facts);
  HEYI_TRY(put, plan.Write(std::move(tree)));
  static_cast<void>(put);
  return base::Done{};
}

}  // namespace heyi::exchange
