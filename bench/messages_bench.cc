// Messages a second, from the first byte sent to the acknowledgement, which is durable: HL7 v2 by MLLP, CDA documents, civil
// affairs' and insurance's messages by HTTP, with 1 and 8 senders; and what reading them costs without a server.
//
//   messages_bench DATA HTTP-PORT MLLP-PORT MESSAGES    against a server that serves DATA with the invented district loaded
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "adapters/message.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/story/hospital.h"
#include "cli/story/mllp_client.h"
#include "cli/story/sender.h"

namespace {

using heyi::cli::Elder;
using heyi::cli::Visit;
using std::chrono::duration;
using std::chrono::steady_clock;
namespace adapters = heyi::adapters;
namespace base = heyi::base;
namespace cli = heyi::cli;

double Seconds(steady_clock::time_point since) { return duration<double>(steady_clock::now() - since).count(); }

const cli::Institution& Hospital() { return cli::InstitutionOf("hospital"); }

// The n-th message of a sender; every one another, about the sender's own elder.
std::string Adt(int sender, int n, base::TimeMs now) {
  const Elder& elder = cli::Elders()[static_cast<size_t>(sender)];
  const Visit visit{fmt::format("B{}-{}-{}", now, sender, n), "W3^305^12", now, 0};
  return AdtMessage("A01", Hospital(), elder, visit, fmt::format("B{}-{}-{}", now, sender, n), "UNICODE UTF-8", now);
}
std::string Cda(int sender, int n, base::TimeMs now) {
  const Elder& elder = cli::Elders()[static_cast<size_t>(sender)];
  return DischargeSummary(Hospital(), elder, {fmt::format("B{}-{}-{}", now, sender, n), "", now, 0}, fmt::format("B{}-{}-{}", now, sender, n), now);
}
std::string Bed(int sender, int n, base::TimeMs now) {
  const cli::Institution& home = cli::InstitutionOf("care-home-1");
  base::JsonValue data = cli::Record({{"id", std::to_string(sender + 1)}, {"orgUscc", home.uscc}, {"floor", "1"}, {"roomNumber", "101"},
                                      {"bedNumber", std::to_string(sender + 1)}, {"status", n % 2 == 0 ? "1" : "0"}, {"bedType", "care-home"}});
  return adapters::CivilAdapter().Write({"BED", fmt::format("B{}-{}-{}", now, sender, n), home.uscc, std::string(cli::kAreaCode), now, std::move(data)});
}

struct Sending {
  const char* name;
  std::string (*make)(int sender, int n, base::TimeMs now);
  const char* path;  // null: MLLP
};

class Bench {
 public:
  Bench(const std::string& data, uint16_t http, uint16_t mllp, int messages)
      : server_(fmt::format("http://127.0.0.1:{}", http)), token_(cli::ReadToken(data + "/operator.token")), mllp_(mllp), messages_(messages) {}

  void Run(const Sending& sending, int senders) {
    const base::TimeMs now = base::SystemClock().NowMs();
    std::vector<std::vector<double>> latencies(static_cast<size_t>(senders));
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    const auto begun = steady_clock::now();
    for (int sender = 0; sender < senders; ++sender) {
      threads.emplace_back([&, sender] {
        cli::MllpClient mllp;
        const cli::Client http(server_, token_);
        for (int n = 0; n < messages_ / senders; ++n) {
          const std::string message = sending.make(sender, n, now);
          const auto sent = steady_clock::now();
          if (sending.path == nullptr) {
            const auto answer = mllp.Send(mllp_, message);
            if (!answer.ok() || cli::AcknowledgementCode(*answer) != "AA") Refuse(refused, answer.ok() ? *answer : "no answer");
          } else {
            const auto answer = http.Post(sending.path, message);
            if (!answer.ok() || answer->json.StringAt("code") != "0") Refuse(refused, answer.ok() ? answer->body : "no answer");
          }
          latencies[static_cast<size_t>(sender)].push_back(Seconds(sent) * 1e3);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const double took = Seconds(begun);
    std::vector<double> all;
    for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
    std::sort(all.begin(), all.end());
    std::printf("%-28s %8d %12.0f %9.2f %9.2f %9.1f %9d\n", sending.name, senders, static_cast<double>(all.size()) / took, all[all.size() / 2],
                all[all.size() * 99 / 100], all.back(), refused.load());
  }

 private:
  static void Refuse(std::atomic<int>& refused, const std::string& why) {
    if (refused++ == 0) std::printf("  first refusal: %.300s\n", why.c_str());
  }

  const std::string server_, token_;
  const uint16_t mllp_;
  const int messages_;
};

void Reading(const char* name, const adapters::Adapter& adapter, const std::string& raw) {
  const auto begun = steady_clock::now();
  size_t times = 0;
  for (; Seconds(begun) < 1; ++times) {
    if (!adapter.Read(raw).ok()) std::exit(1);
  }
  const double each = Seconds(begun) / static_cast<double>(times);
  std::printf("%-28s %8zu B %9.1f us %9.0f MB/s\n", name, raw.size(), each * 1e6, static_cast<double>(raw.size()) / each / 1e6);
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) {
    std::fprintf(stderr, "messages_bench DATA HTTP-PORT MLLP-PORT MESSAGES\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const base::TimeMs now = base::SystemClock().NowMs();
  std::printf("reading: syntax, character set, digest, every field checked\n");
  Reading("HL7 v2 ADT^A01", adapters::HealthAdapter(), Adt(0, 0, now));
  Reading("CDA C0053", adapters::CdaAdapter(), Cda(0, 0, now));
  Reading("civil affairs BED", adapters::CivilAdapter(), Bed(0, 0, now));

  std::printf("\nsent and acknowledged, durable and mapped\n%-28s %8s %12s %9s %9s %9s %9s\n", "", "senders", "messages/s", "p50 ms", "p99 ms", "worst ms", "refused");
  Bench bench(words[1], static_cast<uint16_t>(std::atoi(words[2])), static_cast<uint16_t>(std::atoi(words[3])), std::atoi(words[4]));
  for (const Sending& sending : {Sending{"HL7 v2 ADT^A01 (MLLP)", Adt, nullptr}, Sending{"CDA C0053 (HTTP)", Cda, "/exchange/health-cda"},
                                 Sending{"civil affairs BED (HTTP)", Bed, "/exchange/civil-affairs"}}) {
    for (const int senders : {1, 8}) bench.Run(sending, senders);
  }
  return 0;
}
