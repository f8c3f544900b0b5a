// A storm over the exchange: a hospital's changes of elders' data come in, one in ten doubled, one in ten out of order, while
// the server is killed every few seconds and the receiver fails one time in five. Afterwards everything must have happened
// exactly once: each message one version of its elder, in the order of its sending; each sender its own acknowledgement, the
// same whenever it asked; each version delivered, in order per elder, under one message id.
//
//   exchange_storm PROGRAM PACK MESSAGES [KILL-SECONDS]     ends with "N passed, N failed"
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "adapters/identifiers.h"
#include "adapters/message.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "server/config.h"

namespace {

using namespace std::chrono_literals;
namespace adapters = heyi::adapters;
namespace base = heyi::base;
namespace net = heyi::net;
using base::JsonValue;
using Clock = std::chrono::steady_clock;

constexpr size_t kSenders = 8;
constexpr size_t kElders = 200;
constexpr std::string_view kHomeCode = "52310199MJ0000001";
constexpr std::string_view kHospital = "H31019900001";

int passed = 0, failed = 0;
void Check(bool holds, const std::string& what) {
  ++(holds ? passed : failed);
  if (!holds && failed <= 20) fmt::print("FAILED {}\n", what);
}

std::string IdentityNumber(size_t elder) {
  const std::string first = fmt::format("31019919400101{:03}", elder);
  return first + adapters::IdentityCheckCharacter(first);
}
std::string Phone(size_t elder, size_t step) { return fmt::format("021-{:04}-{:06}", elder, step); }

// The bureau: fails one time in five, in three ways; of one of them it has taken the message all the same.
class Bureau : public net::HttpHandler {
 public:
  explicit Bureau(uint16_t port) {
    net::HttpServer::Options options;
    options.port = port;
    auto server = net::HttpServer::Start(options, *this);
    if (!server.ok()) std::abort();
    server_ = std::move(*server);
  }
  uint16_t port() const { return server_->port(); }
  uint64_t BodyBytesMax(std::string_view, std::string_view) const override { return 1 << 20; }

  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override {
    std::lock_guard lock(mutex_);
    ++asked_;
    uint8_t dice = 0;
    random_.Fill(&dice, 1);
    const bool failing = calm_ ? false : dice % 5 == 0;
    if (failing && dice % 3 == 0) return responder->Send({503, {}, "busy"});
    auto message = adapters::CivilAdapter().Read(request.body);
    if (message.ok() && message->type == "ELDER") {
      const std::string number(message->record.StringAt("idCardNo")), phone(message->record.StringAt("phone"));
      auto& text = texts_[message->id];
      if (text.empty()) {
        text = phone;
        told_[number].push_back(phone);
      } else if (text != phone) {
        ++other_content_;
      } else {
        ++repeats_;
      }
    }
    if (failing) return responder->Send({dice % 3 == 1 ? 500 : 200, {}, "cannot be read"});
    adapters::Acknowledgement ack;
    ack.answered_ms = ack.received_ms = base::SystemClock().NowMs();
    ack.ref_message_id = "MZ";
    responder->Send({200, {{"Content-Type", "application/json"}}, adapters::CivilAdapter().Answer(request.body, message.ok() ? &*message : nullptr, ack)});
  }
  void HandleFramingError(const net::FramingError& error, std::string_view, std::unique_ptr<net::Responder> responder) override {
    responder->Send({error.status, {}, "", true});
  }

  void Calm() {
    std::lock_guard lock(mutex_);
    calm_ = true;
  }
  std::vector<std::string> Told(const std::string& number) {
    std::lock_guard lock(mutex_);
    return told_[number];
  }
  size_t asked() { std::lock_guard lock(mutex_); return asked_; }
  size_t repeats() { std::lock_guard lock(mutex_); return repeats_; }
  size_t other_content() { std::lock_guard lock(mutex_); return other_content_; }

