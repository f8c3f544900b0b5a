// What becomes of resources that are not right, by the rules for writing (interaction/on_write.h).
#include "tests/interaction/house.h"

#include "base/json/value.h"

namespace heyi::interaction {
namespace {

using Mode = WriteRules::Mode;

constexpr std::string_view kWrongCode = R"({"resourceType":"Patient","gender":"man"})";             // a binding
constexpr std::string_view kWrongDate = R"({"resourceType":"Patient","birthDate":"2024-02-30"})";   // structure
constexpr std::string_view kRight = R"({"resourceType":"Patient","gender":"male"})";

struct Case {
  Mode mode;
  std::string_view body;
  int status;
  bool tagged, told;  // by a tag; by an error in the OperationOutcome that was asked for
};

std::string Id(const Response& response) {
  const auto json = base::ParseJson(response.body);
  return json.ok() ? std::string((*json)["id"].text()) : std::string();
}

Response Post(House& house, std::string_view body, ReturnPreference preference) {
  Request request;
  request.method = "POST";
  request.segments = {"Patient"};
  request.body = body;
  request.prefer_return = preference;
  return house.Ask(std::move(request));
}

TEST(OnWrite, Modes) {
  const Case cases[] = {
      {Mode::kStructure, kRight, 201, false, false}, {Mode::kStructure, kWrongCode, 201, false, false}, {Mode::kStructure, kWrongDate, 422, false, false},
      {Mode::kReject, kRight, 201, false, false},    {Mode::kReject, kWrongCode, 422, false, false},    {Mode::kReject, kWrongDate, 422, false, false},
      {Mode::kTag, kRight, 201, false, false},       {Mode::kTag, kWrongCode, 201, true, true},         {Mode::kTag, kWrongDate, 422, false, false},
      {Mode::kWarn, kRight, 201, false, false},      {Mode::kWarn, kWrongCode, 201, false, true},       {Mode::kWarn, kWrongDate, 201, false, true},
  };
  House house("");
  for (const Case& one : cases) {
    SCOPED_TRACE(std::to_string(static_cast<int>(one.mode)) + " " + std::string(one.body));
    house.services().on_write.mode = one.mode;
    const Response whole = Post(house, one.body, ReturnPreference::kRepresentation);
    EXPECT_EQ(whole.status, one.status) << whole.body;
    EXPECT_EQ(whole.body.find(WriteRules::kTagSystem) != std::string::npos, one.tagged) << whole.body;
    const Response outcome = Post(house, one.body, ReturnPreference::kOutcome);
    EXPECT_EQ(outcome.status, one.status) << outcome.body;
    EXPECT_NE(outcome.body.find("OperationOutcome"), std::string::npos) << outcome.body;
    if (one.status == 201) {
      EXPECT_EQ(outcome.body.find(R"("severity":"error")") != std::string::npos, one.told) << outcome.body;
    }
  }
}

TEST(OnWrite, TagsOnceAndOnlyWhatIsWrong) {
  House house("");
  house.services().on_write.mode = Mode::kTag;
  const std::string id = Id(Post(house, kWrongCode, ReturnPreference::kRepresentation));
  ASSERT_FALSE(id.empty());
  const Response read = house.Ask("GET", "/Patient/" + id, "");
  const auto json = base::ParseJson(read.body);
  ASSERT_TRUE(json.ok());
  ASSERT_EQ((*json)["meta"]["tag"].items().size(), 1u) << read.body;
  EXPECT_EQ((*json)["meta"]["tag"].items()[0].StringAt("code"), WriteRules::kTagCode);
  const Response again = house.Ask("PUT", "/Patient/" + id, read.body);
  const auto twice = base::ParseJson(again.body);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ((*twice)["meta"]["tag"].items().size(), 1u) << again.body;
  const Response found = house.Ask("GET", "/Patient?_tag=" + std::string(WriteRules::kTagSystem) + "|" + std::string(WriteRules::kTagCode), "");
  EXPECT_NE(found.body.find(id), std::string::npos) << found.body;
}

TEST(OnWrite, ATagGoesWhenTheErrorGoes) {
  House house("");
  house.services().on_write.mode = Mode::kTag;
  const std::string id = Id(Post(house, kWrongCode, ReturnPreference::kRepresentation));
  std::string body = house.Ask("GET", "/Patient/" + id, "").body;
  body.replace(body.find("\"man\""), 5, "\"male\"");
  const Response mended = house.Ask("PUT", "/Patient/" + id, body);
  EXPECT_EQ(mended.status, 200) << mended.body;
  EXPECT_EQ(mended.body.find(WriteRules::kTagSystem), std::string::npos) << mended.body;
}

TEST(OnWrite, ConfiguredProfiles) {
  House house("");
  house.services().on_write.mode = Mode::kReject;
  house.services().on_write.profiles["Observation"] = {"http://hl7.org/fhir/StructureDefinition/bodyweight"};
  EXPECT_EQ(house.Ask("POST", "/Observation", R"({"resourceType":"Observation","status":"final","code":{"text":"x"}})").status, 422);
  EXPECT_EQ(house.Ask("POST", "/Patient", std::string(kRight)).status, 201);
}

TEST(OnWrite, HoldsInTransactionsAndUpdatesAndPatches) {
  House house("");
  house.services().on_write.mode = Mode::kReject;
  const std::string bundle = R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","gender":"male"},
    "request":{"method":"POST","url":"Patient"}},{"resource":{"resourceType":"Patient","gender":"man"},"request":{"method":"POST","url":"Patient"}}]})";
  EXPECT_EQ(house.Ask("POST", "/", bundle).status, 422);
  EXPECT_NE(house.Ask("GET", "/Patient?_summary=count", "").body.find(R"("total":0)"), std::string::npos);
  EXPECT_EQ(house.Ask("PUT", "/Patient/a", R"({"resourceType":"Patient","id":"a","gender":"man"})").status, 422);
  EXPECT_EQ(house.Ask("PUT", "/Patient/a", R"({"resourceType":"Patient","id":"a","gender":"male"})").status, 201);
  Request patch;
  patch.method = "PATCH";
  patch.segments = {"Patient", "a"};
  patch.body = R"([{"op":"replace","path":"/gender","value":"man"}])";
  patch.content_type = "application/json-patch+json";
  EXPECT_EQ(house.Ask(std::move(patch)).status, 422);
}

}  // namespace
}  // namespace heyi::interaction
