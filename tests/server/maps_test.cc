// New maps while messages run, what they would change, and where every value came from.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

using base::JsonValue;

std::string FileText(const std::string& path) { return *base::ReadFile(HEYI_SOURCE_DIR "/" + path); }

class Maps : public ::testing::Test {
 protected:
  testing::Answer Ask(const std::string& who, const std::string& method, const std::string& target, std::string body) {
    net::ClientRequest request;
    request.method = method;
    request.headers = {{"Authorization", "Bearer " + house_.Token(who)}};
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    return house_.Ask(std::move(request), target);
  }
  JsonValue Json(const testing::Answer& answer) {
    auto json = base::ParseJson(answer.body);
    EXPECT_TRUE(json.ok()) << answer.body;
    return json.ok() ? std::move(*json) : JsonValue();
  }
  JsonValue Send(const std::string& folder) {
    const testing::Answer answer = Ask("civil-affairs", "POST", "/exchange/civil-affairs", FileText("tests/data/mapping/civil-affairs/" + folder + "/in.json"));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json(answer);
  }
  // The built-in map with another version, and its telephone written elsewhere.
  std::string Changed(const std::string& version, const std::string& use) {
    std::string text = FileText("mapping/maps/civil/ELDER.map");
    const auto replace = [&](const std::string& from, const std::string& to) {
      const size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos);
      text.replace(at, from.size(), to);
    };
    replace("map civil-affairs ELDER 1", "map civil-affairs ELDER " + version);
    replace("phone     <-> telecom[system=phone].value", "phone     <-> telecom[system=phone,use=" + use + "].value");
    return text;
  }
  testing::Answer Install(const std::string& text, const std::string& address) {
    JsonValue body = JsonValue::Object();
    body.Set("text", JsonValue::OfString(text));
    return Ask("operator", "POST", address, base::WriteJson(body));
  }
  std::string Phone() {
    const JsonValue found = Json(Ask("operator", "GET", "/fhir/Patient", ""));
    return base::WriteJson(found["entry"].items().at(0)["resource"]["telecom"]);
  }

  RunningHouse house_;
};

TEST_F(Maps, NewVersionsAreTriedPutInForceAndTakenBackWithoutAStop) {
  EXPECT_EQ(Send("ELDER/new").StringAt("code"), "0");
  EXPECT_EQ(Phone().find("\"use\""), std::string::npos);

  const JsonValue dry = Json(Install(Changed("2", "home"), "/exchange/maps/replay"));
  EXPECT_EQ(dry.StringAt("messages"), "1");
  EXPECT_EQ(dry.StringAt("different"), "1");
  EXPECT_EQ(dry.StringAt("failing"), "0");
  bool told = false;
  for (const JsonValue& value : dry["differences"].items().at(0)["resources"].items().at(0)["values"].items()) {
    told = told || (value.StringAt("path") == "telecom[1].use" && value.StringAt("before").empty() && value.StringAt("after") == "home");
  }
  EXPECT_TRUE(told) << base::WriteJson(dry);
  EXPECT_EQ(Phone().find("\"use\""), std::string::npos) << "a dry run writes nothing";

  EXPECT_EQ(Install("map civil-affairs ELDER 2\nresource p Patient\n name -> nom\n", "/exchange/maps").status, 422);
  const testing::Answer installed = Install(Changed("2", "home"), "/exchange/maps");
  ASSERT_EQ(installed.status, 200) << installed.body;
  EXPECT_EQ(Install(Changed("2", "work"), "/exchange/maps").status, 409) << "a version never gets another text";
  EXPECT_EQ(Install(Changed("1", "work"), "/exchange/maps").status, 409) << "nor does the built-in one";
  EXPECT_EQ(Send("ELDER/over_existing").StringAt("code"), "0");
  EXPECT_NE(Phone().find("\"home\""), std::string::npos);

  house_.Restart();
  const JsonValue maps = Json(Ask("operator", "GET", "/exchange/maps", ""));
  std::string version;
  for (const JsonValue& map : maps["maps"].items()) {
    if (map.StringAt("name") == "civil.ELDER") version = map.StringAt("version");
  }
  EXPECT_EQ(version, "2") << "installed maps outlive the program";

  EXPECT_EQ(Ask("operator", "POST", "/exchange/maps/civil-affairs/ELDER", R"({"version":"3"})").status, 404);
  EXPECT_EQ(Ask("operator", "POST", "/exchange/maps/civil-affairs/ELDER", R"({"version":"1"})").status, 200);
  EXPECT_EQ(Json(Ask("operator", "GET", "/exchange/maps/civil-affairs/ELDER", "")).StringAt("version"), "1");
  EXPECT_EQ(Ask("civil-affairs", "GET", "/exchange/maps", "").status, 403);
  EXPECT_EQ(Ask("operator", "POST", "/exchange/maps", "[").status, 400);
  EXPECT_EQ(Ask("operator", "DELETE", "/exchange/maps", "").status, 405);
}

