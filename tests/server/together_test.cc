// Many clients at a time: what HTTP promises each of them when all want the same thing.
#include <atomic>
#include <set>
#include <thread>

#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

class Together : public ::testing::Test {
 protected:
  testing::Answer Ask(std::string method, std::string_view target, std::string body = {}, std::vector<std::pair<std::string, std::string>> headers = {}) {
    net::ClientRequest request;
    request.method = std::move(method);
    request.body = std::move(body);
    request.headers = std::move(headers);
    request.headers.emplace_back("Authorization", "Bearer " + token_);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
    return house_.Ask(std::move(request), target);
  }

  template <typename Work>
  static void AtOnce(int count, const Work& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
  }

  static base::JsonValue Json(const testing::Answer& answer) {
    auto json = base::ParseJson(answer.body);
    return json.ok() ? *json : base::JsonValue();
  }

  RunningHouse house_;
  const std::string token_ = house_.Token("operator");
};

TEST_F(Together, SixtyFourConditionalCreatesMakeOne) {
  std::atomic<int> created = 0, found = 0;
  AtOnce(64, [&](int) {
    const auto answer = Ask("POST", "/fhir/Patient", R"({"resourceType":"Patient","identifier":[{"system":"urn:t","value":"one"}]})",
                            {{"If-None-Exist", "identifier=urn:t|one"}});
    created += answer.status == 201 ? 1 : 0;
    found += answer.status == 200 ? 1 : 0;
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(found, 63);
  EXPECT_EQ(Json(Ask("GET", "/fhir/Patient?identifier=urn:t|one&_total=accurate")).StringAt("total"), "1");
}

TEST_F(Together, SixtyFourConditionalUpdatesMakeOne) {
  std::atomic<int> created = 0, updated = 0;
  AtOnce(64, [&](int i) {
    const auto answer = Ask("PUT", "/fhir/Patient?identifier=urn:t|two",
                            R"({"resourceType":"Patient","identifier":[{"system":"urn:t","value":"two"}],"multipleBirthInteger":)" + std::to_string(i) + "}");
    created += answer.status == 201 ? 1 : 0;
    updated += answer.status == 200 ? 1 : 0;
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(updated, 63);
  EXPECT_EQ(Json(Ask("GET", "/fhir/Patient?identifier=urn:t|two"))["entry"].items()[0]["resource"]["meta"].StringAt("versionId"), "64");
}

TEST_F(Together, ReadModifyWriteLosesNothing) {
  ASSERT_EQ(Ask("PUT", "/fhir/Patient/sum", R"({"resourceType":"Patient","id":"sum","multipleBirthInteger":0})").status, 201);
  constexpr int kClients = 8, kTimes = 10;
  AtOnce(kClients, [&](int) {
    for (int done = 0; done < kTimes;) {
      const auto read = Ask("GET", "/fhir/Patient/sum");
      const int sum = std::atoi(std::string(Json(read).StringAt("multipleBirthInteger")).c_str()) + 1;
      const auto written = Ask("PUT", "/fhir/Patient/sum", R"({"resourceType":"Patient","id":"sum","multipleBirthInteger":)" + std::to_string(sum) + "}",
                               {{"If-Match", read.headers.at("ETag")}});
      ASSERT_TRUE(written.status == 200 || written.status == 412) << written.body;
      done += written.status == 200 ? 1 : 0;
    }
  });
  const auto sum = Json(Ask("GET", "/fhir/Patient/sum"));
  EXPECT_EQ(sum.StringAt("multipleBirthInteger"), std::to_string(kClients * kTimes));
  EXPECT_EQ(sum["meta"].StringAt("versionId"), std::to_string(kClients * kTimes + 1));
}

TEST_F(Together, PagesStandStillWhileOthersWrite) {
  const auto put = [&](int i, bool active) {
    const std::string id = "page-" + std::to_string(i);
    return Ask("PUT", "/fhir/Patient/" + id,
               R"({"resourceType":"Patient","id":")" + id + R"(","identifier":[{"system":"urn:t","value":"page"}],"active":)" + (active ? "true}" : "false}")).status;
  };
  for (int i = 0; i < 50; ++i) ASSERT_EQ(put(i, true), 201);
  base::JsonValue page = Json(Ask("GET", "/fhir/Patient?identifier=urn:t|page&active=true&_count=5"));
  std::atomic<bool> ending = false;
  std::thread writer([&] {
    for (int i = 0; !ending; ++i) {
      put(i % 50, false);  // no longer what is searched for
      put(50 + i, true);   // newly so
      Ask("DELETE", "/fhir/Patient/page-" + std::to_string((i * 7) % 50));
    }
  });
  std::set<std::string> ids;
  size_t hits = 0;
  for (std::string next = "first"; !next.empty();) {
    for (const base::JsonValue& entry : page["entry"].items()) {
      EXPECT_EQ(entry["resource"]["active"].text(), "true");
      ids.emplace(entry["resource"].StringAt("id"));
      ++hits;
    }
    next.clear();
    for (const base::JsonValue& link : page["link"].items()) {
      if (link.StringAt("relation") == "next") next = link.StringAt("url").substr(house_.origin().size());
    }
    if (!next.empty()) page = Json(Ask("GET", next));
  }
  ending = true;
  writer.join();
  EXPECT_EQ(ids.size(), 50u) << "what stood there at the first page, whatever was written since";
  EXPECT_EQ(hits, 50u) << "none twice";
  EXPECT_FALSE(ids.contains("page-50"));
}

TEST_F(Together, FailingTransactionsLeaveNothing) {
  AtOnce(16, [&](int i) {
    const std::string id = "tx-" + std::to_string(i);
    const bool good = i % 2 == 0;
    const auto answer = Ask("POST", "/fhir", R"({"resourceType":"Bundle","type":"transaction","entry":[)"
        R"({"request":{"method":"PUT","url":"Patient/)" + id + R"("},"resource":{"resourceType":"Patient","id":")" + id + R"("}},)"
        R"({"request":{"method":"PUT","url":"Basic/)" + id + R"("},"resource":{"resourceType":"Basic","id":")" + id + R"(")" + (good ? R"(,"code":{"text":"x"})" : "") + "}}]}");
    EXPECT_EQ(answer.status, good ? 200 : 422);
  });
  for (int i = 0; i < 16; ++i) {
    const std::string id = "tx-" + std::to_string(i);
    EXPECT_EQ(Ask("GET", "/fhir/Patient/" + id).status, i % 2 == 0 ? 200 : 404);
    EXPECT_EQ(Ask("GET", "/fhir/Basic/" + id).status, i % 2 == 0 ? 200 : 404);
  }
}

}  // namespace
}  // namespace heyi::server
