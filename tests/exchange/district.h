// A district in memory: a store, the built-in policy, maps and routes, and those who write into it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/identifiers.h"
#include "audit/trail.h"
#include "base/json/value.h"
#include "base/text.h"
#include "exchange/correction/correction.h"
#include "exchange/exchange.h"
#include "exchange/outbox/outbox.h"
#include "exchange/router.h"
#include "exchange/routing/routing.h"
#include "exchange/routing/withheld.h"
#include "interaction/dispatch.h"
#include "interaction/operations.h"
#include "interaction/services.h"
#include "interaction/url.h"

namespace heyi::exchange {

inline const std::string kHomeCode = "52310199MJ00000016", kHospitalCode = "123101994250000771", kIdentity = "310199194507300028";

class District : public ::testing::Test {
 protected:
  District() {
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    parameters_ = *fhir::SearchParameters::Compile(*definitions);
    data_ = store::MakeMemoryStore({"", parameters_, {}, {data_view_.get()}, &clock_, &random_, {}});
    access_ = store::MakeMemoryStore({"", parameters_, {}, {access_view_.get()}, &clock_, &random_, {}});
    trail_ = std::make_unique<audit::Trail>(*data_, *access_);
    RegisterCorrections(operations_);
    services_ = std::make_unique<interaction::Services>(
        interaction::Services{parameters_, *data_, *access_, *trail_, policy_, operations_, "http://heyi.test/fhir", "key"});
    auto maps = mapping::MapLibrary::Load(parameters_->definitions());
    maps_ = std::make_unique<mapping::MapsInForce>(std::move(maps).value());
    options_.hub_code = std::string("12310199MB0000011") + adapters::CreditCodeCheckCharacter("12310199MB0000011");
    options_.area_code = "310199";
    UseRouting(Routing::BuiltIn(*parameters_, *maps_->Current()));
    auto made = Exchange::Make(*services_, *maps_, options_, clock_, random_);
    exchange_ = std::move(made).value();
  }

  void UseRouting(std::shared_ptr<const Routing> routing) {
    options_.routing = std::move(routing);
    router_ = std::make_unique<Router>(*services_, *maps_, options_, *options_.routing);
  }
  void TellTo(const std::string& department) {
    Route route;
    route.department = department;
    route.url = "http://127.0.0.1:1/";
    options_.routes.push_back(route);
  }

  static base::Caller CallerOf(std::string_view words, std::string organization = {}) {  // "health clinician TREAT"
    const auto parts = base::Split(words, ' ');
    return {"test-" + std::string(parts[0]), std::move(organization), std::string(parts[0]), std::string(parts[1]), "", std::string(parts[2])};
  }

