// The whole server over its socket: tests/data/http/*.rest (tests/rest_file.h), each file a fresh data directory, and what
// a text file cannot say: packed bodies.
#include "base/gzip.h"
#include "tests/server/running_house.h"

namespace heyi::server {
namespace {

class Http : public ::testing::TestWithParam<std::string> {};

TEST_P(Http, File) {
  RunningHouse house;
  std::map<std::string, std::string> saved;
  for (const testing::Block& block : testing::ReadBlocks(HEYI_SOURCE_DIR "/tests/data/http/" + GetParam() + ".rest")) {
    SCOPED_TRACE(GetParam() + ".rest:" + std::to_string(block.line) + " " + block.title);
    net::ClientRequest request;
    request.method = block.method;
    request.body = base::Trim(testing::Filled(block.body, saved));
    std::string client = "operator";
    bool typed = false;
    for (const auto& [name, value] : block.headers) {
      if (name == "Client") client = value;
      else request.headers.emplace_back(name, testing::Filled(value, saved));
      typed = typed || name == "Content-Type";
    }
    if (client != "nobody") request.headers.emplace_back("Authorization", "Bearer " + house.Token(client));
    if (!request.body.empty() && !typed) request.headers.emplace_back("Content-Type", "application/fhir+json");
    std::string target = testing::Filled(block.target, saved);
    if (target.starts_with(house.origin())) target.erase(0, house.origin().size());
    testing::Check(block, house.Ask(std::move(request), target), saved);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Http, ::testing::ValuesIn(testing::RestFiles("http")), [](const auto& file) { return file.param; });

class Packed : public ::testing::Test {
 protected:
  int Put(std::string body, const std::string& coding) {
    net::ClientRequest request;
    request.method = "PUT";
    request.headers = {{"Authorization", "Bearer " + house_.Token("operator")}, {"Content-Type", "application/fhir+json"}, {"Content-Encoding", coding}};
    request.body = std::move(body);
    return house_.Ask(std::move(request), "/fhir/Basic/packed").status;
  }
  testing::Answer Get(const std::string& accepted) {
    net::ClientRequest request;
    request.method = "GET";
    request.headers = {{"Authorization", "Bearer " + house_.Token("operator")}, {"Accept-Encoding", accepted}};
    return house_.Ask(std::move(request), "/fhir/Basic/packed");
  }

  static std::string Basic(size_t padding) {
    return R"({"resourceType":"Basic","id":"packed","code":{"text":")" + std::string(padding, 'x') + "\"}}";
  }

  RunningHouse house_;
};

TEST_F(Packed, BodiesAreTakenAndGiven) {
  EXPECT_EQ(Put(base::Gzip(Basic(5'000)), "gzip"), 201);
  EXPECT_EQ(Put(base::Gzip(Basic(5'000).substr(0, 100)) + base::Gzip(Basic(5'000).substr(100)), "x-gzip"), 200) << "several members";
  const testing::Answer plain = Get("identity");
  EXPECT_NE(plain.body.find("xxxx"), std::string::npos);
  EXPECT_FALSE(plain.headers.contains("Content-Encoding"));
  testing::Answer packed = Get("br;q=1.0, gzip;q=0.8");
  EXPECT_EQ(packed.headers["Content-Encoding"], "gzip");
  EXPECT_EQ(packed.headers["Vary"], "Accept-Encoding");
  const auto unpacked = base::Gunzip(packed.body, 1 << 20);
  ASSERT_TRUE(unpacked.ok());
  EXPECT_EQ(*unpacked, plain.body);
  EXPECT_FALSE(Get("gzip;q=0").headers.contains("Content-Encoding"));
}

TEST_F(Packed, BombsAndOtherCodingsAreRefused) {
  EXPECT_EQ(Put(base::Gzip(Basic(10 << 20)), "gzip"), 413) << "a thousandth of its size";
  EXPECT_EQ(Put(base::Gzip(base::Gzip(Basic(10))), "gzip"), 400) << "packed twice";
  EXPECT_EQ(Put(base::Gzip(Basic(5'000)).substr(0, 50), "gzip"), 400) << "cut off";
  EXPECT_EQ(Put(Basic(5'000), "gzip"), 400) << "not packed at all";
  EXPECT_EQ(Put(Basic(10), "br"), 415);
  EXPECT_EQ(Put(Basic(10), "identity"), 201);
}

}  // namespace
}  // namespace heyi::server
