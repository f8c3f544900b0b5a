// What is told to whom, what is left out of it, and what is not told at all.
#include <fstream>

#include "tests/exchange/district.h"

namespace heyi::exchange {
namespace {

using RouterTest = District;

TEST_F(RouterTest, TellsCivilAffairsOfAReferralAndNotWhy) {
  TellTo("civil-affairs");
  Settle();
  Routed();
  AskForReferral();
  const auto rows = Routed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message_type, "BED_REFERRAL");
  EXPECT_EQ(rows[0].order_key, "Patient/elder");
  EXPECT_EQ(rows[0].resource, "Task/task/_history/1");
  EXPECT_EQ(rows[0].policy_row, "deliver.civil-status");
  EXPECT_EQ(rows[0].profile, "civil.referral");
  EXPECT_EQ(BasisOf(rows[0]), "deliver.civil-status/civil.referral");
  const base::JsonValue data = DataOf(rows[0]);
  EXPECT_EQ(data.StringAt("refNo"), "ZJ1");
  EXPECT_EQ(data.StringAt("status"), "ACCEPTED");
  EXPECT_EQ(data.StringAt("elderIdCard"), kIdentity);
  EXPECT_EQ(data.StringAt("fromOrgUscc"), kHomeCode);
  EXPECT_EQ(data.StringAt("toOrgUscc"), kHospitalCode);
  EXPECT_EQ(data.Find("reason"), nullptr) << "a diagnosis";
  EXPECT_EQ(rows[0].text.find("脑梗死"), std::string::npos);
  EXPECT_TRUE(adapters::CivilAdapter().Read(rows[0].text).ok());
}

TEST_F(RouterTest, TellsNobodyOfATaskThatIsNoReferral) {
  TellTo("civil-affairs");
  Settle();
  Routed();
  Put(home_, R"({"resourceType":"Task","id":"other","status":"requested","intent":"order","focus":{"reference":"Patient/elder"}})");
  Put(home_, R"({"resourceType":"Task","id":"none","status":"requested","intent":"order"})");
  EXPECT_EQ(Routed().size(), 0u);
}

TEST_F(RouterTest, TellsNothingThatWasTold) {
  TellTo("civil-affairs");
  Settle();
  EXPECT_EQ(Routed().size(), 3u) << "two institutions and the elder, all by REST";
  const std::string data = R"({"id":1001,"name":"沈示例","gender":"1","idCardNo":")" + kIdentity + R"(","phone":"021-11111111"})";
  const Reply reply = Civil(civil_, "ELDER", "E-1", kHomeCode, data);
  EXPECT_NE(reply.body.find("\"code\":0"), std::string::npos) << reply.body;
  EXPECT_EQ(Read("Patient/elder")["telecom"].items().at(0).StringAt("value"), "021-11111111");
  EXPECT_EQ(Routed().size(), 0u) << "civil affairs' own word";
  // A hospital hands the same in: civil affairs has not heard that from it, but it is nothing new.
  EXPECT_NE(Civil(hospital_, "ELDER", "E-2", kHomeCode, data).body.find("\"code\":0"), std::string::npos);
  EXPECT_EQ(Routed().size(), 0u);
  const std::string other = R"({"id":1001,"name":"沈示例","gender":"1","idCardNo":")" + kIdentity + R"(","phone":"021-22222222"})";
  EXPECT_NE(Civil(hospital_, "ELDER", "E-3", kHomeCode, other).body.find("\"code\":0"), std::string::npos);
  const auto rows = Routed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message_type, "ELDER");
  EXPECT_EQ(DataOf(rows[0]).StringAt("phone"), "021-22222222");
  EXPECT_EQ(DataOf(rows[0]).StringAt("id"), "1001");
  EXPECT_EQ(rows[0].text.find("P1"), std::string::npos) << "no insurance number";
}

