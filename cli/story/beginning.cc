// How it begins: the district is loaded, the elder insured and at home in the care home.
#include "cli/story/plot.h"

namespace heyi::cli {

using base::JsonValue;

bool Story::District() {
  const LoadedDistrict loaded = LoadDistrict(sender_);
  patient_ = IdAt(fmt::format("Patient?identifier={}|{}", adapters::kIdentityNumberSystem, elder_.identity_number));
  home_organization_ = "Organization/" + IdAt(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, home_.uscc));
  hospital_organization_ = "Organization/" + IdAt(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, hospital_.uscc));
  return Step(loaded.failures == 0 && !patient_.empty(),
              fmt::format("民政局报送机构、床位、老人档案，{} 条均已受理（重复报送得到同一回执）{}", loaded.messages, loaded.first_failure));
}

// The insurance bureau's own knowledge of the elder comes as FHIR.
bool Story::Insured() {
  JsonValue coverage = Parse(fmt::format(
      R"({{"resourceType":"Coverage","id":"coverage-{}","status":"active","type":{{"coding":[{{"system":"https://heyi.example/fhir/cs/nhsa/insutype","code":"310"}}]}},)"
      R"("subscriberId":"{}","beneficiary":{{"reference":"Patient/{}"}},"payor":[{{"display":"示例区医疗保障局"}}]}})",
      elder_.number, elder_.person_number, patient_));
  const int status = sender_.Put(sender_.insurance(), coverage);
  JsonValue patient = sender_.FindOne("Patient?_id=" + patient_);
  JsonValue* identifiers = patient.Find("identifier");
  bool numbered = false;
  for (const JsonValue& identifier : patient["identifier"].items()) {
    numbered = numbered || identifier.StringAt("system") == adapters::kPersonNumberSystem;
  }
  if (!numbered && identifiers != nullptr) {
    identifiers->Append(Record({{"system", std::string(adapters::kPersonNumberSystem)}, {"value", elder_.person_number}}));
    numbered = sender_.Put(sender_.operators(), patient) == 200;  // the elder is civil affairs' record: the hub enters the number
  }
  return Step(numbered && (status == 200 || status == 201), fmt::format("医保局登记 {} 的参保信息和人员编号", elder_.name));
}

// The elder lives in the care home: a stay at one of its beds, if they have none yet.
bool Story::Settled() {
  const JsonValue stay = sender_.FindOne(fmt::format("Encounter?subject=Patient/{}&status=in-progress", patient_));
  if (stay.is_object()) return Step(true, fmt::format("{} 住在{}", elder_.name, home_.name));
  const auto beds = sender_.operators().Get(
      fmt::format("/fhir/Location?organization={}&type={}|care-home&_count=50", home_organization_, adapters::kBedKindSystem));
  if (!beds.ok() || beds->json["entry"].items().empty()) return Step(false, "没有床位");
  const std::vector<JsonValue>& entries = beds->json["entry"].items();
  const std::string bed(entries[static_cast<size_t>(elder_.number - 1) % entries.size()]["resource"].StringAt("id"));  // one each
  JsonValue encounter = Parse(fmt::format(
      R"({{"resourceType":"Encounter","id":"stay-{}","status":"in-progress","class":{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"NONAC"}},)"
      R"("subject":{{"reference":"Patient/{}"}},"period":{{"start":"2026-01-05"}},)"
      R"("location":[{{"location":{{"reference":"Location/{}"}},"status":"active","physicalType":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"bd"}}]}}}}],)"
      R"("serviceProvider":{{"reference":"{}"}}}})",
      elder_.number, patient_, bed, home_organization_));
  const int status = sender_.Put(sender_.care_home(), encounter);
  return Step(status == 200 || status == 201, fmt::format("{} 入住{}的床位", elder_.name, home_.name));
}

}  // namespace heyi::cli
