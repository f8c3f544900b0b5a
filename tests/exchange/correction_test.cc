// Corrections: who is asked, who may answer, every edge of the table and every one that is not in it, and what closes by itself.
#include "exchange/correction/task.h"
#include "tests/exchange/district.h"

namespace heyi::exchange {
namespace {

class Corrections : public District {
 protected:
  Corrections() { Settle(); }

  static std::string Parameters(const std::vector<std::pair<std::string, std::string>>& members) {  // name, `"valueX":…`
    std::string text;
    for (const auto& [name, value] : members) text += (text.empty() ? "" : ",") + std::string(R"({"name":")") + name + "\"," + value + "}";
    return R"({"resourceType":"Parameters","parameter":[)" + text + "]}";
  }
  static std::string Text(const std::string& text) { return "\"valueString\":\"" + text + "\""; }
  static std::string Code(const std::string& code) { return "\"valueCode\":\"" + code + "\""; }

  interaction::Response Dispute(const base::Caller& caller, const std::string& resource, const std::string& path,
                                std::vector<std::pair<std::string, std::string>> more = {}) {
    std::vector<std::pair<std::string, std::string>> all{{"resource", R"("valueReference":{"reference":")" + resource + "\"}"}, {"path", Text(path)}, {"reason", Text("与病历不符")}};
    all.insert(all.end(), more.begin(), more.end());
    return Ask(caller, "POST", "Task/$dispute", Parameters(all));
  }
  std::string Disputed(const base::Caller& caller, const std::string& resource, const std::string& path,
                       std::vector<std::pair<std::string, std::string>> more = {}) {  // id of the Task
    const auto response = Dispute(caller, resource, path, std::move(more));
    EXPECT_EQ(response.status, 201) << response.body;
    const auto json = base::ParseJson(response.body);
    return json.ok() ? std::string(json->StringAt("id")) : "";
  }
  interaction::Response Answer(const base::Caller& caller, const std::string& task, const std::string& outcome,
                               std::vector<std::pair<std::string, std::string>> more = {}) {
    more.insert(more.begin(), {"outcome", Code(outcome)});
    return Ask(caller, "POST", "Task/" + task + "/$settle", Parameters(more));
  }
  static std::string RuleOf(const interaction::Response& response) {
    const auto json = base::ParseJson(response.body);
    if (!json.ok() || (*json)["issue"].items().empty()) return response.body;
    return std::string((*json)["issue"].items()[0]["details"]["coding"].items().at(0).StringAt("code"));
  }
  std::string StatusOf(const std::string& task) { return std::string(Read("Task/" + task).StringAt("status")); }
  static std::string DetailOf(const base::JsonValue& task, std::string_view list, std::string_view code) {
    for (const base::JsonValue& item : task[list].items()) {
      if (item["type"]["coding"].items().at(0).StringAt("code") != code) continue;
      for (const auto& [name, value] : item.members()) {
        if (name.starts_with("value")) return value.is_object() ? std::string(value.StringAt("reference")) : value.text();
      }
    }
    return "";
  }
  size_t Found(const base::Caller& caller, const std::string& query) {
    const auto response = Ask(caller, "GET", query);
    const auto json = base::ParseJson(response.body);
    EXPECT_EQ(response.status, 200) << response.body;
    return json.ok() ? (*json)["entry"].items().size() : 0;
  }
  void Diagnose(const std::string& text) {
    Put(hospital_, R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/elder"},"code":{"text":")" + text + "\"}}");
  }
  static std::string Patch(const std::string& value) {
    return R"("resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},)"
           R"({"name":"path","valueString":"Condition.code.text"},{"name":"value","valueString":")" + value + R"("}]}]})";
  }
  CorrectionFollower Follower() { return {*services_, clock_, random_}; }
};

