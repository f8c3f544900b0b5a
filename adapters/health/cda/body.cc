#include <fmt/format.h>

#include <algorithm>

#include "adapters/health/cda/limits.h"
#include "adapters/health/cda/narrative.h"
#include "adapters/health/cda/record.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;
using base::XmlNode;

constexpr std::string_view kStatements[] = {"observation", "procedure", "substanceAdministration", "organizer",
                                            "act",         "encounter", "supply"};

// What an entry's displayName says where its code does not: the ends of names, which a prefix ("出院诊断-") may precede.
struct Meaning {
  std::string_view name, data_element;
};
constexpr Meaning kMeanings[] = {{"西医诊断编码", "DE05.01.024.00"}, {"中医病名代码", "DE05.10.130.00"}, {"中医证候代码", "DE05.10.130.00"},
                                 {"实际住院天数", "DE06.00.310.00"}, {"治疗结果代码", "DE05.10.113.00"}, {"出院医嘱", "DE06.00.287.00"}};

std::string DataElementOf(const XmlNode* code) {
  if (code == nullptr) return {};
  std::string element = NormalDataElement(code->AttributeText("code"));
  if (!element.empty()) return element;
  const std::string_view name = base::Trim(code->AttributeText("displayName"));
  for (const Meaning& meaning : kMeanings) {
    if (name.ends_with(meaning.name)) return std::string(meaning.data_element);
  }
  return {};
}

// 11450-4
bool IsLoinc(std::string_view code) {
  const size_t hyphen = code.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0 || code.size() != hyphen + 2) return false;
  constexpr std::string_view kDigits = "0123456789";
  return code.substr(0, hyphen).find_first_not_of(kDigits) == std::string_view::npos &&
         kDigits.find(code.back()) != std::string_view::npos;
}

std::string_view TypeOf(const XmlNode& value) {
  for (const XmlNode::Attribute& attribute : value.attributes) {
    if (attribute.ns != kXsiNamespace || attribute.name != "type") continue;
    const std::string_view name = attribute.value;
    const size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
  }
  return {};
}

bool IsPlainNumber(std::string_view text) {
  const size_t point = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 20 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(text.substr(0, point)) && (point == std::string_view::npos || digits(text.substr(point + 1)));
}

class BodyReader {
 public:
  BodyReader(const CdaDocument& document, JsonValue& record, base::Outcome& outcome)
      : document_(document), record_(record), outcome_(outcome) {}

  void Read() {
    if (const XmlNode* body = FindV3(document_.root(), "component/structuredBody")) ReadSections(*body);
    if (const XmlNode* other = FindV3(document_.root(), "component/nonXMLBody")) {
      const XmlNode* text = FindV3(*other, "text");
      CdaFields fields(document_, record_);
      fields.Attribute("bodyMediaType", text, "mediaType");
      if (sections_.items().empty()) fields.Value("body", "non-xml", document_.PlaceOfText(*other));
    }
    if (sections_.items().size() > kCdaSectionsMax) TooMany("cda.sections", kCdaSectionsMax);
    if (entries_.items().size() > kCdaEntriesMax) TooMany("cda.entries", kCdaEntriesMax);
    if (!sections_.items().empty()) record_.Set("sections", std::move(sections_));
    if (!entries_.items().empty()) record_.Set("entries", std::move(entries_));
  }

 private:
  void TooMany(std::string_view list, size_t most) { outcome_.Add("adapter.too-many", std::string(list), fmt::format("{}", most)); }

  // Of a body, or of a section with sections in it. Recursion is bounded by kCdaDepthMax.
  void ReadSections(const XmlNode& parent) {
    for (const XmlNode* component : AllV3(parent, "component")) {
      for (const XmlNode* section : AllV3(*component, "section")) {
        if (sections_.items().size() > kCdaSectionsMax || entries_.items().size() > kCdaEntriesMax) return;
        if (!IsNull(*section)) ReadSection(*section);
        ReadSections(*section);
      }
    }
  }

