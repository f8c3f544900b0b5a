// tests/data/exchange/*.story: what comes in, step by step, and what then stands. Each `### name` begins with an empty house.
//
//   civil|insurance TYPE ID {record}     a message of that department; the envelope is made
//   hl7 ID EVENT                         the same of a hospital; its segments follow, indented, MSH is made
//   put TYPE {resource}                  an operator's plain write
//   again                                the last message once more: the very same answer, and no second effect
//   restart                              the exchange ends and begins anew
//   clock MS                             time passes
//   state KEY STATE [RULE]               what became of a message, within five seconds
//   count TYPE?QUERY N                   how many resources match
//   is TYPE?QUERY PATH VALUE             the first match says so at PATH ("name[0].text"; VALUE "-" = nothing there)
//   same TYPE?QUERY NAME                 the first match, but for meta, is what it was when NAME was first noted
//   desk METHOD /DESK/… [BODY]           an operator's question or order
//   => TEXT                              the last answer has the text (of a message or a desk); `=> ! TEXT`: has it not
#include <map>

#include "adapters/health/v2/syntax.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/exchange/exchange_house.h"

#include <chrono>
#include <filesystem>
#include <thread>

namespace heyi::exchange {
namespace {

using base::JsonValue;

constexpr std::string_view kHospital = "H1";
constexpr std::string_view kCareHome = "52310199MJ00000016";

// "a.b[0].c" of a JSON value; null where absent.
const JsonValue* At(const JsonValue& root, std::string_view path) {
  const JsonValue* here = &root;
  for (std::string_view step : base::Split(path, '.')) {
    const size_t bracket = step.find('[');
    here = here->Find(step.substr(0, bracket));
    if (here == nullptr) return nullptr;
    if (bracket == std::string_view::npos) continue;
    const size_t index = static_cast<size_t>(std::atoi(std::string(step.substr(bracket + 1)).c_str()));
    if (index >= here->items().size()) return nullptr;
    here = &here->items()[index];
  }
  return here;
}

class Teller {
 public:
  explicit Teller(std::string place) : place_(std::move(place)) {}

  void Tell(const std::string& line, const std::vector<std::string>& segments) {
    SCOPED_TRACE(place_ + ": " + line);
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = word.size() == line.size() ? "" : line.substr(word.size() + 1);
    if (word == "civil" || word == "insurance") return Send(word == "civil" ? "civil-affairs" : "insurance", rest);
    if (word == "hl7") return SendV2(rest, segments);
    if (word == "put") return Put(rest);
    if (word == "again") return Repeat();
    if (word == "restart") return house_.Open();
    if (word == "clock") return house_.clock().AdvanceMs(std::strtoll(rest.c_str(), nullptr, 10));
    if (word == "state") return State(rest);
    if (word == "count") return Count(rest);
    if (word == "is") return Is(rest);
    if (word == "same") return Same(rest);
    if (word == "desk") return AskDesk(rest);
    if (word == "=>") return Said(rest);
    ADD_FAILURE() << "no such step";
  }

 private:
  static std::string Cut(std::string& rest) {
    const size_t blank = rest.find(' ');
    std::string word = rest.substr(0, blank);
    rest = blank == std::string::npos ? "" : rest.substr(blank + 1);
    return word;
  }

  void Deliver(const std::string& department, const std::string& raw) {
    department_ = department;
    raw_ = raw;
    answer_ = acknowledged_[raw_] = house_.Take(department, raw);
  }

  void Send(const std::string& department, std::string rest) {
    const std::string type = Cut(rest), id = Cut(rest);
    auto record = base::ParseJson(rest);
    ASSERT_TRUE(record.ok());
    const std::string sender(department == "insurance" ? "H31019900123" : std::string(kCareHome));
    Deliver(department, adapters::AdapterOf(department)->Write({type, id, sender, "310199", house_.clock().NowMs(), std::move(*record)}));
  }

  void SendV2(std::string rest, const std::vector<std::string>& segments) {
    const std::string id = Cut(rest);
    std::string raw = "MSH|^~\\&|HIS|" + std::string(kHospital) + "|HUB|DISTRICT|20260310101500||ADT^" + rest + "|" + id + "|P|2.5|||||CHN|UNICODE UTF-8\r";
    for (const std::string& segment : segments) raw += segment + "\r";
    Deliver("health", raw);
  }