TEST_F(Corrections, AskTheSenderOfTheMessageThatWroteIt) {
  const std::string data = R"({"id":1001,"name":"沈示例","gender":"1","idCardNo":")" + kIdentity + R"(","phone":"021-11111111"})";
  ASSERT_NE(Civil(civil_, "ELDER", "E-1", kHomeCode, data).body.find("\"code\":0"), std::string::npos);
  const auto response = Dispute(hospital_, "Patient/elder", "telecom.where(system = 'phone').value",
                                {{"stated", Text("021-11111111")}, {"proposed", Text("021-77777777")}});
  ASSERT_EQ(response.status, 201) << response.body;
  const auto task = *base::ParseJson(response.body);
  EXPECT_EQ(task["owner"].StringAt("reference"), "Organization/home");
  EXPECT_EQ(task["owner"]["identifier"].StringAt("value"), "civil-affairs");
  EXPECT_EQ(task["requester"]["identifier"].StringAt("value"), "health");
  EXPECT_EQ(task["focus"].StringAt("reference"), "Patient/elder");
  EXPECT_EQ(task["for"].StringAt("reference"), "Patient/elder");
  EXPECT_EQ(DetailOf(task, "input", "path"), "telecom.where(system = 'phone').value");
  EXPECT_EQ(DetailOf(task, "input", "stated"), "021-11111111");
  EXPECT_EQ(DetailOf(task, "input", "proposed"), "021-77777777");
  EXPECT_EQ(DetailOf(task, "input", "version"), "Patient/elder/_history/2");
  EXPECT_EQ(DetailOf(task, "input", "source"), "civil-affairs/" + kHomeCode + "/E-1 data.phone");
  // The name came before that message: by REST, from a care home without an Organization of its own.
  const std::string name = Disputed(hospital_, "Patient/elder", "name[0].text");
  EXPECT_EQ(Read("Task/" + name)["owner"]["identifier"].StringAt("value"), "civil-affairs");
  EXPECT_EQ(Read("Task/" + name)["owner"].Find("reference"), nullptr);
}

TEST_F(Corrections, StandBetweenTheTwo) {
  Diagnose("高血压");
  const std::string task = Disputed(insurer_, "Condition/c", "code.text");
  const std::string mine = "Task?code=https://heyi.example/fhir/cs/correction|correction";
  EXPECT_EQ(Found(insurer_, mine), 1u);
  EXPECT_EQ(Found(hospital_, mine), 1u);
  EXPECT_EQ(Found(hospital_, mine + "&owner:identifier=https://heyi.example/fhir/sid/department|health"), 1u);
  EXPECT_EQ(Found(hospital_, mine + "&owner:identifier=https://heyi.example/fhir/sid/department|insurance"), 0u);
  EXPECT_EQ(Found(operator_, mine), 1u);
  EXPECT_EQ(Found(civil_, mine), 0u) << "what a diagnosis says is no business of theirs";
  EXPECT_EQ(Found(home_, mine), 0u);
  EXPECT_EQ(Ask(hospital_, "GET", "Task/" + task).status, 200);
  EXPECT_EQ(Ask(insurer_, "GET", "Task/" + task).status, 200);
  const auto hidden = Ask(civil_, "GET", "Task/" + task), absent = Ask(civil_, "GET", "Task/none");
  EXPECT_EQ(hidden.status, absent.status);
  EXPECT_EQ(Answer(civil_, task, "rejected", {{"reason", Text("x")}}).status, 404);
  // A referral's Task of health's is none of insurance's.
  Put(hospital_, R"({"resourceType":"Task","id":"referral","status":"requested","intent":"order"})");
  EXPECT_EQ(Found(insurer_, "Task?status=requested"), 1u) << "the correction only";
  TellTo("civil-affairs");
  TellTo("health");
  for (const OutboxRow& row : Routed()) EXPECT_FALSE(row.resource.starts_with("Task/" + task)) << row.message_type;
}