  interaction::Response Ask(const base::Caller& caller, const std::string& method, std::string target, std::string body = {}) {
    clock_.AdvanceMs(1'000);
    interaction::Request request;
    request.method = method;
    if (const size_t mark = target.find('?'); mark != std::string::npos) {
      request.query_text = target.substr(mark + 1);
      request.query = *interaction::DecodeQuery(request.query_text);
      target.resize(mark);
    }
    for (std::string_view part : base::Split(target, '/')) request.segments.emplace_back(part);
    request.body = std::move(body);
    const base::Context context{caller, clock_, random_, "request-1"};
    return interaction::PerformAndWait(*services_, context, std::move(request));
  }
  // PUT of a resource; its version.
  void Put(const base::Caller& caller, const std::string& body) {
    const auto json = base::ParseJson(body);
    ASSERT_TRUE(json.ok()) << body;
    const interaction::Response response = Ask(caller, "PUT", std::string(json->StringAt("resourceType")) + "/" + std::string(json->StringAt("id")), body);
    ASSERT_TRUE(response.status == 200 || response.status == 201) << response.status << response.body;
  }
  base::JsonValue Read(const std::string& target) {
    const interaction::Response response = Ask(operator_, "GET", target);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    auto json = base::ParseJson(response.body);
    return json.ok() ? *json : base::JsonValue();
  }

  // A message of civil affairs; what came back.
  Reply Civil(const base::Caller& caller, const std::string& type, const std::string& id, const std::string& sender, const std::string& data) {
    clock_.AdvanceMs(1'000);
    auto record = base::ParseJson(data);
    EXPECT_TRUE(record.ok()) << data;
    const std::string text = adapters::CivilAdapter().Write({type, id, sender, "310199", clock_.NowMs(), std::move(*record)});
    return exchange_->Take(adapters::CivilAdapter(), text, {caller, clock_, random_, "request-m"}, "peer", "row");
  }

  std::vector<OutboxRow> Routed() {
    const auto advanced = router_->Advance(10'000);
    EXPECT_TRUE(advanced.ok());
    std::vector<OutboxRow> rows;
    std::vector<std::string> keys;
    EXPECT_TRUE(data_->Now()->Facts(kOutboxSpace, "", [&](std::string_view key, std::string_view value) {
      auto row = DecodeOutboxRow(value);
      EXPECT_TRUE(row.ok());
      if (row.ok()) rows.push_back(*row);
      keys.emplace_back(key);
      return true;
    }).ok());
    store::CommitDraft draft;  // each is asked for once
    for (const std::string& key : keys) draft.facts.push_back({std::string(kOutboxSpace), key, std::nullopt});
    EXPECT_TRUE(keys.empty() || data_->CommitAndWait(std::move(draft)).ok());
    return rows;
  }
  base::JsonValue DataOf(const OutboxRow& row) const {  // civil affairs' record
    auto envelope = base::ParseJson(row.text);
    EXPECT_TRUE(envelope.ok());
    return envelope.ok() ? (*envelope)["data"] : base::JsonValue();
  }

  std::vector<audit::Leaf> LeavesOf(std::string_view interaction) {
    std::vector<audit::Leaf> leaves;
    EXPECT_TRUE(data_->Follow(1, [&](const store::EntryView& entry) -> base::Result<bool> {
      if (entry.leaf.empty()) return true;
      auto leaf = audit::DecodeLeaf(entry.leaf);
      if (leaf.ok() && leaf->interaction == interaction) leaves.push_back(*leaf);
      return true;
    }).ok());
    return leaves;
  }
  size_t FactsIn(std::string_view space) {
    size_t count = 0;
    EXPECT_TRUE(data_->Now()->Facts(space, "", [&](std::string_view, std::string_view) { return ++count > 0; }).ok());
    return count;
  }

  // Home and hospital, an elder of civil affairs who lives in the one and is treated in the other.
  void Settle() {
    Put(operator_, R"({"resourceType":"Organization","id":"home","active":true,"name":"示例颐养院","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":")" + kHomeCode + R"("}]})");
    Put(operator_, R"({"resourceType":"Organization","id":"hospital","active":true,"name":"示例医院","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":")" + kHospitalCode + R"("}]})");
    Put(home_, Elder("021-00000000"));
  }
  static std::string Elder(const std::string& phone, const std::string& more = {}) {
    return R"({"resourceType":"Patient","id":"elder",)" + more + R"("active":true,"identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":")" + kIdentity +
           R"("},{"system":"https://heyi.example/fhir/id/mca/elder","value":")" + kHomeCode + R"(-1001"},{"system":"https://heyi.example/fhir/id/nhsa/psn_no","value":"P1"}],)"
           R"("name":[{"use":"official","text":"沈示例"}],"gender":"female","birthDate":"1945-07-30","telecom":[{"system":"phone","value":")" + phone + R"("}]})";
  }
  void Treat() {
    Put(home_, R"({"resourceType":"Encounter","id":"stay","status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"NONAC"},"subject":{"reference":"Patient/elder"},"serviceProvider":{"reference":"Organization/home"}})");
    Put(hospital_, Visit("in-progress", ""));
  }
  static std::string Visit(const std::string& status, const std::string& end) {
    return R"({"resourceType":"Encounter","id":"visit","identifier":[{"system":"https://heyi.example/fhir/id/hospital/visit","value":"HX-V9"}],"status":")" + status +
           R"(","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"subject":{"reference":"Patient/elder"},"period":{"start":"2026-03-01T08:00:00+08:00")" +
           (end.empty() ? "" : ",\"end\":\"" + end + "\"") + R"(},"reasonCode":[{"text":"高血压"}],"serviceProvider":{"reference":"Organization/hospital"}})";
  }
  static std::string Agreement(const std::string& more) {
    return R"({"resourceType":"Contract","id":"c1",)" + more + R"("subject":[{"reference":"Organization/home"},{"reference":"Organization/hospital"}]})";
  }
  void AskForReferral() {
    Put(home_, R"({"resourceType":"ServiceRequest","id":"request","identifier":[{"system":"https://heyi.example/fhir/id/mca/referral","value":"ZJ1"}],"status":"active","intent":"order",)"
               R"("subject":{"reference":"Patient/elder"},"authoredOn":"2026-03-02T08:00:00+08:00","requester":{"reference":"Organization/home"},"performer":[{"reference":"Organization/hospital"}],)"
               R"("locationCode":[{"coding":[{"system":"https://heyi.example/fhir/cs/bed-kind","code":"hospital"}]}],"reasonCode":[{"text":"脑梗死"}],)"
               R"("extension":[{"url":"https://heyi.example/fhir/ext/from-kind","valueCoding":{"system":"https://heyi.example/fhir/cs/bed-kind","code":"care-home"}}]})");
    Put(hospital_, R"({"resourceType":"Task","id":"task","status":"accepted","intent":"order","focus":{"reference":"ServiceRequest/request"},"for":{"reference":"Patient/elder"},)"
                   R"("lastModified":"2026-03-02T09:00:00+08:00","requester":{"reference":"Organization/home"},"owner":{"reference":"Organization/hospital"}})");
  }

  const base::Caller operator_ = CallerOf("operator operator HOPERAT"), home_ = CallerOf("civil-affairs care-worker TREAT"),
                     civil_ = CallerOf("civil-affairs officer COC"), hospital_ = CallerOf("health clinician TREAT"),
                     insurer_ = CallerOf("insurance officer HPAYMT");
  std::shared_ptr<const fhir::SearchParameters> parameters_;
  base::ManualClock clock_{1'790'000'000'000};
  base::SeededRandom random_{7};
  std::unique_ptr<store::DerivedView> data_view_ = audit::MakeAuditView(), access_view_ = audit::MakeAuditView();
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<audit::Trail> trail_;
  policy::Policy policy_ = policy::Policy::Default();
  interaction::Operations operations_;
  std::unique_ptr<interaction::Services> services_;
  std::unique_ptr<mapping::MapsInForce> maps_;
  Options options_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace heyi::exchange
