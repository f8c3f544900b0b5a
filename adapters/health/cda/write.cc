#include "adapters/health/cda/write.h"

#include <fmt/format.h>

#include "adapters/health/cda/document.h"
#include "adapters/times.h"
#include "base/text.h"
#include "base/xml/escape.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;

// Elements opened by name and closed in order; attributes and content escaped.
class Markup {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void Open(std::string_view name, Attributes attributes = {}) {
    Tag(name, attributes);
    out_ += '>';
    open_.emplace_back(name);
  }
  void Close(size_t count = 1) {
    for (; count > 0; --count) {
      out_.append("</").append(open_.back()).append(">");
      open_.pop_back();
    }
  }
  void Empty(std::string_view name, Attributes attributes) {
    Tag(name, attributes);
    out_ += "/>";
  }
  void Text(std::string_view name, std::string_view text, Attributes attributes = {}) {
    if (text.empty()) return;
    Open(name, attributes);
    base::AppendXmlText(out_, text);
    Close();
  }
  std::string Take() { return std::move(out_); }

 private:
  void Tag(std::string_view name, Attributes attributes) {
    out_.append("<").append(name);
    for (const auto& [attribute, value] : attributes) {
      if (value.empty()) continue;
      out_.append(" ").append(attribute).append("=\"");
      base::AppendXmlAttribute(out_, value);
      out_ += '"';
    }
  }

  std::string out_;
  std::vector<std::string> open_;
};

std::string Root(std::string_view end) { return fmt::format("2.16.156.10011.{}", end); }

class CdaWriter {
 public:
  explicit CdaWriter(const Adapter::Outgoing& outgoing) : outgoing_(outgoing), record_(outgoing.record) {}

  std::string Write() {
    markup_.Open("ClinicalDocument", {{"xmlns", kV3Namespace}, {"xmlns:xsi", kXsiNamespace}});
    Document();
    RecordTarget();
    People();
    Encounter();
    Body();
    markup_.Close();
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + markup_.Take();
  }

 private:
  std::string_view Field(std::string_view name) const { return record_.StringAt(name); }
  static std::string_view Either(std::string_view first, std::string_view second) { return first.empty() ? second : first; }

  void Id(std::string_view root_end, std::string_view extension) {
    if (!extension.empty()) markup_.Empty("id", {{"root", Root(root_end)}, {"extension", extension}});
  }
  void Code(std::string_view name, std::string_view code, std::string_view display, std::string_view system_end) {
    if (code.empty() && display.empty()) return;
    markup_.Empty(name, {{"code", code}, {"codeSystem", system_end.empty() ? std::string() : Root(system_end)}, {"displayName", display}});
  }
  void Time(std::string_view name, std::string_view value) {
    if (!value.empty()) markup_.Empty(name, {{"value", value}});
  }

  void Document() {
    const std::string_view type = Either(Field("documentType"), outgoing_.type);
    uint64_t number = 0;
    const bool known = type.size() == 5 && base::ParseUnsigned(type.substr(1), &number);
    const std::string form = known ? fmt::format("{}{}", kCdaTemplates, kCdaTemplateOffset + number) : std::string();
    markup_.Empty("realmCode", {{"code", "CN"}});
    markup_.Empty("typeId", {{"root", "2.16.840.1.113883.1.3"}, {"extension", "POCD_MT000040"}});
    if (const std::string_view root = Either(Field("templateId"), form); !root.empty()) markup_.Empty("templateId", {{"root", root}});
    Id("1.1", Either(Field("documentId"), outgoing_.id));
    Code("code", type, {}, "2.4");
    markup_.Text("title", Field("title"));
    Time("effectiveTime", Either(Field("effectiveTime"), FormatCompactSeconds(outgoing_.now_ms)));
    markup_.Empty("confidentialityCode", {{"code", Either(Field("confidentiality"), "N")}, {"codeSystem", "2.16.840.1.113883.5.25"}});
    markup_.Empty("languageCode", {{"code", Either(Field("language"), "zh-CN")}});
    if (!Field("setId").empty()) markup_.Empty("setId", {{"extension", Field("setId")}});
    Time("versionNumber", Field("versionNumber"));
  }

