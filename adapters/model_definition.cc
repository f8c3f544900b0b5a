#include "adapters/model_definition.h"

#include <fmt/format.h>

#include <algorithm>

namespace heyi::adapters {
namespace {

using base::JsonValue;

constexpr std::string_view kDefinitionBase = "https://heyi.example/fhir/StructureDefinition/";

struct Published {
  std::string_view department, type, of;  // `of`: what the model describes
};

constexpr Published kPublished[] = {
    {"civil-affairs", "envelope", "民政报文外层 / what stands around every message of civil affairs"},
    {"civil-affairs", "ORG", "民政报文：养老机构 / an institution of elder care"},
    {"civil-affairs", "ELDER", "民政报文：老人 / an elder"},
    {"civil-affairs", "BED", "民政报文：床位 / a bed"},
    {"civil-affairs", "BED_REFERRAL", "民政报文：床位转介 / a referral between beds"},
    {"insurance", "envelope", "医保报文外层 / what stands around every message of medical insurance"},
    {"insurance", "1101", "医保交易 1101：人员信息查询 / a question about an insured person"},
    {"insurance", "1101.output", "医保交易 1101：应答 / the answer"},
    {"insurance", "2401", "医保交易 2401：入院办理 / an admission"},
    {"insurance", "2402", "医保交易 2402：出院办理 / a discharge"},
    {"health", "envelope", "HL7 v2 报文头 / the head of an HL7 v2 message"},
    {"health", "ADT^A01", "HL7 v2 ADT^A01、A04：入院、登记 / admission, registration"},
    {"health", "ADT^A02", "HL7 v2 ADT^A02：转床 / transfer"},
    {"health", "ADT^A03", "HL7 v2 ADT^A03：出院 / discharge"},
    {"health", "ADT^A08", "HL7 v2 ADT^A08：信息更新 / change of what is known"},
    {"health", "ADT^A11", "HL7 v2 ADT^A11：取消入院 / admission cancelled"},
    {"health", "ADT^A13", "HL7 v2 ADT^A13：取消出院 / discharge cancelled"},
    {"health", "ADT^A37", "HL7 v2 ADT^A37：解除患者关联 / two patients taken apart again"},
    {"health", "ADT^A40", "HL7 v2 ADT^A40：合并患者 / two patients are one"},
    {"health-cda", "document", "共享文档 C0001–C0053（WS/T 500） / a shared document of any of the 53 types"},
};

const Published* FindPublished(const LogicalModel& model) {
  const auto* found = std::find_if(std::begin(kPublished), std::end(kPublished),
                                   [&](const Published& one) { return one.department == model.department() && one.type == model.type(); });
  return found == std::end(kPublished) ? nullptr : found;
}

// "civil-affairs-ELDER", "health-ADT-A01": what may stand in an id.
std::string IdOf(const LogicalModel& model) {
  std::string id = fmt::format("{}-{}", model.department(), model.type());
  std::replace_if(id.begin(), id.end(), [](char c) { return c == '^' || c == '_' || c == '.'; }, '-');
  return id;
}

// What may stand in a name, and so at the root of the elements: "CivilAffairsELDER".
std::string NameOf(const LogicalModel& model) {
  std::string name;
  bool upper = true;
  for (char c : IdOf(model)) {
    if (c == '-') {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return name;
}

std::string_view TypeOf(FieldKind kind) {
  switch (kind) {
    case FieldKind::kObject:
    case FieldKind::kList: return "BackboneElement";
    case FieldKind::kInteger: return "integer";
    case FieldKind::kDecimal: return "decimal";
    case FieldKind::kCode: return "code";
    default: return "string";
  }
}

std::string_view FormatOf(FieldKind kind) {
  switch (kind) {
    case FieldKind::kAscii: return "printable ASCII";
    case FieldKind::kId: return "an id, as a number or a string";
    case FieldKind::kDate: return "yyyy-MM-dd";
    case FieldKind::kDateTime: return "yyyy-MM-dd HH:mm:ss, +08:00";
    case FieldKind::kTimestamp: return "yyyyMMdd[HHmmss], +08:00";
    case FieldKind::kIdCard: return "GB 11643: 18 characters";
    case FieldKind::kCreditCode: return "GB 32100: 18 characters";
    case FieldKind::kArea: return "GB/T 2260: 6 digits, or more down to the village";
    case FieldKind::kFlag: return "0 or 1; also true, false, 是, 否";
    default: return {};
  }
}

JsonValue Strings(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  JsonValue object = JsonValue::Object();
  for (const auto& [name, text] : members) object.Set(name, JsonValue::OfString(text));
  return object;
}

JsonValue ElementOf(const std::string& root, const Field& field) {
  std::string path = root + "." + field.path;
  for (size_t at = path.find("[]"); at != std::string::npos; at = path.find("[]")) path.erase(at, 2);
  JsonValue element = Strings({{"id", path}, {"path", path}, {"short", field.chinese}, {"definition", fmt::format("{} ({})", field.chinese, field.path)}});
  std::string comment;
  const auto say = [&](const std::string& text) { comment += (comment.empty() ? "" : "; ") + text; };
  if (const std::string_view format = FormatOf(field.kind); !format.empty()) say(std::string(format));
  if (!field.codes.empty()) say(fmt::format("one of {}", fmt::join(field.codes, ", ")));
  if (field.decimals != 0) say(fmt::format("at most {} digits, {} of them decimals", field.length, field.decimals));
  if (field.kind == FieldKind::kInteger && field.length != 0) say(fmt::format("at most {} digits", field.length));
  if (!field.one_of.empty()) say(fmt::format("one of the group “{}” must stand", field.one_of));
  if (!comment.empty()) element.Set("comment", JsonValue::OfString(comment));
  element.Set("min", JsonValue::OfInteger(field.required ? 1 : 0));
  element.Set("max", JsonValue::OfString(field.kind == FieldKind::kList ? "*" : "1"));
  JsonValue types = JsonValue::Array();
  types.Append(Strings({{"code", std::string(TypeOf(field.kind))}}));
  element.Set("type", std::move(types));
  if (TypeOf(field.kind) == "string" && field.length != 0) element.Set("maxLength", JsonValue::OfInteger(field.length));
  return element;
}

}  // namespace

std::vector<const LogicalModel*> PublishedModels() {
  std::vector<const LogicalModel*> models;
  for (const Published& one : kPublished) models.push_back(FindModel(one.department, one.type));
  return models;
}

std::string ModelUrl(const LogicalModel& model) { return std::string(kDefinitionBase) + IdOf(model); }

JsonValue ModelDefinition(const LogicalModel& model) {
  const Published* published = FindPublished(model);
  const std::string of(published == nullptr ? std::string_view(model.type()) : published->of), root = NameOf(model);
  JsonValue definition = Strings({{"resourceType", "StructureDefinition"},
                                  {"id", IdOf(model)},
                                  {"url", ModelUrl(model)},
                                  {"version", "0.1.0"},
                                  {"name", root},
                                  {"title", of},
                                  {"status", "active"},
                                  {"date", "2026-11-24"},
                                  {"publisher", "Heyi (和颐)"},
                                  {"description", fmt::format("{}. 由 adapters 的 models.tsv 生成 / made of the table that messages are checked by.", of)},
                                  {"fhirVersion", "4.0.1"},
                                  {"kind", "logical"}});
  definition.Set("abstract", JsonValue::OfBool(false));
  definition.Set("type", JsonValue::OfString(ModelUrl(model)));
  definition.Set("baseDefinition", JsonValue::OfString("http://hl7.org/fhir/StructureDefinition/Element"));
  definition.Set("derivation", JsonValue::OfString("specialization"));
  JsonValue elements = JsonValue::Array();
  JsonValue whole = Strings({{"id", root}, {"path", root}, {"short", of}, {"definition", of}});
  whole.Set("min", JsonValue::OfInteger(0));
  whole.Set("max", JsonValue::OfString("*"));
  elements.Append(std::move(whole));
  for (const Field& field : model.fields()) elements.Append(ElementOf(root, field));
  JsonValue differential = JsonValue::Object();
  differential.Set("element", std::move(elements));
  definition.Set("differential", std::move(differential));
  return definition;
}

}  // namespace heyi::adapters
