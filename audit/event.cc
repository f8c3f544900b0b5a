// A leaf as an AuditEvent. https://hl7.org/fhir/R4/auditevent.html
//
// Agents and entities stand as IHE BALP arranges them (client = source role, server = destination role, patients as
// entities of role Patient, X-Request-Id as an entity), ids and digests only. https://profiles.ihe.net/ITI/BALP/
#include <algorithm>

#include <fmt/format.h>

#include "audit/text.h"
#include "audit/trail.h"
#include "base/digest.h"
#include "base/ids.h"

namespace heyi::audit {
namespace {

using fhir::NodeIndex;
using fhir::NodeKind;

constexpr std::string_view kEventType = "http://terminology.hl7.org/CodeSystem/audit-event-type";
constexpr std::string_view kRestful = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
constexpr std::string_view kParticipation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
constexpr std::string_view kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view kObjectRole = "http://terminology.hl7.org/CodeSystem/object-role";
constexpr std::string_view kEntityType = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
constexpr std::string_view kResourceTypes = "http://hl7.org/fhir/resource-types";
constexpr std::string_view kLifecycle = "http://terminology.hl7.org/CodeSystem/dicom-audit-lifecycle";
constexpr std::string_view kSourceType = "http://terminology.hl7.org/CodeSystem/security-source-type";
constexpr std::string_view kBalpEntity = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
constexpr std::string_view kHeyi = "https://heyi.example/fhir/";  // our own code systems, identifier systems and policies

constexpr std::string_view kRestfulCodes[] = {
    "read",           "vread",  "update", "patch",       "delete",       "history",       "history-instance", "history-type",
    "history-system", "create", "search", "search-type", "search-system", "capabilities", "transaction",      "batch",
    "operation"};

std::string Own(std::string_view path) { return fmt::format("{}{}", kHeyi, path); }

bool IsRestful(std::string_view interaction) {
  return std::find(std::begin(kRestfulCodes), std::end(kRestfulCodes), interaction) != std::end(kRestfulCodes);
}

struct Code {
  std::string_view system, code, display;
};

// Writes one AuditEvent into a tree.
class EventWriter {
 public:
  EventWriter(fhir::Tree& tree, const TrailEntry& entry, const ElderName& elder_name)
      : tree_(tree), entry_(entry), leaf_(entry.leaf), elder_name_(elder_name) {}

  void Write() {
    Text(0, "id", entry_.event_id());
    WriteKind();
    Text(0, "action", std::string(1, static_cast<char>(leaf_.action)));
    Text(0, "recorded", base::FormatInstant(entry_.time_ms));
    Text(0, "outcome", leaf_.status < 400 ? "0" : leaf_.status < 500 ? "4" : "8");
    Text(0, "outcomeDesc", leaf_.rule);
    if (!leaf_.caller.purpose.empty()) Concept(Item(0, "purposeOfEvent"), {kActReason, leaf_.caller.purpose, {}});
    WriteAgents();
    WriteSource();
    WriteEntities();
  }

 private:
  // --- small steps ---
  void Text(NodeIndex object, std::string_view name, std::string_view text) {
    if (const std::string clean = SingleLine(text); !clean.empty()) tree_.AddMember(object, name, NodeKind::kString, clean);
  }
  void Bool(NodeIndex object, std::string_view name, bool value) {
    tree_.AddMember(object, name, NodeKind::kBool, value ? "true" : "false");
  }
  NodeIndex Object(NodeIndex object, std::string_view name) { return tree_.AddMember(object, name, NodeKind::kObject); }
  NodeIndex Item(NodeIndex object, std::string_view name) { return tree_.AddItem(tree_.Ensure(object, name), NodeKind::kObject); }
  void Coding(NodeIndex coding, const Code& code) {
    Text(coding, "system", code.system);
    Text(coding, "code", code.code);
    Text(coding, "display", code.display);
  }
  void Concept(NodeIndex concept_object, const Code& code) { Coding(Item(concept_object, "coding"), code); }
  void Identifier(NodeIndex reference, std::string_view system, std::string_view value) {
    const NodeIndex identifier = Object(reference, "identifier");
    Text(identifier, "system", system);
    Text(identifier, "value", value);
  }

