// heyi story: one elder's way from the care home to the hospital and back, told by the messages that carry it. Every step
// is checked; a step that does not hold ends the story with exit status 1.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "adapters/identifiers.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/report_error.h"
#include "cli/story/district.h"
#include "cli/story/receiver.h"
#include "cli/story/sender.h"
#include "cli/story/witness.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

constexpr int kDeliveryWaitMs = 10'000;

class Story {
 public:
  Story(Sender& sender, const Receiver& receiver, int elder_number)
      : sender_(sender),
        receiver_(receiver),
        elder_(Elders()[static_cast<size_t>(elder_number - 1) % Elders().size()]),
        home_(InstitutionOf("care-home-1")),
        hospital_(InstitutionOf("hospital")),
        stamp_(base::SystemClock().NowMs()) {}

  bool Play() {
    return District() && Insured() && Settled() && Worse() && Admitted() && Better() && Returned() && Told() && OneRecord() && Audited();
  }

 private:
  // Prints the step's line; the story goes on only while `held`.
  bool Step(bool held, std::string_view text) {
    std::printf("%s %2d  %.*s\n", held ? "✓" : "✗", ++step_, static_cast<int>(text.size()), text.data());
    if (!held) std::printf("      %s\n", sender_.last_answer().c_str());
    std::fflush(stdout);
    return held;
  }

  std::string MessageId(std::string_view what) const { return fmt::format("MZ{}-{}", stamp_, what); }
  std::string InsuranceId(int sequence) const {
    std::string digits = WireTime(base::SystemClock().NowMs());
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    return fmt::format("{}{}{:04}", hospital_.fixmedins_code, digits, (stamp_ / 10 + sequence) % 10'000);
  }
  std::string IdAt(std::string_view query) const { return std::string(sender_.FindOne(query).StringAt("id")); }

  bool District() {
    const LoadedDistrict loaded = LoadDistrict(sender_);
    patient_ = IdAt(fmt::format("Patient?identifier={}|{}", adapters::kIdentityNumberSystem, elder_.identity_number));
    home_organization_ = "Organization/" + IdAt(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, home_.uscc));
    hospital_organization_ = "Organization/" + IdAt(fmt::format("Organization?identifier={}|{}", adapters::kCreditCodeSystem, hospital_.uscc));
    return Step(loaded.failures == 0 && !patient_.empty(),
                fmt::format("民政局报送机构、床位、老人档案，{} 条均已受理（重复报送得到同一回执）{}", loaded.messages, loaded.first_failure));
  }

