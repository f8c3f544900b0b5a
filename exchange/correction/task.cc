#include "exchange/correction/task.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/json/value.h"
#include "exchange/correction/limits.h"

namespace heyi::exchange {
namespace {

using fhir::NodeIndex;
using fhir::NodeKind;

void ReplaceText(fhir::Tree& tree, std::string_view name, std::string_view text) {
  if (const fhir::Node member = tree.root().Member(name)) {
    tree.SetText(member.index(), text);
  } else {
    tree.AddMember(0, name, NodeKind::kString, text);
  }
}

void AddConcept(fhir::Tree& tree, NodeIndex object, std::string_view name, std::string_view code) {
  const NodeIndex concept_node = tree.AddMember(object, name, NodeKind::kObject);
  const NodeIndex coding = tree.AddItem(tree.AddMember(concept_node, "coding", NodeKind::kArray), NodeKind::kObject);
  tree.AddMember(coding, "system", NodeKind::kString, kCorrectionSystem);
  tree.AddMember(coding, "code", NodeKind::kString, code);
}

void FillParty(fhir::Tree& tree, NodeIndex reference, const Party& party) {
  if (!party.organization.empty()) tree.AddMember(reference, "reference", NodeKind::kString, party.organization);
  tree.AddMember(reference, "type", NodeKind::kString, "Organization");
  const NodeIndex identifier = tree.AddMember(reference, "identifier", NodeKind::kObject);
  tree.AddMember(identifier, "system", NodeKind::kString, kDepartmentSystem);
  tree.AddMember(identifier, "value", NodeKind::kString, party.department);
}

}  // namespace

Party PartyOfCaller(const base::Caller& caller) {
  const policy::Custody custody = policy::CustodyOf(caller.department);
  return {std::string(custody == policy::Custody::kNone ? std::string_view(caller.department) : policy::CustodyName(custody)),
          caller.organization.empty() ? "" : "Organization/" + caller.organization};
}

Party PartyAt(const fhir::Tree& task, std::string_view member) {
  const fhir::Node party = task.root().Member(member);
  if (!party) return {};
  return {std::string(party.Member("identifier").TextAt("value")), std::string(party.TextAt("reference"))};
}

bool SpeaksFor(const base::Caller& caller, const Party& party) {
  const Party own = PartyOfCaller(caller);
  if (own.department == "hub") return true;
  if (own.department != party.department) return false;
  return own.organization.empty() || party.organization.empty() || own.organization == party.organization;
}

std::string DisputeKey(std::string_view resource, std::string_view path, std::string_view requester) {
  return fmt::format("{}/{:016x}", resource, base::Hash64(fmt::format("{}\n{}", requester, path)));
}

std::string DisputeKeyOf(const fhir::Tree& task) {
  std::string_view path;
  for (fhir::Node input = task.root().Member("input").first_child(); input; input = input.next()) {
    if (input.Member("type").Member("coding").first_child().TextAt("code") == "path") path = input.TextAt("valueString");
  }
  return DisputeKey(task.root().Member("focus").TextAt("reference"), path, PartyAt(task, "requester").department);
}

store::Fact FactOf(const OpenDispute& dispute) {
  base::JsonValue value = base::JsonValue::Object();
  value.Set("path", base::JsonValue::OfString(dispute.path));
  value.Set("owner", base::JsonValue::OfString(dispute.owner));
  value.Set("requester", base::JsonValue::OfString(dispute.requester));
  value.Set("version", base::JsonValue::OfInteger(static_cast<int64_t>(dispute.version)));
  value.Set("task", base::JsonValue::OfString(dispute.task));
  value.Set("organization", base::JsonValue::OfString(dispute.organization));
  return {std::string(kDisputeSpace), DisputeKey(dispute.resource, dispute.path, dispute.requester), base::WriteJson(value)};
}

std::optional<OpenDispute> ReadDispute(std::string_view key, std::string_view text) {
  const size_t slash = key.rfind('/');
  const auto value = base::ParseJson(std::string(text));
  if (slash == std::string_view::npos || !value.ok()) return std::nullopt;
  const auto get = [&](std::string_view name) { return std::string(value->StringAt(name)); };
  OpenDispute dispute{std::string(key.substr(0, slash)), get("task"), get("path"), get("owner"), get("requester"), get("organization"), 0};
  dispute.version = std::strtoull(std::string(value->StringAt("version")).c_str(), nullptr, 10);
  return dispute;
}

base::Result<std::vector<OpenDispute>> OpenDisputesOf(const store::Snapshot& snapshot, std::string_view resource) {
  std::vector<OpenDispute> open;
  const std::string prefix = std::string(resource) + "/";
  HEYI_CHECK(snapshot.Facts(kDisputeSpace, prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix)) return false;
    if (auto dispute = ReadDispute(key, value)) open.push_back(std::move(*dispute));
    return open.size() < kDisputesOpenMax;
  }));
  return open;
}