TEST_F(RouterTest, TellsADepartmentNothingOfItsOwn) {
  TellTo("civil-affairs");
  Settle();
  Routed();
  Put(civil_, Elder("021-1"));
  EXPECT_EQ(Routed().size(), 0u) << "the bureau by REST";
  Put(home_, Elder("021-2"));
  EXPECT_EQ(Routed().size(), 1u) << "a care home is not where the bureau's messages go";
  Put(CallerOf("civil-affairs officer COC", "home"), Elder("021-3"));
  EXPECT_EQ(Routed().size(), 1u) << "nor is an institution's officer";
}

TEST_F(RouterTest, TellsOnlyWhatDiffersForThem) {
  TellTo("civil-affairs");
  Settle();
  Routed();
  Put(operator_, Elder("021-00000000", R"("maritalStatus":{"text":"已婚"},)"));
  EXPECT_EQ(Routed().size(), 0u) << "not said in ELDER";
  Put(operator_, Elder("021-33333333"));
  EXPECT_EQ(Routed().size(), 1u);
}

TEST_F(RouterTest, WithoutAnAgreementNothingLeavesAndItIsToldOnce) {
  TellTo("health");
  Settle();
  Treat();
  EXPECT_EQ(Routed().size(), 1u) << "the visit; the elder came before it";
  Put(home_, Elder("021-1"));
  EXPECT_EQ(Routed().size(), 0u);
  Put(home_, Elder("021-2"));
  EXPECT_EQ(Routed().size(), 0u);
  ASSERT_EQ(FactsIn(kWithheldSpace), 1u);
  auto leaves = LeavesOf("deliver");
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].status, 403);
  EXPECT_EQ(leaves[0].rule, "exchange.no-agreement");
  EXPECT_EQ(leaves[0].recipient, "health");
  EXPECT_EQ(leaves[0].agreement, "deliver.health/health.visit");
  EXPECT_EQ(leaves[0].resources.at(0).id, "elder");
  EXPECT_FALSE(leaves[0].elders.empty());
  base::Context context{operator_, clock_, random_, "r"};
  audit::Leaf desk_leaf;
  const auto shown = exchange_->FindDesk("routes")->Answer({"GET", {"withheld"}, {}, {}}, context, desk_leaf);
  ASSERT_TRUE(shown.ok());
  EXPECT_NE(shown->json.find("Organization/home,Organization/hospital"), std::string::npos) << shown->json;

  struct Case {
    const char *contract, *why;
    bool tells;
  };
  const Case cases[] = {
      {R"("status":"negotiable",)", "not executed", false},
      {R"("status":"executed","applies":{"start":"2020-01-01","end":"2021-01-01"},)", "over", false},
      {R"("status":"executed","applies":{"start":"2099-01-01"},)", "not yet", false},
      {R"("status":"executed","term":[{"offer":{},"action":[{"type":{"text":"x"},"intent":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HPAYMT"}]},"status":{"text":"x"}}]}],)", "another purpose", false},
      {R"("status":"executed","term":[{"offer":{"text":"x"},"action":[{"type":{"text":"x"},"intent":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]},"status":{"text":"x"}}]}],)", "the purpose", true},
      {R"("status":"terminated",)", "ended", false},
      {R"("status":"executed","applies":{"start":"2025-01-01"},)", "in force", true},
  };
  int phone = 10;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    std::string text = Agreement(one.contract);
    if (const size_t at = text.find("\"offer\":{},"); at != std::string::npos) text.replace(at, 11, "\"offer\":{\"text\":\"x\"},");
    Put(operator_, text);
    Put(home_, Elder("021-" + std::to_string(phone++)));
    const auto rows = Routed();
    ASSERT_EQ(rows.size(), one.tells ? 1u : 0u);
    EXPECT_EQ(FactsIn(kWithheldSpace), one.tells ? 0u : 1u);
    if (!one.tells) continue;
    EXPECT_EQ(rows[0].message_type, "ADT^A08");
    EXPECT_EQ(BasisOf(rows[0]), "deliver.health/health.visit/Contract/c1");
    EXPECT_NE(rows[0].text.find("PID|"), std::string::npos);
    EXPECT_EQ(rows[0].text.find("P1"), std::string::npos) << "no insurance number: " << rows[0].text;
  }
  EXPECT_EQ(LeavesOf("deliver").size(), 2u) << "once before the first agreement, once when it had ended";
}

