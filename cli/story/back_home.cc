// Back to the care home: the return referral, the discharge summary, the follow-up.
#include "cli/story/plot.h"

namespace heyi::cli {

using base::JsonValue;

bool Story::Better() {
  back_ = fmt::format("ZJ{}-2", stamp_);
  if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-1"), hospital_.uscc, Referral(back_, "REQUESTED", false)) == 0,
            fmt::format("E01 病情好转，{}发出转回申请 {}", hospital_.name, back_))) return false;
  const std::string task = back_task_ = TaskOf(back_);
  if (!Step(sender_.Transition(sender_.care_home(), task, "E02", {}) == 200, "E02 养老院收到")) return false;
  if (!Step(sender_.Transition(sender_.care_home(), task, "E05", {}) == 200, "E05 养老院接收，原床位转为预留")) return false;
  if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-2"), hospital_.uscc, Referral(back_, "ACCEPTED", false)) == 0, "E06 医院确认")) return false;
  stay_.end_ms = base::SystemClock().NowMs();
  if (!Step(sender_.Document(DischargeSummary(hospital_, elder_, stay_, fmt::format("CY{}", stamp_), stay_.end_ms)) == 0,
            "C0053 出院小结（WS/T 500 共享文档，CDA）已收：原文留存，诊断与文档入档")) return false;
  if (!Step(TaskIs(task, "accepted", "records-ready"), "E07 出院小结使档案到位")) return false;
  if (!Step(sender_.Transition(sender_.hospital(), task, "E08", {}) == 200, "E08 老人离院")) return false;
  JsonValue discharge = JsonValue::Object();
  discharge.Set("dscginfo", Record({{"mdtrt_id", visit_}, {"psn_no", elder_.person_number}, {"insutype", "310"}, {"endtime", WireTime(base::SystemClock().NowMs())},
                                    {"dscg_dept_codg", "A03.01"}, {"dscg_dept_name", "老年病科"}, {"dscg_bed", "12"}, {"dscg_way", "1"}, {"die_date", ""}}));
  discharge.Set("diseinfo", JsonValue::Array());
  if (!Step(sender_.Mllp(AdtMessage("A03", hospital_, elder_, stay_, fmt::format("ADT{}E", stamp_), "UNICODE UTF-8", stay_.end_ms)) == "AA",
            "ADT^A03 医院信息系统报出院")) return false;
  return Step(sender_.Insurance("2402", InsuranceId(3), hospital_, std::move(discharge), nullptr) == 0, "2402 出院办理，医疗病床释放");
}

bool Story::Returned() {
  if (!Step(sender_.Transition(sender_.care_home(), back_task_, "E09", {}) == 200, "E09 老人回到养老院")) return false;
  if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-3"), hospital_.uscc, Referral(back_, "TRANSFERRED", false)) == 0, "E10 医院签署交接")) return false;
  const bool open = sender_.FindOne("Task?_id=" + back_task_).StringAt("status") != "completed";
  const bool ended = !open || sender_.Transition(sender_.care_home(), back_task_, "E10", {}) == 200;
  return Step(ended && sender_.FindOne("Task?_id=" + back_task_).StringAt("status") == "completed", "E10 养老院签署，转回完成");
}

// Two weeks later, by video.
bool Story::FollowedUp() {
  const base::TimeMs now = base::SystemClock().NowMs();
  if (!Step(sender_.Transaction(FollowUp(patient_, hospital_organization_, now)) == 200,
            "互联网医院随访：Encounter（VR）、两项 Observation、CarePlan 一次事务入档")) return false;
  const auto found = sender_.operators().Get(fmt::format(
      "/fhir/Encounter?class=VR&subject=Patient/{}&_revinclude=Observation:encounter&_revinclude=CarePlan:encounter", patient_));
  size_t observations = 0, plans = 0;
  for (const JsonValue& entry : found.ok() ? found->json["entry"].items() : std::vector<JsonValue>()) {
    observations += entry["resource"].StringAt("resourceType") == "Observation" ? 1 : 0;
    plans += entry["resource"].StringAt("resourceType") == "CarePlan" ? 1 : 0;
  }
  return Step(observations >= 2 && plans >= 1, "随访记录可按就诊一并检索（_revinclude）");
}

}  // namespace heyi::cli