  // --- what happened ---
  void WriteKind() {
    const std::string_view interaction = leaf_.interaction;
    const bool exchange = interaction.starts_with("message") || interaction == "deliver" || interaction == "notify";
    const std::string own_type = Own("CodeSystem/audit-event-type");
    if (exchange) {
      Coding(Object(0, "type"), {own_type, "exchange", "Message exchange"});
    } else {
      Coding(Object(0, "type"), {kEventType, "rest", "RESTful Operation"});
    }
    const std::string own_subtype = Own("CodeSystem/interaction");
    if (IsRestful(interaction)) {
      Coding(Item(0, "subtype"), {kRestful, interaction, {}});
    } else if (interaction == "search-compartment") {
      Coding(Item(0, "subtype"), {kRestful, "search", {}});
    } else if (interaction.starts_with('$')) {
      Coding(Item(0, "subtype"), {kRestful, "operation", {}});
    }
    if (!IsRestful(interaction) && !interaction.empty()) Coding(Item(0, "subtype"), {own_subtype, interaction, {}});
  }

  // --- who ---
  void WriteAgents() {
    const base::Caller& caller = leaf_.caller;
    const NodeIndex client = Item(0, "agent");
    Concept(Object(client, "type"), {kDicom, "110153", "Source Role ID"});
    if (!caller.role.empty()) Concept(Item(client, "role"), {Own("CodeSystem/caller-role"), caller.role, {}});
    const NodeIndex who = Object(client, "who");
    if (caller.client.empty()) {
      Text(who, "display", "anonymous");
    } else {
      Identifier(who, Own("sid/client"), caller.client);
    }
    Bool(client, "requestor", true);
    if (!SingleLine(leaf_.agreement).empty()) {
      const std::string policy = Own(fmt::format("policy/{}", SingleLine(leaf_.agreement)));
      tree_.AddItem(tree_.Ensure(client, "policy"), NodeKind::kString, policy);
    }
    if (!leaf_.peer.empty()) {
      const NodeIndex network = Object(client, "network");
      Text(network, "address", leaf_.peer);
      Text(network, "type", "2");  // IP address
    }

    const NodeIndex server = Item(0, "agent");
    Concept(Object(server, "type"), {kDicom, "110152", "Destination Role ID"});
    WriteHeyi(Object(server, "who"));
    Bool(server, "requestor", false);

    if (!caller.organization.empty() || !caller.department.empty()) {
      const NodeIndex custodian = Item(0, "agent");
      Concept(Object(custodian, "type"), {kParticipation, "CST", "custodian"});
      const NodeIndex party = Object(custodian, "who");
      if (base::IsFhirId(caller.organization)) Text(party, "reference", "Organization/" + caller.organization);
      if (!caller.department.empty()) Identifier(party, Own("sid/department"), caller.department);
      if (!caller.organization.empty() && !base::IsFhirId(caller.organization)) Text(party, "display", caller.organization);
      Bool(custodian, "requestor", false);
    }
    if (!caller.person.empty()) {
      const NodeIndex person = Item(0, "agent");
      Concept(Object(person, "type"), {kParticipation, "IRCP", "information recipient"});
      Identifier(Object(person, "who"), Own("sid/person"), caller.person);
      Bool(person, "requestor", false);
    }
    if (!leaf_.recipient.empty()) {
      const NodeIndex recipient = Item(0, "agent");
      Concept(Object(recipient, "type"), {kDicom, "110152", "Destination Role ID"});
      Identifier(Object(recipient, "who"), Own("sid/destination"), leaf_.recipient);
      Bool(recipient, "requestor", false);
    }
  }

  void WriteHeyi(NodeIndex reference) {
    Identifier(reference, Own("sid/device"), "heyi");
    Text(reference, "display", "Heyi (和颐)");
  }

  void WriteSource() {
    const NodeIndex source = Object(0, "source");
    Text(source, "site", entry_.source == Source::kData ? "data journal" : "access journal");
    WriteHeyi(Object(source, "observer"));
    Coding(Item(source, "type"), {kSourceType, "4", "Application Server"});
  }