TEST_F(Maps, EveryElementSaysWhichBytesItCameFrom) {
  Send("ELDER/new");
  Send("ELDER/over_existing");
  const std::string first = FileText("tests/data/mapping/civil-affairs/ELDER/new/in.json"), second = FileText("tests/data/mapping/civil-affairs/ELDER/over_existing/in.json");
  const JsonValue found = Json(Ask("operator", "GET", "/fhir/Patient", ""));
  JsonValue patient = found["entry"].items().at(0)["resource"];
  const std::string address = "/fhir/Patient/" + std::string(patient.StringAt("id"));

  const auto origin = [&](const std::string& path) {
    const JsonValue answer = Json(Ask("operator", "GET", fmt::format("{}/$lineage?path={}", address, path), ""));
    std::map<std::string, std::string> parts;
    EXPECT_EQ(answer["parameter"].items().size(), 1u) << base::WriteJson(answer);
    for (const JsonValue& part : answer["parameter"].items().at(0)["part"].items()) {
      for (const auto& [name, value] : part.members()) {
        if (name != "name") parts[std::string(part.StringAt("name"))] = value.text();
      }
    }
    return parts;
  };
  auto name = origin("name%5B0%5D.text");
  EXPECT_EQ(name["message"], "civil-affairs/52310199MJ00000016/ELD-1") << "the second message said the same";
  EXPECT_EQ(name["source"], "data.name");
  EXPECT_TRUE(name["rule"].starts_with("civil.ELDER/1:")) << name["rule"];
  EXPECT_EQ(first.substr(std::stoul(name["begin"]), name["value"].size()), name["value"]);
  auto phone = origin("telecom%5B0%5D.value");
  EXPECT_EQ(phone["message"], "civil-affairs/52310199MJ00000016/ELD-2");
  EXPECT_EQ(second.substr(std::stoul(phone["begin"]), phone["value"].size()), phone["value"]);
  EXPECT_EQ(phone["version"], "2");

  patient.Set("birthDate", JsonValue::OfString("1945-07-31"));
  net::ClientRequest put{"PUT", "", {{"Authorization", "Bearer " + house_.Token("operator")}, {"Content-Type", "application/fhir+json"}}, base::WriteJson(patient)};
  ASSERT_EQ(house_.Ask(std::move(put), address).status, 200);
  auto born = origin("birthDate");
  EXPECT_EQ(born["version"], "3");
  EXPECT_TRUE(born["message"].empty()) << "no message wrote that";
  EXPECT_EQ(origin("name%5B0%5D.text")["version"], "1");

  EXPECT_EQ(Ask("operator", "GET", address + "/$lineage?path=photo", "").status, 404);
  EXPECT_EQ(Ask("operator", "GET", "/fhir/Patient/nobody/$lineage", "").status, 404);
  EXPECT_EQ(Ask("insurance", "GET", address + "/$lineage", "").status, Ask("insurance", "GET", address, "").status) << "as far as it may be read";
}

}  // namespace
}  // namespace heyi::server
