// Alarms: one word when something begins and one when it ends, however often it happens in between.
#include "exchange/alarms.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "tests/exchange/exchange_house.h"

namespace heyi::exchange {
namespace {

size_t CountIn(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(Alarms, AreToldOnceWhenTheyBeginAndOnceWhenTheyEnd) {
  ExchangeHouse house;
  char name[] = "/tmp/heyi-alarms-XXXXXX";
  const int log = ::mkstemp(name);
  base::SendLogTo(log);
  {
    Alarms alarms(house.store(), house.clock());
    alarms.Resolve("channel/x");
    for (int i = 0; i < 1'000; ++i) alarms.Raise("channel/x", base::Severity::k_error, "does not answer");
    house.clock().AdvanceMs(5'000);
    alarms.Raise("channel/x", base::Severity::k_error, "refuses the connection");
    ASSERT_EQ(alarms.List().size(), 1u);
    EXPECT_EQ(alarms.List()[0].count, 1'001u);
    EXPECT_EQ(alarms.List()[0].last_ms - alarms.List()[0].since_ms, 5'000);
  }
  {
    Alarms alarms(house.store(), house.clock());  // after a restart
    ASSERT_EQ(alarms.List().size(), 1u);
    EXPECT_EQ(alarms.List()[0].severity, base::Severity::k_error);
    EXPECT_GE(alarms.List()[0].count, 512u);
    alarms.Raise("channel/x", base::Severity::k_error, "does not answer");
    alarms.Resolve("channel/x");
    alarms.Resolve("channel/x");
    EXPECT_TRUE(alarms.List().empty());
  }
  EXPECT_TRUE(Alarms(house.store(), house.clock()).List().empty());
  base::SendLogTo(STDERR_FILENO);
  ::close(log);
  const std::string told = *base::ReadFile(name);
  ::unlink(name);
  EXPECT_EQ(CountIn(told, "\"exchange.alarm\""), 1u) << told;
  EXPECT_EQ(CountIn(told, "\"exchange.alarm-resolved\""), 1u);
  EXPECT_NE(told.find("\"seconds\":\"5\""), std::string::npos) << told;
}

TEST(Alarms, TooManyParkedMessages) {
  ExchangeHouse house;
  const auto open = [&] { return house.AskDesk("GET", "/alarms", "")->json.find("\"parked\"") != std::string::npos; };
  const auto becomes = [&](bool wanted) {
    for (int wait = 0; wait < 500 && open() != wanted; ++wait) ::usleep(10'000);
    return open() == wanted;
  };
  for (const char* id : {"U1", "U2"}) {
    house.Take("health", std::string("MSH|^~\\&|HIS|H1|HUB|DISTRICT|20260310101500||ADT^A08|") + id +
                             "|P|2.5|||||CHN|UNICODE UTF-8\rEVN|A08|20260301090000\rPID|1||P5^^^H1^PI||LI\rPV1|1|I\r");
  }
  house.options().parked_alarm = 1;
  house.Open();
  EXPECT_TRUE(becomes(true));
  house.options().parked_alarm = 2;
  house.Open();
  EXPECT_TRUE(becomes(false));
}

TEST(Alarms, AWayOutThatIsBroken) {
  ExchangeHouse house;
  Route route;
  route.name = "civil";
  route.department = "civil-affairs";
  route.url = "http://127.0.0.1:1/";  // nobody listens there
  route.breaker.failures = 1;
  house.options().routes.push_back(route);
  house.options().client.allowed_prefixes = {"http://127.0.0.1:1/"};
  house.Open();
  house.Ask("PUT", "/Organization/o1", R"({"resourceType":"Organization","id":"o1","name":"A","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]})");
  house.Ask("PUT", "/Location/b1", R"({"resourceType":"Location","id":"b1","status":"active","mode":"instance","name":"B1","identifier":[{"system":"https://heyi.example/fhir/id/mca/bed","value":"52310199MJ00000016-B1"}],"operationalStatus":{"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"U"},"type":[{"coding":[{"system":"https://heyi.example/fhir/cs/bed-kind","code":"care-home"}]}],"managingOrganization":{"reference":"Organization/o1","identifier":{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}}})");
  const auto open = [&] { return house.AskDesk("GET", "/alarms", "")->json.find("\"channel/civil\"") != std::string::npos; };
  for (int wait = 0; wait < 1'500 && !open(); ++wait) ::usleep(10'000);
  EXPECT_TRUE(open());
}

}  // namespace
}  // namespace heyi::exchange