  void Put(std::string rest) {
    const std::string type = Cut(rest);
    const auto json = base::ParseJson(rest);
    ASSERT_TRUE(json.ok());
    const auto response = house_.Ask("PUT", "/" + type + "/" + std::string(json->StringAt("id")), rest);
    EXPECT_TRUE(response.status == 200 || response.status == 201) << response.status << response.body;
  }

  void Repeat() {
    const std::string first = acknowledged_[raw_];
    const uint64_t t = house_.store().health().last_t;
    EXPECT_EQ(house_.Take(department_, raw_), first);
    EXPECT_EQ(house_.store().health().last_t, t) << "no effect, not even a leaf of the message's own";
  }

  JsonValue Shown(const std::string& key) {
    const auto shown = house_.AskDesk("GET", "/messages/" + key, "");
    return shown.ok() ? *base::ParseJson(shown->json) : JsonValue();
  }

  void State(std::string rest) {
    const std::string key = Cut(rest), state = Cut(rest);
    std::string now, rule;
    for (int wait = 0; wait < 500; ++wait) {
      const JsonValue shown = Shown(key);
      now = shown.StringAt("state");
      rule = shown.StringAt("rule");
      if (now == state) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(now, state) << rule;
    if (!rest.empty()) {
      EXPECT_EQ(rule, rest);
    }
  }

  JsonValue Search(const std::string& query) {
    const auto response = house_.Ask("GET", "/" + query, "");
    EXPECT_EQ(response.status, 200) << response.body;
    auto bundle = base::ParseJson(response.body);
    return bundle.ok() ? std::move(*bundle) : JsonValue();
  }

  void Count(std::string rest) {
    const std::string query = Cut(rest);
    EXPECT_EQ(std::to_string(Search(query)["entry"].items().size()), rest);
  }

  void Is(std::string rest) {
    const std::string query = Cut(rest), path = Cut(rest);
    const JsonValue bundle = Search(query);
    ASSERT_FALSE(bundle["entry"].items().empty()) << "nothing matches";
    const JsonValue* value = At(bundle["entry"].items()[0]["resource"], path);
    EXPECT_EQ(value == nullptr ? "-" : value->text(), rest) << base::WriteJson(bundle["entry"].items()[0]["resource"]);
  }

  void Same(std::string rest) {
    const std::string query = Cut(rest);
    const JsonValue bundle = Search(query);
    ASSERT_FALSE(bundle["entry"].items().empty()) << "nothing matches";
    JsonValue resource = bundle["entry"].items()[0]["resource"];
    std::erase_if(resource.members(), [](const JsonValue::Member& member) { return member.first == "meta"; });
    const std::string text = base::WriteJson(resource);
    const auto [noted, fresh] = noted_.emplace(rest, text);
    if (!fresh) {
      EXPECT_EQ(noted->second, text);
    }
  }

  void AskDesk(std::string rest) {
    const std::string method = Cut(rest), target = Cut(rest);
    const auto answer = house_.AskDesk(method, target, rest);
    answer_ = answer.ok() ? answer->json : "error " + answer.error().outcome.issues().front().rule;
  }

  void Said(const std::string& text) {
    if (text.starts_with("! ")) {
      EXPECT_EQ(answer_.find(text.substr(2)), std::string::npos) << answer_;
    } else {
      EXPECT_NE(answer_.find(text), std::string::npos) << answer_;
    }
  }

  const std::string place_;
  ExchangeHouse house_;
  std::string department_, raw_, answer_;
  std::map<std::string, std::string> acknowledged_, noted_;
};

void TellStories(const std::filesystem::path& file) {
  const std::string text = *base::ReadFile(file.string());
  std::unique_ptr<Teller> teller;
  const std::vector<std::string_view> lines = base::Split(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string line(lines[i]);
    if (line.empty() || (line.front() == '#' && !line.starts_with("### "))) continue;
    if (line.starts_with("### ")) {
      teller = std::make_unique<Teller>(file.filename().string() + ", " + line.substr(4));
      continue;
    }
    std::vector<std::string> segments;
    while (i + 1 < lines.size() && lines[i + 1].starts_with("  ")) segments.emplace_back(base::Trim(lines[++i]));
    ASSERT_NE(teller, nullptr);
    teller->Tell(line, segments);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Inbox, Stories) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HEYI_SOURCE_DIR "/tests/data/exchange")) {
    if (entry.path().extension() != ".story") continue;
    ++files;
    TellStories(entry.path());
  }
  EXPECT_GE(files, 3u);
}

}  // namespace
}  // namespace heyi::exchange
