// The validator on resources as they come: microseconds each, in one thread.
//
//   validate_bench DIR [ROUNDS]      every resource of the Bundles *.json and *.json.bz2 in DIR (Synthea's), then one Bundle
//                                    of 100 of its Patients; --data of `heyi validate` does not matter here
//
// The first round warms what is compiled once and is not counted. Verdicts are printed, so that a bench of refusals shows.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "cli/corpora/files.h"
#include "conformance/knowledge.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"

namespace {

using namespace heyi;
using Clock = std::chrono::steady_clock;
constexpr base::TimeMs kNowMs = 1'700'000'000'000;

double Microseconds(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::vector<fhir::Tree> Entries(const std::string& directory, const fhir::Definitions& definitions) {
  std::vector<fhir::Tree> trees;
  std::vector<std::string> names = cli::FileNames(directory, ".json");
  for (const std::string& packed : cli::FileNames(directory, ".json.bz2")) names.push_back(packed);
  for (const std::string& name : names) {
    auto text = cli::ReadUnpacked(directory + "/" + name);
    if (!text.ok()) continue;
    auto bundle = fhir::ParseResource(std::move(*text), definitions);
    if (!bundle.ok() || bundle->type()->name != "Bundle") continue;
    const fhir::Node entries = bundle->root().Member("entry");
    for (fhir::Node entry = entries.first_child(); entry; entry = entry.next()) {
      if (const fhir::Node resource = entry.Member("resource")) trees.push_back(fhir::Tree::CopyOf(resource));
    }
  }
  return trees;
}

bool IsValid(const conformance::Validator& validator, const fhir::Tree& tree) {
  base::Outcome outcome;
  validator.Validate(tree, {}, nullptr, kNowMs, outcome);
  return !outcome.HasErrors();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: validate_bench DIR [ROUNDS]\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  const std::string pack = HEYI_BINARY_DIR "/heyi-r4.pack";
  const auto definitions = fhir::Definitions::Load(pack);
  if (!definitions.ok()) return 1;
  const auto begun = Clock::now();
  const auto knowledge = conformance::Knowledge::Open(**definitions, conformance::Knowledge::BuiltIn(pack), {}, nullptr);
  if (!knowledge.ok()) return 1;
  fmt::print("opened in {:.1f} ms\n", Microseconds(Clock::now() - begun) / 1000);
  const conformance::Validator& validator = (*knowledge)->validator();
  const std::vector<fhir::Tree> trees = Entries(argv[1], **definitions);
  std::vector<double> times;
  size_t valid = 0;
  for (int round = 0; round <= rounds; ++round) {
    for (const fhir::Tree& tree : trees) {
      const auto start = Clock::now();
      const bool good = IsValid(validator, tree);
      const double time = Microseconds(Clock::now() - start);
      if (round == 0) {
        valid += good ? 1 : 0;
      } else {
        times.push_back(time);
      }
    }
  }
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) sum += time;
  const auto at = [&](double part) { return times.empty() ? 0.0 : times[static_cast<size_t>(part * static_cast<double>(times.size() - 1))]; };
  fmt::print("{} resources, {} valid: median {:.1f} µs, mean {:.1f}, p99 {:.0f}, most {:.0f}\n", trees.size(), valid, at(0.5),
             sum / static_cast<double>(times.size()), at(0.99), at(1));

  std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  size_t count = 0;
  while (count < 100 && !trees.empty()) {
    for (const fhir::Tree& tree : trees) {
      if (tree.type()->name != "Patient" || count == 100) continue;
      bundle += (count == 0 ? "" : ",") + fmt::format(R"({{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{:012d}","resource":)", count) + fhir::WriteJson(tree) + "}";
      ++count;
    }
  }
  bundle += "]}";
  const auto parsing = Clock::now();
  const auto tree = fhir::ParseResource(bundle, **definitions);
  if (!tree.ok()) return 1;
  const auto checking = Clock::now();
  const bool good = IsValid(validator, *tree);
  fmt::print("a Bundle of 100 Patients ({} kB): parsed in {:.1f} ms, {} in {:.1f} ms\n", bundle.size() / 1024, Microseconds(checking - parsing) / 1000,
             good ? "valid" : "not valid", Microseconds(Clock::now() - checking) / 1000);
  return 0;
}