TEST_F(Corrections, AreRefused) {
  Diagnose("高血压");
  struct Case {
    const base::Caller* caller;
    std::string resource, path;
    int status;
    const char* rule;
  };
  const Case cases[] = {
      {&insurer_, "Condition/c", "code.txt", 422, "exchange.dispute-path"},
      {&insurer_, "Condition/c", "code.", 422, "exchange.dispute-path"},
      {&insurer_, "Condition/c", "code.text & 'x'", 422, "exchange.dispute-path"},
      {&insurer_, "Patient/elder", "identifier", 422, "exchange.dispute-path"},
      {&hospital_, "Condition/c", "code.text", 422, "exchange.dispute-own"},
      {&civil_, "Condition/c", "code.text", 404, "interaction.not-found"},
      {&insurer_, "Condition/none", "code.text", 404, "interaction.not-found"},
      {&insurer_, "Elder/c", "code.text", 404, "interaction.not-found"},
      {&insurer_, "Condition", "code.text", 422, "exchange.dispute-parameter"},
  };
  for (const Case& one : cases) {
    const auto response = Dispute(*one.caller, one.resource, one.path);
    EXPECT_EQ(response.status, one.status) << one.resource << " " << one.path << " " << response.body;
    EXPECT_EQ(RuleOf(response), one.rule) << one.resource << " " << one.path << response.body;
  }
  EXPECT_EQ(RuleOf(Dispute(insurer_, "Condition/c", "code.text", {{"stated", Text("糖尿病")}})), "exchange.dispute-stated");
  EXPECT_EQ(RuleOf(Ask(insurer_, "POST", "Task/$dispute", Parameters({{"resource", R"("valueReference":{"reference":"Condition/c"})"}, {"path", Text("code.text")}}))),
            "exchange.dispute-parameter") << "no reason";
  EXPECT_EQ(Ask(insurer_, "POST", "Task/$dispute", R"({"resourceType":"Basic","code":{"text":"x"}})").status, 400);
  EXPECT_EQ(Ask(CallerOf("audit auditor HCOMPL"), "POST", "Task/$dispute", Parameters({})).status, 403);
  EXPECT_EQ(Ask(CallerOf("insurance officer TREAT"), "POST", "Task/$dispute", Parameters({})).status, 403);
  EXPECT_EQ(FactsIn(kDisputeSpace), 0u);
  Disputed(insurer_, "Condition/c", "code.text");
  EXPECT_EQ(RuleOf(Dispute(insurer_, "Condition/c", "code.text")), "exchange.dispute-open");
  EXPECT_EQ(Dispute(insurer_, "Condition/c", "code").status, 201) << "another place";
  EXPECT_EQ(Dispute(insurer_, "Condition/c", "onset").status, 201) << "something that is missing";
}

// Every outcome from every status, by either party and a third: taken where the table has the edge, and refused where not.
TEST_F(Corrections, TakeTheEdgesOfTheTableAndNoOther) {
  const std::pair<const char*, const base::Caller*> parties[] = {{"requester", &insurer_}, {"owner", &hospital_}};
  int number = 0;
  for (const std::string from : {"requested", "accepted", "completed", "rejected", "failed", "cancelled"}) {
    for (const std::string outcome : {"accepted", "corrected", "rejected", "withdrawn", "asked", "changed", "gone", "nonsense"}) {
      for (const auto& [party, caller] : parties) {
        SCOPED_TRACE(from + " " + outcome + " " + party);
        Diagnose("诊断" + std::to_string(++number));
        const std::string task = Disputed(insurer_, "Condition/c", "code.text");
        if (from == "accepted" || from == "failed") Answer(hospital_, task, "accepted");
        if (from == "completed") Answer(hospital_, task, "corrected", {{"patch", Patch("改" + std::to_string(number))}});
        if (from == "rejected" || from == "failed") Answer(hospital_, task, "rejected", {{"reason", Text("无误")}});
        if (from == "cancelled") Answer(insurer_, task, "withdrawn");
        ASSERT_EQ(StatusOf(task), from);
        const CorrectionEdge* edge = FindCorrectionEdge(outcome, from);
        const bool known = edge != nullptr && edge->party != CorrectionParty::kHub;
        const bool theirs = known && (edge->party == CorrectionParty::kOwner) == (std::string(party) == "owner");
        std::vector<std::pair<std::string, std::string>> more{{"reason", Text("说明")}};
        if (outcome == "corrected") more.emplace_back("patch", Patch("另改" + std::to_string(number)));
        const auto response = Answer(*caller, task, outcome, more);
        if (theirs) {
          EXPECT_EQ(response.status, 200) << response.body;
          EXPECT_EQ(StatusOf(task), edge->to);
          EXPECT_EQ(FactsIn(kDisputeSpace), edge->closes ? 0u : 1u);
        } else {
          EXPECT_EQ(RuleOf(response), known ? "exchange.dispute-party" : "exchange.dispute-edge") << response.body;
          EXPECT_EQ(StatusOf(task), from);
        }
        if (StatusOf(task) == "requested" || StatusOf(task) == "accepted") Answer(insurer_, task, "withdrawn");
      }
    }
  }
  for (const CorrectionEdge& edge : CorrectionEdges()) EXPECT_EQ(FindCorrectionEdge(edge.outcome, edge.from), &edge) << edge.id;
}

