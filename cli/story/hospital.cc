#include "cli/story/hospital.h"

#include <fmt/format.h>

#include "adapters/message.h"
#include "base/json/value.h"
#include "cli/story/sender.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

// "20260302091500", in the district's zone: HL7's TS.
std::string CompactTime(base::TimeMs ms) {
  std::string digits = WireTime(ms);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return digits;
}

std::string BirthDate(const Elder& elder) { return elder.identity_number.substr(6, 8); }

JsonValue Section(int number, std::string_view loinc, std::string_view title) {
  return Record({{"number", std::to_string(number)}, {"code", std::string(loinc)}, {"loinc", std::string(loinc)}, {"displayName", std::string(title)}});
}

JsonValue Entry(int number, std::string_view section, int section_number, std::string_view data_element, std::string_view name,
                std::initializer_list<std::pair<std::string_view, std::string>> value) {
  JsonValue entry = Record({{"number", std::to_string(number)}, {"section", std::string(section)}, {"sectionNumber", std::to_string(section_number)},
                            {"act", "observation"}, {"code", std::string(data_element)}, {"codeSystem", "2.16.156.10011.2.2.1"},
                            {"dataElement", std::string(data_element)}, {"displayName", std::string(name)}});
  for (const auto& [member, text] : value) entry.Set(member, JsonValue::OfString(text));
  return entry;
}

}  // namespace

std::string AdtMessage(std::string_view event, const Institution& hospital, const Elder& elder, const Visit& visit,
                       std::string_view control_id, std::string_view charset, base::TimeMs now_ms) {
  const std::string now = CompactTime(now_ms);
  const std::string family = elder.name.substr(0, 3), given = elder.name.substr(3);  // one Han character is three bytes
  const std::string end = visit.end_ms == 0 ? std::string() : CompactTime(visit.end_ms);
  return fmt::format(
      "MSH|^~\\&|HIS|{0}|HUB|DISTRICT|{1}||ADT^{2}^ADT_{3}|{4}|P|2.5|||||CHN|{5}|zh-CN\r"
      "EVN|{2}|{1}\r"
      "PID|1||MRN{6}^^^HIS^PI~{7}^^^GB11643^NI||{8}^{9}||{10}|{11}|||{12}||^PRN^CP^^^^{13}\r"
      "PV1|1|I|{14}{18}{15}{19}{16}{17}\r",
      hospital.fixmedins_code, now, event, event == "A04" ? "A01" : event, control_id, charset, elder.number, elder.identity_number, family, given,
      BirthDate(elder), elder.male ? "M" : "F", elder.address, elder.phone, visit.bed, visit.number, CompactTime(visit.begin_ms),
      end.empty() ? "" : "|" + end, std::string(19 - 3, '|'), std::string(44 - 19, '|'));
}