  void ReadSection(const XmlNode& section) {
    const XmlNode* code = FindV3(section, "code");
    const std::string written(code == nullptr || IsNull(*code) ? std::string_view() : base::Trim(code->AttributeText("code")));
    JsonValue item = JsonValue::Object();
    CdaFields fields(document_, item);
    fields.Attribute("code", code, "code");
    if (IsLoinc(written)) fields.Value("loinc", written, document_.PlaceOf(*code, "code"));
    if (const std::string element = NormalDataElement(written); !element.empty()) {
      fields.Value("dataElement", element, document_.PlaceOf(*code, "code"));
    }
    fields.Attribute("displayName", code, "displayName");
    fields.Text("title", FindV3(section, "title"));

    said_.clear();
    for (const XmlNode* entry : AllV3(section, "entry")) ReadStatements(*entry, written);
    const XmlNode* text = FindV3(section, "text");
    std::vector<std::string> lines = text == nullptr || IsNull(*text) ? std::vector<std::string>() : NarrativeLines(*text);
    const bool own_words = !lines.empty();
    if (!own_words) lines = std::move(said_);
    if (lines.empty() && !item.members().empty()) {
      fields.Value("narrative", NarrativeDiv({"本节无内容"}), section.begin);
      fields.Value("narrativeStatus", "empty", section.begin);
    }
    if (!lines.empty()) {
      const size_t place = document_.PlaceOfText(own_words ? *text : section);
      std::string plain;
      for (const std::string& line : lines) plain += (plain.empty() ? "" : "\n") + line;
      fields.Value("text", plain, place);
      fields.Value("narrative", NarrativeDiv(lines), place);
      fields.Value("narrativeStatus", own_words ? "additional" : "generated", place);
    }
    if (item.members().empty()) return;
    fields.Value("number", fmt::format("{}", sections_.items().size() + 1), section.begin);
    if (sections_.items().empty()) CdaFields(document_, record_).Value("body", "structured", section.begin);
    sections_.Append(std::move(item));
  }

  // The clinical statements in an entry, a relationship or an organizer's component, and those in them.
  void ReadStatements(const XmlNode& parent, const std::string& section) {
    for (const XmlNode& child : parent.children) {
      if (child.ns != kV3Namespace || entries_.items().size() > kCdaEntriesMax) continue;
      if (IsNull(child)) continue;
      const bool statement = std::find(std::begin(kStatements), std::end(kStatements), child.name) != std::end(kStatements);
      if (statement) ReadStatement(child, section);
      if (statement || child.name == "entryRelationship" || child.name == "component") ReadStatements(child, section);
    }
  }

  void ReadStatement(const XmlNode& statement, const std::string& section) {
    const XmlNode* code = FindV3(statement, "code");
    JsonValue item = JsonValue::Object();
    CdaFields fields(document_, item);
    fields.Attribute("code", code, "code");
    fields.Attribute("displayName", code, "displayName");
    if (code != nullptr && !IsNull(*code)) {
      fields.Value("codeSystem", NormalOid(code->AttributeText("codeSystem")), document_.PlaceOf(*code, "codeSystem"));
      fields.Value("dataElement", DataElementOf(code), document_.PlaceOf(*code, "code"));
    }
    const XmlNode* value = FindV3(statement, "value");
    if (value != nullptr) ReadValue(*value, fields);
    const bool answered = !item.StringAt("value").empty() || !item.StringAt("valueCode").empty();
    const bool named = !item.StringAt("code").empty() || !item.StringAt("displayName").empty();
    if (!answered && (value != nullptr || !named)) return;  // a question without an answer says nothing
    ReadTime(FindV3(statement, "effectiveTime"), fields);
    Say(item);
    fields.Value("section", section, statement.begin);
    fields.Value("sectionNumber", fmt::format("{}", sections_.items().size() + 1), statement.begin);
    fields.Value("number", fmt::format("{}", entries_.items().size() + 1), statement.begin);
    fields.Value("act", statement.name, statement.begin);
    entries_.Append(std::move(item));
  }