  // --- about what ---
  void WriteEntities() {
    for (uint64_t elder : leaf_.elders) WriteElder(elder);
    for (const LeafResource& resource : leaf_.resources) WriteResource(resource);
    if (leaf_.resources_more > 0) {
      Detail(SystemObject(), "resources-more", std::to_string(leaf_.resources_more));
    }
    if (!leaf_.query_hash.empty()) {
      const NodeIndex query = SystemObject();
      Coding(Object(query, "role"), {kObjectRole, "24", "Query"});
      Detail(query, "query-sha256", leaf_.query_hash);
    }
    if (!leaf_.message_id.empty()) {
      const NodeIndex message = Item(0, "entity");
      Identifier(Object(message, "what"), Own("sid/message"), leaf_.message_id);
      Coding(Object(message, "type"), {Own("CodeSystem/audit-entity-type"), "message", "Message"});
    }
    if (!leaf_.request_id.empty()) {
      const NodeIndex request = Item(0, "entity");
      Identifier(Object(request, "what"), Own("sid/request"), leaf_.request_id);
      Coding(Object(request, "type"), {kBalpEntity, "XrequestId", {}});
    }
  }

  void WriteElder(uint64_t elder) {
    const NodeIndex entity = Item(0, "entity");
    const NodeIndex what = Object(entity, "what");
    if (const std::optional<std::string> name = NameOf(elder)) {
      Text(what, "reference", *name);
    } else {
      Pseudonym(what, elder);
    }
    Coding(Object(entity, "type"), {kEntityType, "1", "Person"});
    Coding(Object(entity, "role"), {kObjectRole, "1", "Patient"});
  }

  std::optional<std::string> NameOf(uint64_t elder) const { return elder_name_ ? elder_name_(elder) : std::nullopt; }
  void Pseudonym(NodeIndex reference, uint64_t elder) {
    Identifier(reference, Own("sid/elder-pseudonym"), fmt::format("{:016x}", elder));
  }

  void WriteResource(const LeafResource& resource) {
    const NodeIndex entity = Item(0, "entity");
    const NodeIndex what = Object(entity, "what");
    const std::string type = SingleLine(resource.type);
    const uint64_t elder = type == "Patient" ? base::Hash64("Patient/" + resource.id) : 0;
    if (type == "Patient" && !NameOf(elder)) {  // a Patient's id is the elder's name
      Pseudonym(what, elder);
    } else if (!base::IsFhirId(resource.id)) {  // a refused address: told as it came, but not as a reference
      Text(what, "display", fmt::format("{}/{}", type, resource.id));
    } else if (resource.version == 0) {
      Text(what, "reference", fmt::format("{}/{}", type, resource.id));
    } else {
      Text(what, "reference", fmt::format("{}/{}/_history/{}", type, resource.id, resource.version));
    }
    if (!type.empty()) Coding(Object(entity, "type"), {kResourceTypes, type, {}});
    Coding(Object(entity, "role"), {kObjectRole, "4", "Domain Resource"});
    switch (resource.action) {
      case Action::kCreate: Coding(Object(entity, "lifecycle"), {kLifecycle, "1", "Origination / Creation"}); break;
      case Action::kUpdate: Coding(Object(entity, "lifecycle"), {kLifecycle, "3", "Amendment"}); break;
      case Action::kDelete: Coding(Object(entity, "lifecycle"), {kLifecycle, "14", "Logical deletion"}); break;
      case Action::kRead:
      case Action::kExecute: Coding(Object(entity, "lifecycle"), {kLifecycle, "6", "Access / Use"}); break;
    }
  }

  NodeIndex SystemObject() {
    const NodeIndex entity = Item(0, "entity");
    Coding(Object(entity, "type"), {kEntityType, "2", "System Object"});
    return entity;
  }
  void Detail(NodeIndex entity, std::string_view type, std::string_view value) {
    const NodeIndex detail = Item(entity, "detail");
    Text(detail, "type", type);
    Text(detail, "valueString", value);
  }

  fhir::Tree& tree_;
  const TrailEntry& entry_;
  const Leaf& leaf_;
  const ElderName& elder_name_;
};

}  // namespace

fhir::Tree RenderAuditEvent(const TrailEntry& entry, const ElderName& elder_name, const fhir::Definitions& definitions) {
  fhir::Tree tree;
  tree.SetRoot(definitions.FindResource("AuditEvent"));
  EventWriter(tree, entry, elder_name).Write();
  return tree;
}

}  // namespace heyi::audit