  void RecordTarget() {
    markup_.Open("recordTarget", {{"typeCode", "RCT"}, {"contextControlCode", "OP"}});
    markup_.Open("patientRole", {{"classCode", "PAT"}});
    constexpr std::pair<std::string_view, std::string_view> kNumbers[] = {
        {"1.19", "healthCardNo"}, {"1.12", "inpatientNo"}, {"1.11", "outpatientNo"}, {"1.2", "archiveNo"},
        {"1.13", "recordNo"},     {"0.2.1", "indexNo"},    {"0.2.2", "localNo"}};
    for (const auto& [root, field] : kNumbers) Id(root, Field(field));
    Address();
    Time("telecom", Field("phone"));
    markup_.Open("patient", {{"classCode", "PSN"}, {"determinerCode", "INSTANCE"}});
    Id("1.3", Field("idCardNo"));
    markup_.Text("name", Field("name"));
    Code("administrativeGenderCode", Field("sex"), Field("sexName"), "2.3.3.4");
    Time("birthTime", Field("birthTime"));
    Code("maritalStatusCode", Field("maritalStatus"), Field("maritalStatusName"), "2.3.3.5");
    Code("ethnicGroupCode", Field("ethnicGroup"), Field("ethnicGroupName"), "2.3.3.3");
    if (!Field("age").empty()) markup_.Empty("age", {{"value", Field("age")}, {"unit", "岁"}});
    Nested("employerOrganization", "name", Field("employerName"));
    Code("nationality", Field("nationality"), Field("nationalityName"), "2.3.3.1");
    NestedCode("educationLevel", "educationLevelCode", Field("education"), Field("educationName"), "2.3.3.6");
    NestedCode("occupation", "occupationCode", Field("occupation"), Field("occupationName"), "2.3.3.7");
    markup_.Close();
    Organization("providerOrganization", Field("providerId"), Field("providerName"));
    markup_.Close(2);
  }

  void Address() {
    constexpr std::string_view kParts[] = {"houseNumber", "streetName", "township", "county", "city", "state", "postalCode"};
    std::string all;
    for (std::string_view part : kParts) all += Field(part);
    if (all.empty()) return markup_.Text("addr", Field("address"), {{"use", "H"}});
    markup_.Open("addr", {{"use", "H"}});
    for (std::string_view part : kParts) markup_.Text(part, Field(part));
    markup_.Close();
  }

  void Nested(std::string_view outer, std::string_view inner, std::string_view text) {
    if (text.empty()) return;
    markup_.Open(outer);
    markup_.Text(inner, text);
    markup_.Close();
  }
  void NestedCode(std::string_view outer, std::string_view inner, std::string_view code, std::string_view display,
                  std::string_view system_end) {
    if (code.empty() && display.empty()) return;
    markup_.Open(outer);
    Code(inner, code, display, system_end);
    markup_.Close();
  }

  void Organization(std::string_view name, std::string_view id, std::string_view title) {
    if (id.empty() && title.empty()) return;
    markup_.Open(name, {{"classCode", "ORG"}, {"determinerCode", "INSTANCE"}});
    Id("1.5", id);
    markup_.Text("name", title);
    markup_.Close();
  }

  void People() {
    markup_.Open("author", {{"typeCode", "AUT"}, {"contextControlCode", "OP"}});
    Time("time", Field("authorTime"));
    markup_.Open("assignedAuthor", {{"classCode", "ASSIGNED"}});
    Id("1.7", Field("authorId"));
    Nested("assignedPerson", "name", Field("authorName"));
    Organization("representedOrganization", Field("authorOrganizationId"), Field("authorOrganizationName"));
    markup_.Close(2);
    markup_.Open("custodian", {{"typeCode", "CST"}});
    markup_.Open("assignedCustodian", {{"classCode", "ASSIGNED"}});
    Organization("representedCustodianOrganization", Either(Field("custodianId"), outgoing_.sender), Field("custodianName"));
    markup_.Close(2);
    if (!Field("legalAuthenticatorId").empty() || !Field("legalAuthenticatorName").empty()) {
      markup_.Open("legalAuthenticator", {{"typeCode", "LA"}});
      Time("time", Field("legalAuthenticatorTime"));
      markup_.Open("assignedEntity");
      Id("1.4", Field("legalAuthenticatorId"));
      Code("code", {}, Field("legalAuthenticatorRole"), {});
      Nested("assignedPerson", "name", Field("legalAuthenticatorName"));
      markup_.Close(2);
    }
    if (Field("replacesId").empty()) return;
    markup_.Open("relatedDocument", {{"typeCode", "RPLC"}});
    markup_.Open("parentDocument");
    Id("1.1", Field("replacesId"));
    markup_.Close(2);
  }