void SetParty(fhir::Tree& task, std::string_view member, const Party& party) { FillParty(task, task.AddMember(0, member, NodeKind::kObject), party); }

NodeIndex AddDetail(fhir::Tree& task, std::string_view list, std::string_view code) {
  const NodeIndex item = task.AddItem(task.Ensure(0, list), NodeKind::kObject);
  AddConcept(task, item, "type", code);
  return item;
}

void AddTextDetail(fhir::Tree& task, std::string_view list, std::string_view code, std::string_view text) {
  if (text.empty()) return;
  task.AddMember(AddDetail(task, list, code), "valueString", NodeKind::kString, text);
}

void AddReferenceDetail(fhir::Tree& task, std::string_view list, std::string_view code, std::string_view reference) {
  const NodeIndex value = task.AddMember(AddDetail(task, list, code), "valueReference", NodeKind::kObject);
  task.AddMember(value, "reference", NodeKind::kString, reference);
}

base::Result<interaction::Plan::Put> TakeEdge(interaction::Plan& plan, fhir::Tree task, const CorrectionEdge& edge, std::string_view reason,
                                              const std::string& corrected) {
  ReplaceText(task, "status", edge.to);
  ReplaceText(task, "lastModified", base::FormatInstant(plan.context().clock.NowMs()));
  if (!reason.empty()) {
    if (const fhir::Node before = task.root().Member("statusReason")) task.RemoveMember(0, before.index());
    task.AddMember(task.AddMember(0, "statusReason", NodeKind::kObject), "text", NodeKind::kString, reason);
  }
  if (!corrected.empty()) AddReferenceDetail(task, "output", "corrected", corrected);
  const std::string resource(task.root().Member("focus").TextAt("reference"));
  if (edge.closes) plan.Add({std::string(kDisputeSpace), DisputeKeyOf(task), std::nullopt});
  HEYI_TRY(put, plan.Write(std::move(task)));
  HEYI_CHECK(WriteStep(plan, put, edge, corrected.empty() ? resource : corrected));
  return put;
}

base::Result<base::Done> WriteStep(interaction::Plan& plan, const interaction::Plan::Put& task, const CorrectionEdge& edge, std::string_view about) {
  fhir::Tree tree;
  tree.SetRoot(plan.definitions().FindResource("Provenance"));
  tree.AddMember(0, "id", NodeKind::kString, plan.NewId());
  const NodeIndex target = tree.AddItem(tree.AddMember(0, "target", NodeKind::kArray), NodeKind::kObject);
  tree.AddMember(target, "reference", NodeKind::kString, fmt::format("Task/{}/_history/{}", task.id, task.version));
  if (const auto written = plan.Find(*task.type, task.id); written.ok() && *written) {
    const fhir::Node elder = (*written)->tree.root().Member("for");  // a Task is in nobody's compartment
    if (elder && !elder.TextAt("reference").empty()) plan.Concerns(std::string(elder.TextAt("reference")));
  }
  tree.AddMember(0, "recorded", NodeKind::kString, base::FormatInstant(plan.context().clock.NowMs()));
  AddConcept(tree, 0, "activity", edge.id);
  const NodeIndex agent = tree.AddItem(tree.AddMember(0, "agent", NodeKind::kArray), NodeKind::kObject);
  FillParty(tree, tree.AddMember(agent, "who", NodeKind::kObject), PartyOfCaller(plan.context().caller));
  const NodeIndex entity = tree.AddItem(tree.AddMember(0, "entity", NodeKind::kArray), NodeKind::kObject);
  tree.AddMember(entity, "role", NodeKind::kString, "source");
  const NodeIndex what = tree.AddMember(entity, "what", NodeKind::kObject);
  tree.AddMember(what, "reference", NodeKind::kString, about);
  const NodeIndex identifier = tree.AddMember(what, "identifier", NodeKind::kObject);
  tree.AddMember(identifier, "system", NodeKind::kString, "https://heyi.example/fhir/sid/request");
  tree.AddMember(identifier, "value", NodeKind::kString, plan.context().request_id);
  HEYI_TRY(put, plan.Write(std::move(tree)));
  static_cast<void>(put);
  return base::Done{};
}

}  // namespace heyi::exchange