TEST_F(Corrections, NeedReasonPatchAndRight) {
  Diagnose("高血压");
  const std::string task = Disputed(insurer_, "Condition/c", "code.text");
  EXPECT_EQ(RuleOf(Answer(hospital_, task, "rejected")), "exchange.dispute-parameter");
  EXPECT_EQ(RuleOf(Answer(hospital_, task, "corrected")), "exchange.dispute-parameter");
  EXPECT_EQ(RuleOf(Answer(hospital_, task, "corrected", {{"patch", Patch("高血压")}})), "exchange.dispute-unchanged");
  EXPECT_EQ(Answer(hospital_, task, "corrected", {{"patch", R"("resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[]}]})"}}).status / 100, 4);
  // Health's officers may see the Task, but they write no diagnoses.
  const auto officer = Answer(CallerOf("health officer COC"), task, "corrected", {{"patch", Patch("糖尿病")}});
  EXPECT_TRUE(officer.status == 403 || officer.status == 404) << officer.body;
  EXPECT_EQ(StatusOf(task), "requested");
  EXPECT_EQ(Read("Condition/c")["code"].StringAt("text"), "高血压");
  EXPECT_EQ(Answer(hospital_, task, "corrected", {{"patch", Patch("原发性高血压")}}).status, 200);
  EXPECT_EQ(Read("Condition/c")["code"].StringAt("text"), "原发性高血压");
  EXPECT_EQ(DetailOf(Read("Task/" + task), "output", "corrected"), "Condition/c/_history/2");
  EXPECT_EQ(RuleOf(Answer(hospital_, "none", "accepted")), "interaction.not-found");
  Put(hospital_, R"({"resourceType":"Task","id":"other","status":"requested","intent":"order"})");
  EXPECT_EQ(RuleOf(Answer(hospital_, "other", "accepted")), "exchange.dispute-task");
}

// Of two hospitals the one that wrote it answers.
TEST_F(Corrections, AreForTheOrganizationThatWroteIt) {
  const base::Caller one = CallerOf("health clinician TREAT", "hospital"), two = CallerOf("health clinician TREAT", "hospital-2");
  Put(one, R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/elder"},"code":{"text":"高血压"}})");
  const std::string task = Disputed(two, "Condition/c", "code.text");
  EXPECT_EQ(Read("Task/" + task)["owner"].StringAt("reference"), "Organization/hospital");
  EXPECT_EQ(RuleOf(Answer(two, task, "accepted")), "exchange.dispute-party");
  EXPECT_EQ(RuleOf(Answer(one, task, "withdrawn")), "exchange.dispute-party");
  EXPECT_EQ(RuleOf(Dispute(one, "Condition/c", "code")), "exchange.dispute-own");
  EXPECT_EQ(Answer(one, task, "accepted").status, 200);
  EXPECT_EQ(Answer(operator_, task, "rejected", {{"reason", Text("代为答复")}}).status, 200) << "an operator for either";
  EXPECT_EQ(StatusOf(task), "failed");
  const std::string again = Disputed(two, "Condition/c", "code.text");
  CorrectionFollower follower = Follower();
  Put(two, R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/elder"},"code":{"text":"糖尿病"}})");
  EXPECT_EQ(*follower.Advance(), 0u) << "the other hospital's word";
  Put(one, R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/elder"},"code":{"text":"原发性高血压"}})");
  EXPECT_EQ(*follower.Advance(), 1u);
  EXPECT_EQ(DetailOf(Read("Task/" + again), "output", "corrected"), "Condition/c/_history/3");
}