TEST_F(RouterTest, TellsTheHospitalWhatOthersDoWithItsVisit) {
  TellTo("health");
  Settle();
  Treat();
  Routed();
  Put(operator_, Visit("finished", "2026-03-05T10:00:00+08:00"));
  const auto rows = Routed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message_type, "ADT^A03");
  EXPECT_EQ(rows[0].order_key, "Patient/elder");
  EXPECT_NE(rows[0].text.find("ADT^A03"), std::string::npos) << rows[0].text;
  EXPECT_TRUE(adapters::HealthAdapter().Read(rows[0].text).ok()) << rows[0].text;
}

// By HL7 v2 the hospital ends a visit that the insurance knows: the bureau hears of it in its own format, with what a
// settlement needs.
TEST_F(RouterTest, TellsTheInsuranceOfADischarge) {
  TellTo("insurance");
  Settle();
  const auto visit = [](const std::string& status, const std::string& more) {
    return R"({"resourceType":"Encounter","id":"insured","identifier":[{"system":"https://heyi.example/fhir/id/nhsa/mdtrt_id","value":"310199G00000000000000000001"}],"status":")" + status +
           R"(","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"serviceType":{"coding":[{"system":"urn:oid:2.16.156.10011.2.3.3.62","code":"x"},{"system":"urn:oid:2.16.156.10011.2.3.2.62","code":"A03.01"}],"text":"老年病科"},)"
           R"("subject":{"reference":"Patient/elder","display":"沈示例"},"location":[{"location":{"display":"3-305-2"}}])" + more + "}";
  };
  Put(hospital_, visit("in-progress", R"(,"period":{"start":"2026-03-01T08:00:00+08:00"})"));
  const std::string ended = R"(,"period":{"start":"2026-03-01T08:00:00+08:00","end":"2026-03-05T10:00:00+08:00"},"hospitalization":{"dischargeDisposition":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/discharge-disposition","code":"home"}]}})";
  Put(hospital_, visit("finished", ended));
  EXPECT_EQ(Routed().size(), 0u) << "not known to be insured";
  Put(insurer_, R"({"resourceType":"Coverage","id":"coverage","status":"active","type":{"coding":[{"system":"https://heyi.example/fhir/cs/nhsa/insutype","code":"310"}]},"subscriberId":"P1","beneficiary":{"reference":"Patient/elder"},"payor":[{"display":"局"}]})");
  std::string again = visit("finished", ended);
  again.replace(again.find("T10:00:00"), 9, "T11:00:00");
  Put(hospital_, again);
  const auto rows = Routed();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].message_type, "2402");
  EXPECT_EQ(BasisOf(rows[0]), "deliver.insurance/insurance.settlement");
  const auto envelope = base::ParseJson(rows[0].text);
  ASSERT_TRUE(envelope.ok());
  const base::JsonValue& discharge = (*envelope)["input"]["dscginfo"];
  EXPECT_EQ(discharge.StringAt("psn_no"), "P1");
  EXPECT_EQ(discharge.StringAt("insutype"), "310");
  EXPECT_EQ(discharge.StringAt("endtime"), "2026-03-05 11:00:00");
  EXPECT_EQ(discharge.StringAt("dscg_dept_codg"), "A03.01");
  EXPECT_EQ(discharge.StringAt("dscg_way"), "1");
  EXPECT_EQ(rows[0].text.find(kIdentity), std::string::npos);
  EXPECT_EQ(rows[0].text.find("沈示例"), std::string::npos);
  EXPECT_EQ(rows[0].text.find("305"), std::string::npos);
}

TEST_F(RouterTest, GoesOnWhereItWasAndTellsNothingTwice) {
  TellTo("civil-affairs");
  Settle();
  EXPECT_EQ(Routed().size(), 3u);
  UseRouting(options_.routing);  // a new router, as after a restart
  EXPECT_EQ(Routed().size(), 0u);
  Put(operator_, Elder("021-9"));
  const auto first = Routed();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].message_id.size(), 22u);
}