  void Encounter() {
    constexpr std::pair<std::string_view, std::string_view> kPlaces[] = {
        {"1.22", "bed"}, {"1.21", "room"}, {"1.26", "department"}, {"1.27", "ward"}, {"1.5", "hospital"}};
    markup_.Open("componentOf", {{"typeCode", "COMP"}});
    markup_.Open("encompassingEncounter", {{"classCode", "ENC"}, {"moodCode", "EVN"}});
    Code("code", Field("encounterCode"), Field("encounterCodeName"), "2.3.1.271");
    markup_.Open("effectiveTime");
    Time("low", Field("encounterStart"));
    Time("high", Field("encounterEnd"));
    markup_.Close();
    markup_.Open("location");
    markup_.Open("healthCareFacility");
    markup_.Open("serviceProviderOrganization");
    size_t open = 0;
    for (const auto& [root, place] : kPlaces) {
      const std::string_view id = Field(fmt::format("{}Id", place));
      if (id.empty()) continue;
      markup_.Open("asOrganizationPartOf", {{"classCode", "PART"}});
      markup_.Open("wholeOrganization", {{"classCode", "ORG"}, {"determinerCode", "INSTANCE"}});
      Id(root, id);
      markup_.Text("name", Field(fmt::format("{}Name", place)));
      open += 2;
    }
    markup_.Close(open + 5);
  }

  void Body() {
    const JsonValue& sections = record_["sections"];
    const std::vector<JsonValue>& entries = record_["entries"].items();
    size_t next = 0;
    markup_.Open("component");
    markup_.Open("structuredBody");
    for (const JsonValue& section : sections.items()) {
      const std::string_view code = section.StringAt("code");
      markup_.Open("component");
      markup_.Open("section");
      const std::string_view display = section.StringAt("displayName");
      const bool loinc = code.find('-') != std::string_view::npos;
      const std::string_view system = loinc ? "2.16.840.1.113883.6.1" : "2.16.156.10011.2.2.1";
      if (!code.empty() || !display.empty()) markup_.Empty("code", {{"code", code}, {"codeSystem", system}, {"displayName", display}});
      markup_.Text("title", section.StringAt("title"));
      if (section.StringAt("narrativeStatus") == "additional") Narrative(section.StringAt("text"));
      for (; next < entries.size() && entries[next].StringAt("sectionNumber") == section.StringAt("number"); ++next) Entry(entries[next]);
      markup_.Close(2);
    }
    markup_.Close(2);
  }

  void Narrative(std::string_view text) {
    if (text.empty()) return;
    markup_.Open("text");
    for (const std::string_view line : base::Split(text, '\n')) markup_.Text("paragraph", line);
    markup_.Close();
  }

  void Entry(const JsonValue& entry) {
    const auto at = [&](std::string_view name) { return entry.StringAt(name); };
    markup_.Open("entry");
    markup_.Open(Either(at("act"), "observation"), {{"classCode", "OBS"}, {"moodCode", "EVN"}});
    if (!at("code").empty() || !at("displayName").empty() || !at("codeSystem").empty()) {
      markup_.Empty("code", {{"code", at("code")}, {"codeSystem", at("codeSystem")}, {"displayName", at("displayName")}});
    }
    if (!at("effectiveTime").empty() || !at("endTime").empty()) {
      markup_.Open("effectiveTime");
      Time("low", at("effectiveTime"));
      Time("high", at("endTime"));
      markup_.Close();
    }
    const std::string_view type = at("valueType");
    if (!at("valueCode").empty()) {
      markup_.Empty("value", {{"xsi:type", Either(type, "CD")},
                              {"code", at("valueCode")},
                              {"codeSystem", at("valueCodeSystem")},
                              {"displayName", at("value")}});
    } else if (type == "PQ" || type == "INT" || type == "REAL" || type == "TS" || type == "BL" || type == "MO") {
      markup_.Empty("value", {{"xsi:type", type}, {"value", at("value")}, {type == "MO" ? "currency" : "unit", at("unit")}});
    } else {
      markup_.Text("value", at("value"), {{"xsi:type", Either(type, "ST")}});
    }
    markup_.Close(2);
  }

  const Adapter::Outgoing& outgoing_;
  const JsonValue& record_;
  Markup markup_;
};

}  // namespace

std::string WriteCda(const Adapter::Outgoing& outgoing) { return CdaWriter(outgoing).Write(); }

}  // namespace heyi::adapters