TEST_F(Corrections, CloseWithTheOwnersNextWord) {
  const auto elder = [](const std::string& phone) { return R"({"id":1001,"name":"沈示例","gender":"1","idCardNo":")" + kIdentity + R"(","phone":")" + phone + "\"}"; };
  ASSERT_NE(Civil(civil_, "ELDER", "E-1", kHomeCode, elder("021-1")).body.find("\"code\":0"), std::string::npos);
  CorrectionFollower follower = Follower();
  EXPECT_EQ(*follower.Advance(), 0u);
  const std::string task = Disputed(hospital_, "Patient/elder", "telecom[0].value", {{"proposed", Text("021-2")}});
  EXPECT_EQ(*follower.Advance(), 0u);
  Put(operator_, Elder("021-3"));
  EXPECT_EQ(*follower.Advance(), 0u) << "another's word";
  Put(home_, Elder("021-3", R"("maritalStatus":{"text":"已婚"},)"));
  EXPECT_EQ(*follower.Advance(), 1u) << "the owner stands by what the element now says";
  EXPECT_EQ(StatusOf(task), "completed");

  const std::string second = Disputed(hospital_, "Patient/elder", "gender");
  ASSERT_EQ(*follower.Advance(), 0u);
  ASSERT_NE(Civil(civil_, "ELDER", "E-2", kHomeCode, elder("021-4")).body.find("\"code\":0"), std::string::npos);
  EXPECT_EQ(*follower.Advance(), 0u) << "not that element";
  std::string male = elder("021-4");
  male.replace(male.find("\"gender\":\"1\""), 12, "\"gender\":\"0\"");
  ASSERT_NE(Civil(civil_, "ELDER", "E-3", kHomeCode, male).body.find("\"code\":0"), std::string::npos);
  // While nobody followed: a new follower looks at all that is open.
  CorrectionFollower restarted = Follower();
  EXPECT_EQ(*restarted.Advance(), 1u);
  const base::JsonValue closed = Read("Task/" + second);
  EXPECT_EQ(closed.StringAt("status"), "completed");
  EXPECT_EQ(DetailOf(closed, "output", "corrected"), "Patient/elder/_history/" + std::string(Read("Patient/elder")["meta"].StringAt("versionId")));
  EXPECT_EQ(FactsIn(kDisputeSpace), 0u);
  EXPECT_EQ(*follower.Advance(), 0u);
}

TEST_F(Corrections, EndWithWhatTheyAreAbout) {
  Diagnose("高血压");
  const std::string task = Disputed(insurer_, "Condition/c", "code.text");
  EXPECT_EQ(Ask(hospital_, "DELETE", "Condition/c").status / 100, 2);
  CorrectionFollower follower = Follower();
  EXPECT_EQ(*follower.Advance(), 1u);
  EXPECT_EQ(StatusOf(task), "cancelled");
  EXPECT_EQ(FactsIn(kDisputeSpace), 0u);
}

TEST_F(Corrections, LeaveProvenanceAndALeafAtEachStep) {
  Diagnose("高血压");
  const std::string task = Disputed(insurer_, "Condition/c", "code.text");
  ASSERT_EQ(Answer(hospital_, task, "accepted").status, 200);
  Diagnose("原发性高血压");
  CorrectionFollower follower = Follower();
  ASSERT_EQ(*follower.Advance(), 1u);
  const base::JsonValue found = Read("Provenance?target=Task/" + task);
  std::map<std::string, std::string> who;  // by edge
  for (const base::JsonValue& entry : found["entry"].items()) {
    const base::JsonValue& provenance = entry["resource"];
    who[std::string(provenance["activity"]["coding"].items().at(0).StringAt("code"))] = std::string(provenance["agent"].items().at(0)["who"]["identifier"].StringAt("value"));
  }
  EXPECT_EQ(who, (std::map<std::string, std::string>{{"K01", "insurance"}, {"K02", "health"}, {"K07", "hub"}}));
  ASSERT_EQ(LeavesOf("$dispute").size(), 1u);
  EXPECT_EQ(LeavesOf("$dispute")[0].agreement, "common.corrections");
  EXPECT_FALSE(LeavesOf("$dispute")[0].elders.empty());
  const auto settled = LeavesOf("$settle");
  ASSERT_EQ(settled.size(), 2u);
  EXPECT_EQ(settled[0].caller.department, "health");
  EXPECT_EQ(settled[1].caller.department, "hub");
}

}  // namespace
}  // namespace heyi::exchange
