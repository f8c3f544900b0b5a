// Runs tests/data/rest/*.rest: each file a fresh house, each block a request and what must come back.
//
//   ### what is shown
//   POST /Patient                  method and target; header lines may follow (If-Match, If-None-Match, If-None-Exist, Prefer, Client)
//   {"resourceType":"Patient"}     body, until the arrow
//   => 201                         status; lines behind it: Header: value, or `contains TEXT`, `lacks TEXT`, `save NAME REGEX-free PATH`
//
// `save NAME MEMBER.MEMBER[0]…` keeps a value of the answer's JSON; {{NAME}} stands for it later.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/json/value.h"
#include "base/text.h"
#include "tests/interaction/house.h"

namespace heyi::interaction {
namespace {

struct Block {
  std::string title, method, target, body;
  std::map<std::string, std::string> headers;
  int status = 0;
  std::vector<std::string> wants;
  int line = 0;
};

std::vector<Block> ReadBlocks(const std::filesystem::path& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  std::string line;
  enum { kTitle, kRequest, kBody, kWants } state = kTitle;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("### ")) {
      blocks.push_back({line.substr(4), "", "", "", {}, 0, {}, number});
      state = kRequest;
    } else if (blocks.empty() || line.empty() || line.starts_with("# ")) {
      continue;
    } else if (line.starts_with("=> ")) {
      blocks.back().status = std::stoi(line.substr(3));
      state = kWants;
    } else if (state == kRequest) {
      std::istringstream(line) >> blocks.back().method >> blocks.back().target;
      state = kBody;
    } else if (state == kBody && blocks.back().body.empty() && line.find(": ") != std::string::npos && line[0] >= 'A' && line[0] <= 'Z') {
      blocks.back().headers[line.substr(0, line.find(": "))] = line.substr(line.find(": ") + 2);
    } else if (state == kBody) {
      blocks.back().body += line + "\n";
    } else {
      blocks.back().wants.push_back(line);
    }
  }
  return blocks;
}

std::string Filled(std::string text, const std::map<std::string, std::string>& saved) {
  for (const auto& [name, value] : saved) {
    const std::string mark = "{{" + name + "}}";
    for (size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), value);
  }
  return text;
}

// "entry[0].resource.id"
std::string ValueAt(const base::JsonValue& root, std::string_view path) {
  const base::JsonValue* value = &root;
  for (std::string_view step : base::Split(path, '.')) {
    const size_t bracket = step.find('[');
    value = &(*value)[step.substr(0, bracket)];
    if (bracket != std::string_view::npos) {
      const size_t index = std::stoul(std::string(step.substr(bracket + 1)));
      if (index >= value->items().size()) return "";
      value = &value->items()[index];
    }
  }
  return value->text();
}

void Check(const Block& block, const Response& response, std::map<std::string, std::string>& saved) {
  EXPECT_EQ(response.status, block.status) << response.body;
  const auto json = base::ParseJson(response.body);
  for (const std::string& line : block.wants) {
    const std::string want = Filled(line, saved);
    if (want.starts_with("contains ")) {
      EXPECT_NE(response.body.find(want.substr(9)), std::string::npos) << want << "\n" << response.body;
    } else if (want.starts_with("lacks ")) {
      EXPECT_EQ(response.body.find(want.substr(6)), std::string::npos) << want << "\n" << response.body;
    } else if (want.starts_with("save ")) {
      std::string verb, name, path;
      std::istringstream(want) >> verb >> name >> path;
      saved[name] = json.ok() ? ValueAt(*json, path) : "";
      EXPECT_FALSE(saved[name].empty()) << want << "\n" << response.body;
    } else if (want.starts_with("count ")) {
      EXPECT_EQ(std::to_string((*json)["entry"].items().size()), want.substr(6)) << response.body;
    } else if (want.starts_with("ETag: ")) {
      EXPECT_EQ(response.etag, want.substr(6));
    } else if (want.starts_with("Allow: ")) {
      EXPECT_EQ(response.allow, want.substr(7));
    } else if (want.starts_with("Location: ")) {
      EXPECT_EQ(response.location, want.substr(10));
    } else if (want.find(" = ") != std::string::npos) {
      const size_t equals = want.find(" = ");
      EXPECT_EQ(json.ok() ? ValueAt(*json, want.substr(0, equals)) : "", want.substr(equals + 3)) << response.body;
    } else {
      ADD_FAILURE() << "not understood: " << want;
    }
  }
}

void RunFile(const std::filesystem::path& path, House& house) {
  std::map<std::string, std::string> saved;
  for (const Block& block : ReadBlocks(path)) {
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
    house.caller = base::Caller{"test", "", "operator", "operator", "", "HOPERAT"};
    if (header("Client") == "insurer") house.caller = {"insurer", "", "insurance", "officer", "", "HPAYMT"};
    if (header("Client") == "insurer-treating") house.caller = {"insurer", "", "insurance", "officer", "", "TREAT"};
    if (header("Client") == "auditor") house.caller = {"auditor", "", "audit", "auditor", "", "HCOMPL"};
    if (header("Client") == "other") house.caller.client = "other";
    Check(block, house.Ask(std::move(request)), saved);
  }
}

class Rest : public ::testing::TestWithParam<std::string> {};

std::vector<std::string> Files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(HEYI_SOURCE_DIR "/tests/data/rest")) {
    if (entry.path().extension() == ".rest") names.push_back(entry.path().stem().string());
  }
  return names;
}

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

INSTANTIATE_TEST_SUITE_P(Cases, Rest, ::testing::ValuesIn(Files()), [](const auto& file) { return file.param; });

}  // namespace
}  // namespace heyi::interaction
