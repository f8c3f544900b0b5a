// From the care home to the hospital: E01 to E10, the admission told by HL7 v2 and by insurance.
#include "base/charset.h"
#include "cli/story/plot.h"

namespace heyi::cli {

using base::JsonValue;

bool Story::Worse() {
  out_ = fmt::format("ZJ{}-1", stamp_);
  if (!Step(sender_.Civil(sender_.care_home(), "BED_REFERRAL", MessageId("out-1"), home_.uscc, Referral(out_, "REQUESTED", true)) == 0,
            fmt::format("E01 {} 病情加重，{}发出转介申请 {}", elder_.name, home_.name, out_))) return false;
  const std::string task = out_task_ = TaskOf(out_);
  if (!Step(sender_.Transition(sender_.hospital(), task, "E02", {}) == 200, "E02 医院收到申请")) return false;
  if (!Step(sender_.Transition(sender_.hospital(), task, "E03", {{"note", "请补充近三日血压记录"}}) == 200, "E03 医院询问：请补充近三日血压记录")) return false;
  if (!Step(sender_.Transition(sender_.care_home(), task, "E04", {{"note", "已补充：168/102、172/105、170/100"}}) == 200, "E04 养老院答复")) return false;
  if (!Step(sender_.Transition(sender_.hospital(), task, "E05", {}) == 200, "E05 医院接收，并预留一张医疗病床")) return false;
  return Step(sender_.Civil(sender_.care_home(), "BED_REFERRAL", MessageId("out-2"), home_.uscc, Referral(out_, "ACCEPTED", true)) == 0,
              "E06 养老院确认选定该医院（BED_REFERRAL ACCEPTED）");
}

bool Story::Admitted() {
  const std::string document = PutDocument(sender_.care_home(), "转院交接记录");
  if (!Step(!document.empty() && sender_.Transition(sender_.operators(), out_task_, "E07", {{"document", document}}) == 200,
            "E07 健康档案随转：交接文书已到")) return false;
  if (!Step(sender_.Transition(sender_.care_home(), out_task_, "E08", {}) == 200, "E08 老人出发")) return false;
  JsonValue person;
  JsonValue question = JsonValue::Object();
  question.Set("data", Record({{"mdtrt_cert_type", "02"}, {"mdtrt_cert_no", elder_.identity_number}, {"psn_cert_type", "01"},
                               {"certno", elder_.identity_number}, {"psn_name", elder_.name}}));
  const int known = sender_.Insurance("1101", InsuranceId(1), hospital_, std::move(question), &person);
  const std::string number(person["baseinfo"].StringAt("psn_no"));
  if (!Step(known == 0 && number == elder_.person_number, fmt::format("1101 医院查询参保人员信息，人员编号 {}", number))) return false;

  stay_ = {fmt::format("ZY{}", stamp_), "W3^305^12", base::SystemClock().NowMs(), 0};
  const std::string adt = AdtMessage("A01", hospital_, elder_, stay_, fmt::format("ADT{}", stamp_), "UNICODE UTF-8", stay_.begin_ms);
  if (!Step(sender_.Mllp(adt) == "AA", "ADT^A01 医院信息系统经 MLLP 报入院（HL7 v2，UTF-8）")) return false;
  if (!Step(TaskIs(out_task_, "in-progress", "admitted"), "E09 入院报文使转介到达：已入住预留床位，养老院床位保留")) return false;
  if (!Step(sender_.Mllp(adt) == "AA" && TaskIs(out_task_, "in-progress", "admitted"), "ADT^A01 重发：得到同一应答，不产生第二次入院")) return false;

  JsonValue admission = JsonValue::Object();
  admission.Set("mdtrtinfo", Record({{"psn_no", elder_.person_number}, {"insutype", "310"}, {"coner_name", "家属"}, {"tel", elder_.phone},
                                     {"begntime", WireTime(stay_.begin_ms)}, {"mdtrt_cert_type", "02"}, {"mdtrt_cert_no", elder_.identity_number},
                                     {"med_type", "21"}, {"ipt_no", stay_.number}, {"ipt_otp_no", stay_.number},
                                     {"atddr_no", "D310199000001"}, {"chfpdr_name", "示例医师"}, {"adm_diag_dscr", "高血压"}, {"adm_dept_codg", "A03.01"},
                                     {"adm_dept_name", "老年病科"}, {"adm_bed", "12"}, {"dscg_maindiag_code", "I10.x00"},
                                     {"dscg_maindiag_name", "特发性(原发性)高血压"}, {"main_cond_dscr", "血压升高"}}));
  JsonValue diagnoses = JsonValue::Array();
  JsonValue diagnosis = Record({{"psn_no", elder_.person_number}, {"diag_type", "1"}, {"maindiag_flag", "1"}, {"diag_srt_no", "1"}, {"diag_code", "I10.x00"},
                                {"diag_name", "特发性(原发性)高血压"}, {"diag_dept", "A03.01"}, {"dise_dor_no", "D310199000001"}, {"dise_dor_name", "示例医师"},
                                {"diag_time", WireTime(base::SystemClock().NowMs())}});
  diagnoses.Append(std::move(diagnosis));
  admission.Set("diseinfo", std::move(diagnoses));
  JsonValue result;
  const int taken = sender_.Insurance("2401", InsuranceId(2), hospital_, std::move(admission), &result);
  visit_ = result["result"].StringAt("mdtrt_id");
  if (!Step(taken == 0 && !visit_.empty(), fmt::format("2401 入院办理，医保就诊号 {}", visit_))) return false;
  const auto visits = sender_.operators().Get(fmt::format("/fhir/Encounter?patient=Patient/{}&class=IMP&date=ge2026&_count=50", patient_));
  size_t of_this_stay = 0;
  for (const JsonValue& entry : visits.ok() ? visits->json["entry"].items() : std::vector<JsonValue>()) {
    of_this_stay += base::WriteJson(entry["resource"]).find(stay_.number) != std::string::npos ? 1 : 0;
  }
  if (!Step(of_this_stay == 1, "同一次住院：HL7 v2 与医保报文合为一个 Encounter")) return false;
  if (!Step(sender_.Transition(sender_.hospital(), out_task_, "E10", {}) == 200, "E10 医院签署交接")) return false;
  // A bureau-wide token signs for both; with organizations in the tokens the care home's own signature ends it.
  const bool open = sender_.FindOne("Task?_id=" + out_task_).StringAt("status") != "completed";
  const bool ended = !open || sender_.Civil(sender_.care_home(), "BED_REFERRAL", MessageId("out-3"), home_.uscc, Referral(out_, "TRANSFERRED", true)) == 0;
  return Step(ended && sender_.FindOne("Task?_id=" + out_task_).StringAt("status") == "completed", "E10 双方签署，转介完成");
}

// Another elder is admitted at the same time; this hospital's other system speaks GB18030.
bool Story::AdmittedElsewhere() {
  const Elder& other = Elders()[static_cast<size_t>(elder_.number) % Elders().size()];
  const base::TimeMs now = base::SystemClock().NowMs();
  const Visit visit{fmt::format("ZG{}", stamp_), "W5^501^2", now, 0};
  const std::string text = AdtMessage("A01", hospital_, other, visit, fmt::format("ADTG{}", stamp_), "GB 18030-2000", now);
  const std::string bytes = base::CharsetConverter(base::Charset::kGb18030).FromUtf8(text);
  if (!Step(sender_.Mllp(bytes) == "AA", fmt::format("ADT^A01 {} 入院（HL7 v2，GB18030）", other.name))) return false;
  const JsonValue encounter = sender_.FindOne(fmt::format("Encounter?subject.identifier={}|{}&status=in-progress&class=IMP", adapters::kIdentityNumberSystem, other.identity_number));
  const std::string patient(encounter["subject"].StringAt("reference"));
  const JsonValue record = sender_.FindOne("Patient?_id=" + patient.substr(patient.find('/') + 1));
  return Step(record["name"].items().size() == 1 && base::WriteJson(record).find(other.name) != std::string::npos,
              fmt::format("同一位老人：{} 的档案只有一份，姓名无乱码", other.name));
}

}  // namespace heyi::cli
