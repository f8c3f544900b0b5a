// How it ends: civil affairs has been told, there is one record, and the auditor can see who exchanged what.
#include <chrono>
#include <thread>

#include "cli/story/plot.h"

namespace heyi::cli {

using base::JsonValue;

constexpr int kDeliveryWaitMs = 10'000;
constexpr std::string_view kHospitalPatientSystem = "https://heyi.example/fhir/id/hospital/patient";

// Civil affairs has been told by its own endpoint, in its own format.
bool Story::Told() {
  size_t referrals = 0, beds = 0;
  for (int waited = 0; waited < kDeliveryWaitMs; waited += 100) {
    referrals = beds = 0;
    bool completed = false;
    for (const Receiver::Received& message : receiver_.received()) {
      beds += message.type == "BED" ? 1 : 0;
      if (message.type != "BED_REFERRAL") continue;
      const bool ours = message.data.StringAt("refNo") == out_ || message.data.StringAt("refNo") == back_;
      referrals += ours ? 1 : 0;
      completed = completed || (message.data.StringAt("refNo") == back_ && message.data.StringAt("status") == "TRANSFERRED");
    }
    if (completed && beds > 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Step(referrals > 0 && beds > 0, fmt::format("民政局收到转介状态 {} 条、床位变化 {} 条（重发 {} 次）", referrals, beds, receiver_.repeats()));
}

bool Story::OneRecord() {
  const JsonValue patient = sender_.FindOne("Patient?_id=" + patient_);
  std::string systems;
  bool identity = false, civil = false, insurance = false, hospital = false;
  for (const JsonValue& identifier : patient["identifier"].items()) {
    const std::string_view system = identifier.StringAt("system");
    identity = identity || system == adapters::kIdentityNumberSystem;
    civil = civil || system == adapters::kCivilElderSystem;
    insurance = insurance || system == adapters::kPersonNumberSystem;
    hospital = hospital || system == kHospitalPatientSystem;
  }
  if (!Step(identity && civil && insurance && hospital, "一位老人一份档案：身份证号、民政老人编号、医保人员编号、医院患者号同在一个 Patient")) return false;
  std::string counts;
  size_t total = 0;
  for (const char* type : {"Encounter", "EpisodeOfCare", "Condition", "Coverage", "ServiceRequest", "Task", "DocumentReference", "Composition",
                           "Observation", "CarePlan", "Provenance"}) {
    const auto answer = sender_.operators().Get(fmt::format("/fhir/Patient/{}/{}?_count=1000", patient_, type));
    if (!answer.ok() || answer->status != 200) continue;
    const size_t found = answer->json["entry"].items().size();
    total += found;
    counts += fmt::format(" {} {}", type, found);
  }
  return Step(total >= 8, fmt::format("纵向档案（患者隔间检索）：{}", counts));
}

bool Story::Audited() {
  const auto answer = sender_.auditor().Get(fmt::format("/fhir/Patient/{}/$audit-report", patient_));
  const bool told = answer.ok() && answer->status == 200;
  if (!Step(told, "审计员询问：谁、何时、为何目的交换了这位老人的什么数据")) return false;
  for (const JsonValue& parameter : answer->json["parameter"].items()) {
    if (parameter.StringAt("name") == "report") std::printf("\n%s", parameter["valueString"].text().c_str());
  }
  return true;
}

}  // namespace heyi::cli