  // The insurance bureau's own knowledge of the elder comes as FHIR.
  bool Insured() {
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
  bool Settled() {
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

  JsonValue Referral(std::string_view reference, std::string_view status, bool to_hospital) const {
    const std::string now = WireTime(base::SystemClock().NowMs());
    JsonValue data = Record({{"refNo", std::string(reference)},
                             {"direction", to_hospital ? "HOME_TO_HOSP" : "HOSP_TO_HOME"},
                             {"fromOrgUscc", to_hospital ? home_.uscc : hospital_.uscc},
                             {"fromBedType", to_hospital ? "care-home" : "hospital"},
                             {"toOrgUscc", to_hospital ? hospital_.uscc : home_.uscc},
                             {"toBedType", to_hospital ? "hospital" : "care-home"},
                             {"elderIdCard", elder_.identity_number},
                             {"applyTime", now},
                             {"reason", to_hospital ? "血压持续升高，经医疗机构评估需住院" : "病情稳定，达到出院指征"},
                             {"status", std::string(status)}});
    if (status != "REQUESTED") data.Set("respondTime", JsonValue::OfString(now));
    return data;
  }

  std::string TaskOf(std::string_view reference) const {
    const std::string request = IdAt(fmt::format("ServiceRequest?identifier={}|{}", adapters::kReferralSystem, reference));
    return IdAt(fmt::format("Task?focus=ServiceRequest/{}", request));
  }

  // A document that goes along, by reference and digest. Returns its reference, empty where it was not taken.
  std::string PutDocument(const Client& client, std::string_view title) {
    const std::string id = fmt::format("document-{}-{}", stamp_, ++documents_);
    const std::string text = fmt::format("{}：{}", title, elder_.name);
    const base::Digest20 digest = base::Sha1(text);  // R4 Attachment.hash is SHA-1
    JsonValue document = Parse(fmt::format(
        R"({{"resourceType":"DocumentReference","id":"{}","status":"current","subject":{{"reference":"Patient/{}"}},"description":"{}",)"
        R"("content":[{{"attachment":{{"contentType":"text/plain","data":"{}","hash":"{}","title":"{}"}}}}]}})",
        id, patient_, title, base::ToBase64(text), base::ToBase64({reinterpret_cast<const char*>(digest.data()), digest.size()}), title));
    return sender_.Put(client, document) == 201 ? "DocumentReference/" + id : "";
  }

  bool Worse() {
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

  bool Admitted() {
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

    JsonValue admission = JsonValue::Object();
    admission.Set("mdtrtinfo", Record({{"psn_no", elder_.person_number}, {"insutype", "310"}, {"coner_name", "家属"}, {"tel", elder_.phone},
                                       {"begntime", WireTime(base::SystemClock().NowMs())}, {"mdtrt_cert_type", "02"}, {"mdtrt_cert_no", elder_.identity_number},
                                       {"med_type", "21"}, {"ipt_no", fmt::format("ZY{}", stamp_)}, {"ipt_otp_no", fmt::format("ZY{}", stamp_)},
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
    const JsonValue task = sender_.FindOne("Task?_id=" + out_task_);
    if (!Step(task.StringAt("status") == "in-progress" && base::WriteJson(task).find("admitted") != std::string::npos,
              "E09 入院报文使转介到达：已入住预留床位，养老院床位保留")) return false;
    if (!Step(sender_.Transition(sender_.hospital(), out_task_, "E10", {}) == 200, "E10 医院签署交接")) return false;
    // A bureau-wide token signs for both; with organizations in the tokens the care home's own signature ends it.
    const bool open = sender_.FindOne("Task?_id=" + out_task_).StringAt("status") != "completed";
    const bool ended = !open || sender_.Civil(sender_.care_home(), "BED_REFERRAL", MessageId("out-3"), home_.uscc, Referral(out_, "TRANSFERRED", true)) == 0;
    return Step(ended && sender_.FindOne("Task?_id=" + out_task_).StringAt("status") == "completed", "E10 双方签署，转介完成");
  }

  bool Better() {
    back_ = fmt::format("ZJ{}-2", stamp_);
    if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-1"), hospital_.uscc, Referral(back_, "REQUESTED", false)) == 0,
              fmt::format("E01 病情好转，{}发出转回申请 {}", hospital_.name, back_))) return false;
    const std::string task = back_task_ = TaskOf(back_);
    if (!Step(sender_.Transition(sender_.care_home(), task, "E02", {}) == 200, "E02 养老院收到")) return false;
    if (!Step(sender_.Transition(sender_.care_home(), task, "E05", {}) == 200, "E05 养老院接收，原床位转为预留")) return false;
    if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-2"), hospital_.uscc, Referral(back_, "ACCEPTED", false)) == 0, "E06 医院确认")) return false;
    const std::string document = PutDocument(sender_.hospital(), "出院小结");
    if (!Step(!document.empty() && sender_.Transition(sender_.operators(), task, "E07", {{"document", document}}) == 200, "E07 出院小结已到")) return false;
    if (!Step(sender_.Transition(sender_.hospital(), task, "E08", {}) == 200, "E08 老人离院")) return false;
    JsonValue discharge = JsonValue::Object();
    discharge.Set("dscginfo", Record({{"mdtrt_id", visit_}, {"psn_no", elder_.person_number}, {"insutype", "310"}, {"endtime", WireTime(base::SystemClock().NowMs())},
                                      {"dscg_dept_codg", "A03.01"}, {"dscg_dept_name", "老年病科"}, {"dscg_bed", "12"}, {"dscg_way", "1"}, {"die_date", ""}}));
    discharge.Set("diseinfo", JsonValue::Array());
    return Step(sender_.Insurance("2402", InsuranceId(3), hospital_, std::move(discharge), nullptr) == 0, "2402 出院办理，医疗病床释放");
  }

  bool Returned() {
    if (!Step(sender_.Transition(sender_.care_home(), back_task_, "E09", {}) == 200, "E09 老人回到养老院")) return false;
    if (!Step(sender_.Civil(sender_.hospital(), "BED_REFERRAL", MessageId("back-3"), hospital_.uscc, Referral(back_, "TRANSFERRED", false)) == 0, "E10 医院签署交接")) return false;
    const bool open = sender_.FindOne("Task?_id=" + back_task_).StringAt("status") != "completed";
    const bool ended = !open || sender_.Transition(sender_.care_home(), back_task_, "E10", {}) == 200;
    return Step(ended && sender_.FindOne("Task?_id=" + back_task_).StringAt("status") == "completed", "E10 养老院签署，转回完成");
  }

  // Civil affairs has been told by its own endpoint, in its own format.
  bool Told() {
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

  bool OneRecord() {
    const JsonValue patient = sender_.FindOne("Patient?_id=" + patient_);
    std::string systems;
    bool identity = false, civil = false, insurance = false;
    for (const JsonValue& identifier : patient["identifier"].items()) {
      const std::string_view system = identifier.StringAt("system");
      identity = identity || system == adapters::kIdentityNumberSystem;
      civil = civil || system == adapters::kCivilElderSystem;
      insurance = insurance || system == adapters::kPersonNumberSystem;
    }
    if (!Step(identity && civil && insurance, "一位老人一份档案：身份证号、民政老人编号、医保人员编号同在一个 Patient")) return false;
    std::string counts;
    size_t total = 0;
    for (const char* type : {"Encounter", "EpisodeOfCare", "Condition", "Coverage", "ServiceRequest", "Task", "DocumentReference", "Provenance"}) {
      const auto answer = sender_.operators().Get(fmt::format("/fhir/Patient/{}/{}?_count=1000", patient_, type));
      if (!answer.ok() || answer->status != 200) continue;
      const size_t found = answer->json["entry"].items().size();
      total += found;
      counts += fmt::format(" {} {}", type, found);
    }
    return Step(total >= 8, fmt::format("纵向档案（患者隔间检索）：{}", counts));
  }

  bool Audited() {
    const auto answer = sender_.auditor().Get(fmt::format("/fhir/Patient/{}/$audit-report", patient_));
    const bool told = answer.ok() && answer->status == 200;
    if (!Step(told, "审计员询问：谁、何时、为何目的交换了这位老人的什么数据")) return false;
    for (const JsonValue& parameter : answer->json["parameter"].items()) {
      if (parameter.StringAt("name") == "report") std::printf("\n%s", parameter["valueString"].text().c_str());
    }
    return true;
  }

  Sender& sender_;
  const Receiver& receiver_;
  const Elder& elder_;
  const Institution& home_;
  const Institution& hospital_;
  const base::TimeMs stamp_;
  int step_ = 0;
  int documents_ = 0;
  std::string patient_, home_organization_, hospital_organization_;
  std::string out_, back_, out_task_, back_task_, visit_;
};

}  // namespace

int RunStory(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "receiver", "elder", "witness"};
  Arguments arguments;
  uint64_t port = 0, elder = 1;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data")) {
    std::fprintf(stderr, "usage: heyi story --data DIR [--server URL] [--receiver PORT] [--elder 1..20] [--witness FILE]\n");
    return 2;
  }
  const std::string server = arguments.Option("server", "http://127.0.0.1:8080");
  uint64_t server_port = 8080;
  base::ParseUnsigned(server.substr(server.rfind(':') + 1), &server_port);
  port = server_port + 1;  // where the trial configuration has civil affairs' endpoint
  if (arguments.Has("receiver")) base::ParseUnsigned(arguments.Option("receiver", ""), &port);
  if (arguments.Has("elder")) base::ParseUnsigned(arguments.Option("elder", ""), &elder);
  if (port == 0 || port > 65535 || elder == 0) return 2;
  auto receiver = Receiver::Listen(static_cast<uint16_t>(port));
  if (!receiver.ok()) return ReportError(receiver.error());
  std::shared_ptr<Witness> witness;
  if (arguments.Has("witness")) witness = std::make_shared<Witness>(arguments.Option("witness", ""));
  Sender sender(server, arguments.Option("data", ""), witness);
  return Story(sender, **receiver, static_cast<int>(elder)).Play() ? 0 : 1;
}

}  // namespace heyi::cli
