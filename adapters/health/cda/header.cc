#include <fmt/format.h>

#include "adapters/health/cda/record.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;
using base::XmlNode;

constexpr std::string_view kDocumentRoot = "2.16.156.10011.1.1";
constexpr std::string_view kIdentityRoot = "2.16.156.10011.1.3";

struct Numbered {
  std::string_view root, field;
};

// A patient's other numbers, by the OID that they stand under. Those of other OIDs are nobody's business here.
constexpr Numbered kPatientNumbers[] = {
    {"2.16.156.10011.1.19", "healthCardNo"}, {"2.16.156.10011.1.12", "inpatientNo"}, {"2.16.156.10011.1.11", "outpatientNo"},
    {"2.16.156.10011.1.2", "archiveNo"},     {"2.16.156.10011.1.13", "recordNo"},    {"2.16.156.10011.0.2.1", "indexNo"},
    {"2.16.156.10011.0.2.2", "localNo"},     {kIdentityRoot, "idCardNo"}};

// The chain of places that an encounter was at, from bed to hospital.
constexpr Numbered kPlaces[] = {{"2.16.156.10011.1.22", "bed"},
                                {"2.16.156.10011.1.21", "room"},
                                {"2.16.156.10011.1.26", "department"},
                                {"2.16.156.10011.1.27", "ward"},
                                {"2.16.156.10011.1.5", "hospital"}};

template <size_t kSize>
std::string_view FieldOf(const Numbered (&table)[kSize], const XmlNode& id) {
  const std::string root = NormalOid(id.AttributeText("root"));
  for (const Numbered& row : table) {
    if (row.root == root) return row.field;
  }
  return {};
}

const XmlNode* In(const XmlNode* from, std::string_view path) { return from == nullptr ? nullptr : FindV3(*from, path); }

class HeaderReader {
 public:
  HeaderReader(const CdaDocument& document, JsonValue& record, base::Outcome& outcome)
      : document_(document), root_(document.root()), record_(record), fields_(document, record), outcome_(outcome) {}

  void Read() {
    ReadDocument();
    const std::vector<const XmlNode*> targets = AllV3(root_, "recordTarget");
    const std::vector<const XmlNode*> roles = targets.size() == 1 ? AllV3(*targets[0], "patientRole") : std::vector<const XmlNode*>();
    if (roles.size() == 1 && AllV3(*roles[0], "patient").size() <= 1) {
      ReadPatient(*roles[0]);
    } else {
      outcome_.Add("cda.record-target", "cda", fmt::format("{}", targets.size() == 1 ? roles.size() : targets.size()));
    }
    ReadPeople();
    ReadEncounter();
  }

 private:
  void Coded(std::string_view code_field, std::string_view name_field, const XmlNode* element) {
    fields_.Attribute(code_field, element, "code");
    fields_.Attribute(name_field, element, "displayName");
  }

  void ReadDocument() {
    for (const XmlNode* id : AllV3(root_, "id")) {
      if (IsNull(*id) || base::Trim(id->AttributeText("extension")).empty()) continue;
      const std::string root = NormalOid(id->AttributeText("root"));
      if (root != kDocumentRoot) outcome_.Add("cda.document-root", "cda.documentId", root);
      fields_.Attribute("documentId", id, "extension");
      break;
    }
    fields_.Attribute("documentType", FindV3(root_, "code"), "code");
    fields_.Text("title", FindV3(root_, "title"));
    fields_.Attribute("effectiveTime", FindV3(root_, "effectiveTime"), "value");
    fields_.Attribute("confidentiality", FindV3(root_, "confidentialityCode"), "code");
    fields_.Attribute("language", FindV3(root_, "languageCode"), "code");
    fields_.Attribute("setId", FindV3(root_, "setId"), "extension");
    fields_.Attribute("versionNumber", FindV3(root_, "versionNumber"), "value");
    fields_.Attribute("replacesId", FindV3(root_, "relatedDocument/parentDocument/id"), "extension");
    for (const XmlNode* id : AllV3(root_, "templateId")) {
      const std::string oid = NormalOid(id->AttributeText("root"));
      if (!IsNull(*id) && record_.Find("templateId") == nullptr) fields_.Value("templateId", oid, document_.PlaceOf(*id, "root"));
    }
  }

  void ReadPatient(const XmlNode& role) {
    for (const XmlNode* id : AllV3(role, "id")) {
      const std::string_view field = FieldOf(kPatientNumbers, *id);
      if (!field.empty() && record_.Find(field) == nullptr) fields_.Attribute(field, id, "extension");
    }
    fields_.Attribute("phone", FindV3(role, "telecom"), "value");
    ReadAddress(FindV3(role, "addr"));
    const XmlNode* organization = FindV3(role, "providerOrganization");
    fields_.Attribute("providerId", In(organization, "id"), "extension");
    fields_.Text("providerName", In(organization, "name"));
    const XmlNode* patient = FindV3(role, "patient");
    if (patient == nullptr) return;
    for (const XmlNode* id : AllV3(*patient, "id")) ReadIdentity(*id);
    fields_.Text("name", FindV3(*patient, "name"));
    Coded("sex", "sexName", FindV3(*patient, "administrativeGenderCode"));
    fields_.Attribute("birthTime", FindV3(*patient, "birthTime"), "value");
    Coded("maritalStatus", "maritalStatusName", FindV3(*patient, "maritalStatusCode"));
    Coded("ethnicGroup", "ethnicGroupName", FindV3(*patient, "ethnicGroupCode"));
    fields_.Attribute("age", FindV3(*patient, "age"), "value");
    Coded("occupation", "occupationName", FindV3(*patient, "occupation/occupationCode"));
    fields_.Text("employerName", FindV3(*patient, "employerOrganization/name"));
    Coded("nationality", "nationalityName", FindV3(*patient, "nationality"));
    Coded("education", "educationName", FindV3(*patient, "educationLevel/educationLevelCode"));
  }