TEST_F(RouterTest, HoldsBackWhatCannotBeCutOrComposed) {
  TellTo("civil-affairs");
  Settle();
  Routed();
  Put(operator_, Elder("021-5", R"("modifierExtension":[{"url":"http://example.org/not","valueBoolean":true}],)"));
  EXPECT_EQ(Routed().size(), 0u);
  auto leaves = LeavesOf("deliver");
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_EQ(leaves[0].rule, "release.modifier");

  const base::Context context{operator_, clock_, random_, "r"};
  audit::Leaf leaf;
  Desk& desk = *exchange_->FindDesk("routes");
  EXPECT_EQ(desk.Answer({"POST", {"withheld"}, {}, {}}, context, leaf)->json, R"({"forgotten":1})");
  EXPECT_EQ(desk.Answer({"GET", {"withheld"}, {}, {}}, context, leaf)->json, R"({"withheld":[]})");
  EXPECT_FALSE(desk.Answer({"POST", {}, {}, {}}, context, leaf).ok());
  EXPECT_FALSE(desk.Answer({"GET", {"other"}, {}, {}}, context, leaf).ok());
  const Routing::Text profiles{"district.release", "profile few | civil-affairs | COC\non Patient\nkeep active name\ncut deceased link\n"};
  const Routing::Text routes{"district.routes", "route few | civil-affairs | ELDER | COC | few\non Patient as patient\n"};
  auto routing = Routing::Load(profiles, routes, *parameters_, *maps_->Current());
  ASSERT_TRUE(routing.ok()) << base::EnglishText(routing.error().outcome.issues().front());
  UseRouting(*routing);
  Put(operator_, Elder("021-6"));
  EXPECT_EQ(Routed().size(), 0u) << "civil affairs' number of the elder is required in ELDER, and cut";
  leaves = LeavesOf("deliver");
  ASSERT_EQ(leaves.size(), 3u) << "the new route meets the version before, too";
  EXPECT_EQ(leaves[2].rule, "exchange.not-composed");
}

TEST_F(RouterTest, TextsAreRefusedWithFileAndLine) {
  std::ifstream file(HEYI_SOURCE_DIR "/tests/data/exchange/routes.tsv");
  size_t seen = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const size_t tab = line.find('\t');
    std::string text = line.substr(tab + 1);
    for (size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
    const auto routing = Routing::Load({}, {"my.routes", text}, *parameters_, *maps_->Current());
    ASSERT_FALSE(routing.ok()) << text;
    EXPECT_EQ(routing.error().outcome.issues().front().rule, "exchange.routes");
    EXPECT_EQ(routing.error().outcome.issues().front().expression, "my.routes:" + line.substr(0, tab)) << text << base::EnglishText(routing.error().outcome.issues().front());
    ++seen;
  }
  EXPECT_GE(seen, 30u);
  const auto profile = Routing::Load({"my.release", "on Patient"}, {}, *parameters_, *maps_->Current());
  ASSERT_FALSE(profile.ok());
  EXPECT_EQ(profile.error().outcome.issues().front().expression, "my.release:1");
}

// A route that no policy row ever lets go would be one that nobody notices.
TEST_F(RouterTest, EveryBuiltInRouteMayBeGoneByPolicy) {
  ASSERT_GE(options_.routing->table().rules().size(), 8u);
  for (const RouteRule& rule : options_.routing->table().rules()) {
    const base::Caller recipient{"heyi", "", rule.department, "system", "", rule.purpose};
    bool any = false;
    for (uint32_t custody = 0; custody <= 4; ++custody) {
      any = any || policy_.Decide({&recipient, policy::Action::kDeliver, rule.type->name, static_cast<policy::Custody>(custody)}).allowed;
    }
    EXPECT_TRUE(any) << rule.id;
    EXPECT_NE(adapters::AdapterOf(rule.department), nullptr) << rule.id;
  }
}

}  // namespace
}  // namespace heyi::exchange
