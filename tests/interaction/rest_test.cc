// Runs tests/data/rest/*.rest (tests/rest_file.h) without a transport: each file a fresh house. Headers that are understood:
// If-Match, If-None-Match, If-None-Exist, Prefer, Content-Type of what is no FHIR, and Client for who asks.
#include "tests/rest_file.h"

#include "tests/interaction/house.h"

namespace heyi::interaction {
namespace {

using testing::Block;
using testing::Filled;

void RunFile(const std::filesystem::path& path, House& house) {
  std::map<std::string, std::string> saved;
  for (const Block& block : testing::ReadBlocks(path)) {
    SCOPED_TRACE(path.filename().string() + ":" + std::to_string(block.line) + " " + block.title);
    const auto header = [&](const char* name) {
      const auto found = block.headers.find(name);
      return found == block.headers.end() ? std::string() : Filled(found->second, saved);
    };
    std::string target = Filled(block.target, saved);
    if (const size_t base = target.find("http://heyi.test/fhir"); base != std::string::npos) target.erase(base, 21);
    Request request;
    request.if_match = header("If-Match");
    request.if_none_match = header("If-None-Match");
    request.if_none_exist = header("If-None-Exist");
    request.lenient = header("Prefer") == "handling=lenient";
    if (header("Prefer") == "return=minimal") request.prefer_return = ReturnPreference::kMinimal;
    request.method = block.method;
    const size_t mark = target.find('?');
    if (mark != std::string::npos) {
      request.query_text = target.substr(mark + 1);
      const auto query = DecodeQuery(request.query_text);
      ASSERT_TRUE(query.ok());
      request.query = *query;
    }
    const std::string path_text = target.substr(1, mark == std::string::npos ? std::string::npos : mark - 1);
    if (!path_text.empty()) {
      for (std::string_view part : base::Split(path_text, '/')) request.segments.emplace_back(part);
    }
    request.body = Filled(block.body, saved);
    request.content_type = header("Content-Type");
    house.caller = base::Caller{"test", "", "operator", "operator", "", "HOPERAT"};
    if (header("Client") == "insurer") house.caller = {"insurer", "", "insurance", "officer", "", "HPAYMT"};
    if (header("Client") == "insurer-treating") house.caller = {"insurer", "", "insurance", "officer", "", "TREAT"};
    if (header("Client") == "auditor") house.caller = {"auditor", "", "audit", "auditor", "", "HCOMPL"};
    if (header("Client") == "other") house.caller.client = "other";
    const Response response = house.Ask(std::move(request));
    testing::Check(block, {response.status, {{"ETag", response.etag}, {"Allow", response.allow}, {"Location", response.location}}, response.body}, saved);
  }
}

class Rest : public ::testing::TestWithParam<std::string> {};

TEST_P(Rest, InMemory) {
  House house("");
  RunFile(HEYI_SOURCE_DIR "/tests/data/rest/" + GetParam() + ".rest", house);
}

TEST_P(Rest, OnDisk) {
  char name[] = "/tmp/heyi-rest-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  {
    House house(name);
    RunFile(HEYI_SOURCE_DIR "/tests/data/rest/" + GetParam() + ".rest", house);
  }
  std::filesystem::remove_all(name);
}

INSTANTIATE_TEST_SUITE_P(Cases, Rest, ::testing::ValuesIn(testing::RestFiles("rest")), [](const auto& file) { return file.param; });

}  // namespace
}  // namespace heyi::interaction