  // A person's number is what the document is filed by: it is never read from under another OID, nor one of two.
  void ReadIdentity(const XmlNode& id) {
    const std::string_view number = base::Trim(id.AttributeText("extension"));
    if (IsNull(id) || number.empty()) return;
    const std::string root = NormalOid(id.AttributeText("root"));
    const JsonValue* known = record_.Find("idCardNo");
    if (root != kIdentityRoot) {
      outcome_.Add("cda.identity-root", "cda.idCardNo", root);
    } else if (known != nullptr && known->text() != number) {
      outcome_.Add("cda.record-target", "cda.idCardNo", "2");
    } else if (known == nullptr) {
      fields_.Attribute("idCardNo", &id, "extension");
    }
  }

  // Parts from small to large; one text from large to small, a municipality named once.
  void ReadAddress(const XmlNode* address) {
    if (address == nullptr || IsNull(*address)) return;
    const XmlNode* number = FindV3(*address, "houseNumber");
    // The national templates' own misspelling.
    fields_.Text("houseNumber", number != nullptr ? number : FindV3(*address, "houserNumber"));
    for (std::string_view part : {"streetName", "township", "county", "city", "state", "postalCode"}) {
      fields_.Text(part, FindV3(*address, part));
    }
    std::string text;
    std::string_view before;
    size_t place = 0;
    for (std::string_view part : {"state", "city", "county", "township", "streetName", "houseNumber"}) {
      const JsonValue* value = record_.Find(part);
      if (value == nullptr || value->text() == before) continue;
      if (text.empty()) place = value->begin();
      text += value->text();
      before = value->text();
    }
    if (text.empty()) {
      fields_.Text("address", address);
    } else {
      fields_.Value("address", text, place);
    }
  }

  void ReadPeople() {
    const XmlNode* author = FindV3(root_, "author");
    fields_.Attribute("authorTime", In(author, "time"), "value");
    fields_.Attribute("authorId", In(author, "assignedAuthor/id"), "extension");
    fields_.Text("authorName", In(author, "assignedAuthor/assignedPerson/name"));
    const XmlNode* author_organization = In(author, "assignedAuthor/representedOrganization");
    fields_.Attribute("authorOrganizationId", In(author_organization, "id"), "extension");
    fields_.Text("authorOrganizationName", In(author_organization, "name"));
    const XmlNode* custodian = FindV3(root_, "custodian/assignedCustodian/representedCustodianOrganization");
    fields_.Attribute("custodianId", In(custodian, "id"), "extension");
    fields_.Text("custodianName", In(custodian, "name"));
    const XmlNode* signer = FindV3(root_, "legalAuthenticator");
    fields_.Attribute("legalAuthenticatorTime", In(signer, "time"), "value");
    fields_.Attribute("legalAuthenticatorId", In(signer, "assignedEntity/id"), "extension");
    fields_.Attribute("legalAuthenticatorRole", In(signer, "assignedEntity/code"), "displayName");
    fields_.Text("legalAuthenticatorName", In(signer, "assignedEntity/assignedPerson/name"));
  }

  void ReadEncounter() {
    const XmlNode* encounter = FindV3(root_, "componentOf/encompassingEncounter");
    Coded("encounterCode", "encounterCodeName", In(encounter, "code"));
    fields_.Attribute("encounterStart", In(encounter, "effectiveTime/low"), "value");
    fields_.Attribute("encounterEnd", In(encounter, "effectiveTime/high"), "value");
    const XmlNode* place = In(encounter, "location/healthCareFacility/serviceProviderOrganization");
    for (; place != nullptr; place = FindV3(*place, "asOrganizationPartOf/wholeOrganization")) {
      const XmlNode* id = FindV3(*place, "id");
      const std::string field(id == nullptr ? std::string_view() : FieldOf(kPlaces, *id));
      if (field.empty() || record_.Find(field + "Id") != nullptr) continue;
      fields_.Attribute(field + "Id", id, "extension");
      fields_.Text(field + "Name", FindV3(*place, "name"));
    }
  }

  const CdaDocument& document_;
  const XmlNode& root_;
  JsonValue& record_;
  CdaFields fields_;
  base::Outcome& outcome_;
};

}  // namespace

void CdaFields::Attribute(std::string_view field, const XmlNode* element, std::string_view attribute) {
  if (element == nullptr || IsNull(*element)) return;
  const std::string_view text = element->AttributeText(attribute);
  const std::string_view trimmed = base::Trim(text);
  if (trimmed.empty()) return;
  Value(field, trimmed, document_.PlaceOf(*element, attribute) + static_cast<size_t>(trimmed.data() - text.data()));
}

void CdaFields::Text(std::string_view field, const XmlNode* element) {
  if (element == nullptr || IsNull(*element)) return;
  Value(field, element->OwnText(), document_.PlaceOfText(*element));
}

void CdaFields::Value(std::string_view field, std::string_view text, size_t place) {
  text = base::Trim(text);
  if (text.empty()) return;
  JsonValue value = JsonValue::OfString(text);
  value.SetPlace(place, place + text.size());
  object_.Set(field, std::move(value));
}

void ReadCdaHeader(const CdaDocument& document, JsonValue& record, base::Outcome& outcome) {
  HeaderReader(document, record, outcome).Read();
}

}  // namespace heyi::adapters