 private:
  std::mutex mutex_;
  base::SeededRandom random_{5};
  bool calm_ = false;
  size_t asked_ = 0, repeats_ = 0, other_content_ = 0;
  std::map<std::string, std::string> texts_;               // by message id
  std::map<std::string, std::vector<std::string>> told_;   // by identity number, each message id once
  std::unique_ptr<net::HttpServer> server_;
};

// The server as a child process, killed and begun again on the same port.
class House {
 public:
  House(std::string program, std::string pack, uint16_t bureau_port) : program_(std::move(program)), pack_(std::move(pack)) {
    char name[] = "/tmp/heyi-storm-XXXXXX";
    directory_ = ::mkdtemp(name);
    base::SystemRandom random;
    if (!heyi::server::WriteTrialConfig(directory_, bureau_port, random).ok()) std::abort();
    ShortenPauses();
    uint16_t dice = 0;
    random.Fill(&dice, sizeof dice);
    port_ = static_cast<uint16_t>(24'000 + dice % 4'000);
  }
  ~House() {
    Kill(SIGTERM);
    if (failed == 0) std::filesystem::remove_all(directory_);
    else fmt::print("left for a look: {}\n", directory_);
  }

  void Start() {
    child_ = ::fork();
    if (child_ == 0) {
      ::setenv("HEYI_PACK", pack_.c_str(), 1);
      std::freopen((directory_ + "/out").c_str(), "a", stdout);
      std::freopen((directory_ + "/err").c_str(), "a", stderr);
      const std::string listen = fmt::format("127.0.0.1:{}", port_);
      ::execl(program_.c_str(), program_.c_str(), "serve", "--data", directory_.c_str(), "--listen", listen.c_str(), "--log", (directory_ + "/log").c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 600; ++i) {
      if (Ask("GET", "/health/live", "", "", 1'000).first == 200) return;
      std::this_thread::sleep_for(50ms);
    }
    fmt::print("the server does not start\n");
    std::abort();
  }
  void Kill(int signal) {
    if (child_ <= 0) return;
    ::kill(child_, signal);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

  std::string Token(const std::string& who) const {
    const auto text = base::ReadFile(directory_ + (who == "operator" ? "/operator.token" : "/tokens/" + who + ".token"));
    return text.ok() ? std::string(base::Trim(*text)) : "";
  }
  // Status 0: no answer.
  std::pair<int, std::string> Ask(const std::string& method, const std::string& target, const std::string& who, std::string body, uint32_t timeout_ms) const {
    const std::string origin = fmt::format("http://127.0.0.1:{}", port_);
    net::HttpClient::Options options;
    options.allowed_prefixes = {origin + "/"};
    options.total_timeout_ms = timeout_ms;
    options.answer_bytes_max = 256 << 20;
    net::ClientRequest request;
    request.method = method;
    request.url = origin + target;
    if (!who.empty()) request.headers.emplace_back("Authorization", "Bearer " + Token(who));
    request.body = std::move(body);
    const auto answer = net::HttpClient(options).Send(request);
    return answer.ok() ? std::pair(answer->status, answer->body) : std::pair(0, std::string());
  }

 private:
  // The receiver is well again within seconds, so waits of a minute would only make the test long.
  void ShortenPauses() {
    auto config = base::ParseJson(*base::ReadFile(directory_ + "/config.json"));
    if (!config.ok()) std::abort();
    JsonValue& out = config->Find("channels")->Find("outbound")->items()[0];
    JsonValue retry = JsonValue::Object(), breaker = JsonValue::Object();
    retry.Set("first_ms", JsonValue::OfInteger(20));
    retry.Set("max_ms", JsonValue::OfInteger(500));
    breaker.Set("pause_ms", JsonValue::OfInteger(50));
    breaker.Set("pause_max_ms", JsonValue::OfInteger(500));
    out.Set("retry", std::move(retry));
    out.Set("breaker", std::move(breaker));
    if (!base::WriteFileDurably(directory_ + "/config.json", base::WriteJson(*config, true), 0600).ok()) std::abort();
  }

  const std::string program_, pack_;
  std::string directory_;
  uint16_t port_ = 0;
  pid_t child_ = 0;
};

std::string ElderMessage(size_t elder) {
  JsonValue data = JsonValue::Object();
  data.Set("id", JsonValue::OfInteger(static_cast<int64_t>(elder) + 1));
  data.Set("name", JsonValue::OfString(fmt::format("示例{}", elder)));
  data.Set("gender", JsonValue::OfString("1"));
  data.Set("age", JsonValue::OfInteger(86));
  data.Set("idCardNo", JsonValue::OfString(IdentityNumber(elder)));
  data.Set("areaCode", JsonValue::OfString("310199001"));
  const std::string code = std::string(kHomeCode) + adapters::CreditCodeCheckCharacter(kHomeCode);
  return adapters::CivilAdapter().Write({"ELDER", fmt::format("E{}", elder), code, "310199", base::SystemClock().NowMs(), std::move(data)});
}

// ADT^A08: the elder's telephone is another now.
struct Change {
  size_t elder, step;
  std::string id, raw;
};
Change MakeChange(size_t elder, size_t step) {
  Change change{elder, step, fmt::format("C{}-{}", elder, step), {}};
  change.raw = fmt::format(
      "MSH|^~\\&|HIS|{}|HEYI|DISTRICT|20260302091500||ADT^A08^ADT_A01|{}|P|2.5.1|||||CHN|UNICODE UTF-8\r"
      "EVN||20260302091500\rPID|1||{}^^^GB11643^NI||示例{}^^^^^^L||19400101|M|||||{}^PRN^PH\rPV1|1|O\r",
      kHospital, change.id, IdentityNumber(elder), elder, Phone(elder, step));
  return change;
}

// One of the hospital's connections: its elders' changes, each until it is acknowledged.
class Sender {
 public:
  Sender(const House& house, size_t number, size_t messages) : house_(house), number_(number), messages_(messages), random_(number + 1) {}

  void Run() {
    std::optional<Change> held;
    for (size_t sent = 0; sent < messages_; ++sent) {
      const size_t elder = number_ + kSenders * (Roll() % (kElders / kSenders));
      Change change = MakeChange(elder, ++steps_[elder]);
      if (!held && Roll() % 10 == 0) {  // comes behind the next ones
        held = std::move(change);
        continue;
      }
      Send(change);
      if (Roll() % 10 == 0) Send(change);
      if (held && Roll() % 3 == 0) {
        Send(*held);
        held.reset();
      }
    }
    if (held) Send(*held);
  }

  const std::map<size_t, std::vector<size_t>>& order() const { return order_; }  // elder -> steps as they were first taken
  size_t wrong_answers() const { return wrong_answers_; }
  size_t tries() const { return tries_; }
  const std::vector<double>& latencies() const { return latencies_; }

 private:
  void Send(const Change& change) {
    const auto begun = Clock::now();
    for (;;) {
      ++tries_;
      const auto [status, answer] = house_.Ask("POST", "/exchange/health", "hospital", change.raw, 20'000);
      const bool taken = status == 200 && answer.find("MSA|AA|" + change.id) != std::string::npos;
      if (!taken) {
        if (status == 200) {
          ++wrong_answers_;
          if (wrong_answers_ < 3) fmt::print("{}: {}\n", change.id, answer.substr(0, 400));
          return;
        }
        std::this_thread::sleep_for(20ms);
        continue;
      }
      const auto [known, first] = answers_.emplace(change.id, answer);
      if (first) {
        order_[change.elder].push_back(change.step);
        latencies_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
      } else if (known->second != answer) {
        ++wrong_answers_;
      }
      return;
    }
  }
  size_t Roll() {
    uint32_t value = 0;
    random_.Fill(&value, sizeof value);
    return value;
  }

  const House& house_;
  const size_t number_, messages_;
  base::SeededRandom random_;
  std::map<size_t, size_t> steps_;
  std::map<size_t, std::vector<size_t>> order_;
  std::map<std::string, std::string> answers_;  // by message id
  size_t wrong_answers_ = 0, tries_ = 0;
  std::vector<double> latencies_;
};

std::string TextOf(const JsonValue& channel, std::string_view name) { return std::string(channel.StringAt(name)); }

// Until nothing waits any more in the outbox.
bool OutboxEmpties(const House& house) {
  std::string last;
  for (int still = 0; still < 600;) {
    const auto [status, body] = house.Ask("GET", "/exchange/channels/civil-affairs", "operator", "", 5'000);
    const auto json = base::ParseJson(body);
    if (status == 200 && json.ok()) {
      const std::string waiting = TextOf(*json, "waiting");
      if (waiting == "0" && ++still > 5) return true;
      if (waiting != "0" && waiting == last) ++still;
      else if (waiting != "0") still = 0;
      last = waiting;
    }
    std::this_thread::sleep_for(100ms);
  }
  fmt::print("the outbox still has {}\n", last);
  return false;
}

void CheckElder(const House& house, Bureau& bureau, size_t elder, const std::vector<size_t>& steps) {
  std::vector<std::string> want;
  for (size_t step : steps) want.push_back(Phone(elder, step));
  const std::string number = IdentityNumber(elder);
  const auto found = base::ParseJson(house.Ask("GET", "/fhir/Patient?identifier=urn:oid:2.16.156.10011.1.3|" + number, "operator", "", 20'000).second);
  if (!found.ok() || (*found)["entry"].items().size() != 1) return Check(false, fmt::format("elder {} is not one Patient", elder));
  const JsonValue& patient = (*found)["entry"].items()[0]["resource"];
  Check(patient["meta"].StringAt("versionId") == std::to_string(1 + steps.size()),
        fmt::format("elder {}: {} versions, {} messages", elder, patient["meta"].StringAt("versionId"), steps.size()));
  const auto& telecom = patient["telecom"].items();
  Check(want.empty() || (telecom.size() == 1 && telecom[0].StringAt("value") == want.back()), fmt::format("elder {}: the last word does not stand", elder));
  const std::vector<std::string> told = bureau.Told(number);
  Check(told == want, fmt::format("elder {}: {} told of {} changes, or out of order", elder, told.size(), want.size()));
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    fmt::print("usage: exchange_storm PROGRAM PACK MESSAGES [KILL-SECONDS]\n");
    return 2;
  }
  const size_t messages = std::strtoul(words[3], nullptr, 10);
  const auto kill_every = std::chrono::milliseconds(count > 4 ? static_cast<int>(std::atof(words[4]) * 1'000) : 5'000);
  Bureau bureau(0);
  House house(words[1], words[2], bureau.port());
  house.Start();
  for (size_t elder = 0; elder < kElders; ++elder) {
    const auto [status, answer] = house.Ask("POST", "/exchange/civil-affairs", "civil-affairs", ElderMessage(elder), 20'000);
    if (status != 200 || answer.find("\"code\":0") == std::string::npos) {
      fmt::print("elder {}: {} {}\n", elder, status, answer);
      return 1;
    }
  }

  const auto begun = Clock::now();
  std::vector<std::unique_ptr<Sender>> senders;
  std::vector<std::thread> threads;
  std::atomic<size_t> running{kSenders};
  for (size_t i = 0; i < kSenders; ++i) senders.push_back(std::make_unique<Sender>(house, i, messages / kSenders));
  for (const auto& sender : senders) {
    threads.emplace_back([&sender, &running] {
      sender->Run();
      --running;
    });
  }
  size_t kills = 0;
  while (running > 0) {
    for (auto until = Clock::now() + kill_every; running > 0 && Clock::now() < until;) std::this_thread::sleep_for(50ms);
    if (running == 0) break;
    house.Kill(SIGKILL);
    ++kills;
    house.Start();
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  house.Kill(SIGKILL);
  house.Start();
  ++kills;

  Check(OutboxEmpties(house), "the outbox is delivered to the last row");
  bureau.Calm();
  size_t taken = 0, tries = 0;
  std::vector<double> latencies;
  for (const auto& sender : senders) {
    Check(sender->wrong_answers() == 0, fmt::format("{} wrong acknowledgements", sender->wrong_answers()));
    tries += sender->tries();
    latencies.insert(latencies.end(), sender->latencies().begin(), sender->latencies().end());
    for (const auto& [elder, steps] : sender->order()) {
      taken += steps.size();
      CheckElder(house, bureau, elder, steps);
    }
  }
  Check(taken == messages / kSenders * kSenders, fmt::format("{} of {} messages taken", taken, messages));
  Check(bureau.other_content() == 0, "one message id, one content");
  const auto provenance = base::ParseJson(house.Ask("GET", "/fhir/Provenance?_total=accurate&_count=1", "operator", "", 60'000).second);
  Check(provenance.ok() && provenance->StringAt("total") == std::to_string(taken + kElders), "one Provenance a message");

  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double part) { return latencies.empty() ? 0 : latencies[static_cast<size_t>(part * static_cast<double>(latencies.size() - 1))]; };
  fmt::print("{} messages in {:.1f} s ({:.0f}/s), {} tries, {} kills; acknowledged after p50 {:.1f} ms, p99 {:.0f} ms; the bureau was asked {} times, {} repeats\n",
             taken, seconds, static_cast<double>(taken) / seconds, tries, kills, at(0.5), at(0.99), bureau.asked(), bureau.repeats());
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