std::string DischargeSummary(const Institution& hospital, const Elder& elder, const Visit& visit, std::string_view document_id,
                             base::TimeMs now_ms) {
  const std::string now = CompactTime(now_ms);
  JsonValue record = Record({{"documentId", std::string(document_id)}, {"documentType", "C0053"}, {"templateId", "2.16.156.10011.2.1.1.73"},
                             {"title", "出院小结"}, {"effectiveTime", now}, {"confidentiality", "N"}, {"language", "zh-CN"},
                             {"idCardNo", elder.identity_number}, {"inpatientNo", visit.number}, {"name", elder.name},
                             {"sex", elder.male ? "1" : "2"}, {"sexName", elder.male ? "男性" : "女性"}, {"birthTime", BirthDate(elder)},
                             {"phone", elder.phone}, {"providerId", hospital.uscc}, {"providerName", hospital.name},
                             {"authorTime", now}, {"authorId", "D310199000001"}, {"authorName", "示例医师"},
                             {"custodianId", hospital.uscc}, {"custodianName", hospital.name},
                             {"legalAuthenticatorTime", now}, {"legalAuthenticatorId", "D310199000001"}, {"legalAuthenticatorName", "示例医师"},
                             {"legalAuthenticatorRole", "主治医师"}, {"encounterStart", CompactTime(visit.begin_ms)}, {"encounterEnd", now}});
  JsonValue sections = JsonValue::Array(), entries = JsonValue::Array();
  sections.Append(Section(1, "46241-6", "HOSPITAL ADMISSION DX"));
  entries.Append(Entry(1, "46241-6", 1, "DE05.01.024.00", "入院诊断-西医诊断编码",
                       {{"valueType", "CD"}, {"valueCode", "I10.x00"}, {"value", "特发性(原发性)高血压"}, {"valueCodeSystem", "2.16.156.10011.2.3.3.11.5"}}));
  sections.Append(Section(2, "11535-2", "Discharge Diagnosis"));
  entries.Append(Entry(2, "11535-2", 2, "DE05.01.024.00", "出院诊断-西医诊断编码",
                       {{"valueType", "CD"}, {"valueCode", "I10.x00"}, {"value", "特发性(原发性)高血压"}, {"valueCodeSystem", "2.16.156.10011.2.3.3.11.5"}}));
  entries.Append(Entry(3, "11535-2", 2, "DE06.00.193.00", "出院情况", {{"valueType", "ST"}, {"value", "血压平稳，生活部分自理"}}));
  sections.Append(Section(3, "46209-3", "Provider Orders"));
  entries.Append(Entry(4, "46209-3", 3, "DE06.00.287.00", "出院医嘱", {{"valueType", "ST"}, {"value", "低盐饮食，按时服药，两周后互联网医院随访"}}));
  record.Set("sections", std::move(sections));
  record.Set("entries", std::move(entries));
  return adapters::CdaAdapter().Write({"C0053", std::string(document_id), hospital.uscc, std::string(kAreaCode), now_ms, std::move(record)});
}

std::string FollowUp(std::string_view patient_id, std::string_view organization, base::TimeMs now_ms) {
  const std::string now = base::FormatInstant(now_ms);
  const std::string subject = fmt::format(R"("subject":{{"reference":"Patient/{}"}})", patient_id);
  const std::string visit = "urn:uuid:6f5b9c1e-0d0a-4c7e-9a55-000000000001";
  const auto observation = [&](std::string_view code, std::string_view display, int value, std::string_view unit, std::string_view ucum) {
    return fmt::format(
        R"({{"resource":{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],)"
        R"("code":{{"coding":[{{"system":"http://loinc.org","code":"{}"}}],"text":"{}"}},{},"encounter":{{"reference":"{}"}},"effectiveDateTime":"{}",)"
        R"("valueQuantity":{{"value":{},"unit":"{}","system":"http://unitsofmeasure.org","code":"{}"}}}},"request":{{"method":"POST","url":"Observation"}}}})",
        code, display, subject, visit, now, value, unit, ucum);
  };
  return fmt::format(
      R"({{"resourceType":"Bundle","type":"transaction","entry":[)"
      R"({{"fullUrl":"{}","resource":{{"resourceType":"Encounter","status":"finished","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"VR"}},)"
      R"("type":[{{"text":"互联网医院随访"}}],{},"period":{{"start":"{}"}},"serviceProvider":{{"reference":"{}"}}}},"request":{{"method":"POST","url":"Encounter"}}}},)"
      R"({},{},)"
      R"({{"resource":{{"resourceType":"CarePlan","status":"active","intent":"plan","title":"出院后随访计划",{},"encounter":{{"reference":"{}"}},"period":{{"start":"{}"}},)"
      R"("activity":[{{"detail":{{"status":"scheduled","description":"每日测血压两次，两周后复诊"}}}}]}},"request":{{"method":"POST","url":"CarePlan"}}}}]}})",
      visit, subject, now, organization, observation("8480-6", "收缩压", 136, "mmHg", "mm[Hg]"), observation("8867-4", "心率", 72, "次/min", "/min"),
      subject, visit, now);
}

}  // namespace heyi::cli
