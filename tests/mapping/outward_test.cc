// What civil affairs is told of resources that no message of theirs has made.
#include <gtest/gtest.h>

#include "mapping_testing.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kHome =
    R"({"resourceType":"Organization","id":"home","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]})";
constexpr std::string_view kHospital =
    R"({"resourceType":"Organization","id":"hosp","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"123101994250000771"}]})";
constexpr std::string_view kPatient =
    R"({"resourceType":"Patient","id":"p","identifier":[{"system":"urn:oid:2.16.156.10011.1.3","value":"310199194507300028"}]})";
constexpr std::string_view kRequest =
    R"({"resourceType":"ServiceRequest","id":"r-1","status":"active","intent":"order","subject":{"reference":"Patient/p"},
        "authoredOn":"2026-03-01T16:30:00Z","requester":{"reference":"Organization/home"},"performer":[{"reference":"Organization/hosp"}],
        "locationCode":[{"coding":[{"system":"urn:other","code":"x"},{"system":"https://heyi.example/fhir/cs/bed-kind","code":"hospital"}]}],
        "extension":[{"url":"https://heyi.example/fhir/ext/from-kind","valueCoding":{"system":"https://heyi.example/fhir/cs/bed-kind","code":"care-home"}}]})";

// The record of `type` from the resources, and its issues.
std::pair<std::string, std::vector<std::string>> Record(std::string_view type,
                                                        const std::vector<std::pair<std::string, std::string>>& resources) {
  std::vector<fhir::Tree> trees;
  trees.reserve(resources.size());
  std::vector<std::pair<std::string, fhir::Node>> nodes;
  for (const auto& [name, text] : resources) {
    trees.push_back(ReadResource(*base::ParseJson(text)));
    nodes.emplace_back(name, trees.back().root());
  }
  base::Outcome outcome;
  base::Result<base::JsonValue> record = TestMaps().Find("civil-affairs", type)->ToRecord(nodes, outcome);
  EXPECT_TRUE(record.ok());
  return {base::WriteJson(*record), Lines(outcome)};
}

std::string Task(std::string_view status) {
  return R"({"resourceType":"Task","id":"t","status":")" + std::string(status) + R"(","intent":"order","lastModified":"2026-03-02T01:00:00.5Z"})";
}

TEST(Outward, ABedThatRestMade) {
  const auto [record, issues] = Record(
      "BED", {{"organization", std::string(kHospital)},
              {"bed", R"({"resourceType":"Location","id":"bed-7","name":"7","operationalStatus":
                         {"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"K"},
                         "type":[{"coding":[{"system":"https://heyi.example/fhir/cs/bed-kind","code":"hospital"}]}]})"}});
  EXPECT_EQ(record, R"({"orgUscc":"123101994250000771","id":"bed-7","bedNumber":"7","status":"2","bedType":"hospital"})");
  EXPECT_EQ(issues, std::vector<std::string>());
}

TEST(Outward, AReferralThatRestMade) {
  const std::vector<std::pair<std::string, std::string>> want = {
      {"requested", "REQUESTED"}, {"received", "REQUESTED"}, {"accepted", "ACCEPTED"},   {"in-progress", "ACCEPTED"},
      {"completed", "TRANSFERRED"}, {"rejected", "REJECTED"}, {"cancelled", "CANCELLED"}, {"failed", "CANCELLED"}};
  for (const auto& [status, wire] : want) {
    const auto [record, issues] = Record("BED_REFERRAL", {{"patient", std::string(kPatient)}, {"requester", std::string(kHome)},
                                                          {"performer", std::string(kHospital)}, {"request", std::string(kRequest)},
                                                          {"task", Task(status)}});
    const bool answered = wire != "REQUESTED";
    EXPECT_EQ(record, R"({"elderIdCard":"310199194507300028","fromOrgUscc":"52310199MJ00000016","toOrgUscc":"123101994250000771",)"
                      R"("refNo":"r-1","applyTime":"2026-03-02 00:30:00","toBedType":"hospital","fromBedType":"care-home",)"
                      R"("direction":"HOME_TO_HOSP","status":")" + wire + "\"" +
                      (answered ? R"(,"respondTime":"2026-03-02 09:00:00"})" : "}"));
    EXPECT_EQ(issues, std::vector<std::string>()) << status;
  }
}

TEST(Outward, WhatCannotBeToldIsAnIssue) {
  const auto [record, issues] = Record("BED_REFERRAL", {{"request", std::string(kRequest)}, {"task", Task("entered-in-error")}});
  EXPECT_EQ(issues, (std::vector<std::string>{"map.unmapped-code @ Task.status", "adapter.required @ fromOrgUscc",
                                              "adapter.required @ toOrgUscc", "adapter.required @ elderIdCard",
                                              "adapter.required @ status"}));
}

TEST(Outward, AResourceOfAnotherTypeIsNotTaken) {
  const auto [record, issues] = Record("BED", {{"bed", std::string(kPatient)}, {"nobody", std::string(kPatient)}});
  EXPECT_EQ(record, "{}");
  EXPECT_FALSE(issues.empty());
}

}  // namespace
}  // namespace heyi::mapping