  void ReadTime(const XmlNode* time, CdaFields& fields) {
    if (time == nullptr || IsNull(*time)) return;
    const XmlNode* low = FindV3(*time, "low");
    fields.Attribute("effectiveTime", time->AttributeText("value").empty() && low != nullptr ? low : time, "value");
    fields.Attribute("endTime", FindV3(*time, "high"), "value");
  }

  void ReadValue(const XmlNode& value, CdaFields& fields) {
    const std::string_view type = TypeOf(value);
    if (IsNull(value)) return;
    if (!value.AttributeText("code").empty()) {
      fields.Attribute("valueCode", &value, "code");
      fields.Value("valueCodeSystem", NormalOid(value.AttributeText("codeSystem")), document_.PlaceOf(value, "codeSystem"));
      fields.Attribute("value", &value, "displayName");
    } else if (!base::Trim(value.AttributeText("value")).empty()) {
      ReadAmount(value, fields);
    } else if (!base::Trim(value.AttributeText("displayName")).empty()) {
      fields.Attribute("value", &value, "displayName");
    } else {
      fields.Text("value", &value);
    }
    if (!type.empty()) fields.Value("valueType", type, value.begin);
  }

  // A number and its unit; what is no plain number is text, unit and all.
  void ReadAmount(const XmlNode& value, CdaFields& fields) {
    const std::string_view unit_name = value.AttributeText("unit").empty() ? "currency" : "unit";
    const std::string_view number = base::Trim(value.AttributeText("value"));
    const std::string_view type = TypeOf(value);
    const bool measured = type != "TS" && type != "BL";
    if (!measured || IsPlainNumber(number)) {
      fields.Attribute("value", &value, "value");
      if (measured) fields.Attribute("amount", &value, "value");
      fields.Attribute("unit", &value, unit_name);
    } else {
      fields.Value("value", std::string(number).append(base::Trim(value.AttributeText(unit_name))), document_.PlaceOf(value, "value"));
    }
  }

  // An entry in words, for sections that have none of their own.
  void Say(const JsonValue& item) {
    std::string line(item.StringAt("displayName"));
    std::string value(item.StringAt("value").empty() ? item.StringAt("valueCode") : item.StringAt("value"));
    value += item.StringAt("unit");
    if (!item.StringAt("value").empty() && !item.StringAt("valueCode").empty()) {
      value.append("（").append(item.StringAt("valueCode")).append("）");
    }
    if (!line.empty() && !value.empty()) line += "：";
    line += value;
    if (line.empty()) line = item.StringAt("code");
    if (!line.empty()) said_.push_back(std::move(line));
  }

  const CdaDocument& document_;
  JsonValue& record_;
  base::Outcome& outcome_;
  JsonValue sections_ = JsonValue::Array();
  JsonValue entries_ = JsonValue::Array();
  std::vector<std::string> said_;  // in this section
};

}  // namespace

std::string NormalDataElement(std::string_view code) {
  std::string normal(base::Trim(code));
  for (char& c : normal) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  constexpr std::string_view kForm = "DE00.00.000.00";
  if (normal.size() == kForm.size() - 3) normal += ".00";
  if (normal.size() < kForm.size() || !normal.starts_with("DE")) return {};
  for (size_t i = 2; i < normal.size(); ++i) {
    const char form = i < kForm.size() ? kForm[i] : normal[i];  // longer ones go on in the same way: .01.02
    const bool digit = normal[i] >= '0' && normal[i] <= '9';
    if (form == '.' ? normal[i] != '.' : !digit) return {};
  }
  return normal;
}

void ReadCdaBody(const CdaDocument& document, JsonValue& record, base::Outcome& outcome) {
  BodyReader(document, record, outcome).Read();
}

}  // namespace heyi::adapters
