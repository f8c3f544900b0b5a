// heyi corpora: runs cases that nobody here wrote and says how many passed. A failure is a result and no error, unless
// --strict says otherwise.
#include "cli/corpora/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/in_process.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

constexpr Runner kRunners[] = {
    {"json-torture", RunJsonTorture}, {"xml-torture", RunXmlTorture},   {"r4-examples", RunR4Examples},
    {"synthea-120", RunSynthea},      {"search-cases", RunSearchCases}, {"fhirpath-r4", RunFhirPath},
    {"fhirpath-js", RunFhirPathJs},   {"ucum", RunUcum},                {"patch-r4", RunPatch},
    {"hl7v2", RunHl7V2},              {"validator-r4", RunValidator},     {"tx", RunTerminology},
    {"fml", RunFml},
};

constexpr std::string_view kUsage = "usage: heyi corpora [NAME…] [--dir DIR] [--out FILE] [--strict]\n";

const Runner* FindRunner(std::string_view name) {
  const auto found = std::find_if(std::begin(kRunners), std::end(kRunners), [&](const Runner& runner) { return runner.name == name; });
  return found == std::end(kRunners) ? nullptr : found;
}

// Those asked for, else every folder that is there, in the runners' order and then by name.
std::vector<std::string> NamesToRun(const std::vector<std::string>& asked, const std::string& directory) {
  if (!asked.empty()) return asked;
  std::vector<std::string> names, others;
  for (const Runner& runner : kRunners) {
    if (std::filesystem::is_directory(directory + "/" + std::string(runner.name))) names.emplace_back(runner.name);
  }
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && FindRunner(name) == nullptr) others.push_back(name);
  }
  std::sort(others.begin(), others.end());
  names.insert(names.end(), others.begin(), others.end());
  return names;
}

// False where a runner broke.
bool RunOne(const std::string& name, const std::string& directory, const std::shared_ptr<const fhir::SearchParameters>& parameters,
            std::FILE* failures, Tally& sum) {
  const Runner* runner = FindRunner(name);
  const std::string folder = directory + "/" + name;
  if (!std::filesystem::is_directory(folder)) {
    fmt::print("{}: skipped, there is no {}\n", name, folder);
    return true;
  }
  if (runner == nullptr) {
    fmt::print("{}: not run yet\n", name);
    return true;
  }
  Report report(name, failures);
  const base::Result<base::Done> ran = runner->run({folder, parameters}, report);
  report.Print();
  sum.passed += report.tally().passed;
  sum.failed += report.tally().failed;
  if (ran.ok()) return true;
  fmt::print("{}: broken\n", name);
  std::fflush(stdout);
  ReportError(ran.error());
  return false;
}

}  // namespace

std::span<const Runner> Runners() { return kRunners; }

int RunCorpora(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"dir", "out"};
  constexpr std::string_view kFlags[] = {"strict"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, kFlags, &arguments)) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const char* given = std::getenv("HEYI_CORPORA");
  const std::string directory = arguments.Option("dir", given == nullptr ? "" : given);
  if (!std::filesystem::is_directory(directory)) {
    fmt::print("corpora: skipped, {}\n", directory.empty() ? "neither --dir nor HEYI_CORPORA is given" : "there is no " + directory);
    return 0;
  }
  const auto parameters = LoadParameters(PackPath());
  if (!parameters.ok()) return ReportError(parameters.error());
  const std::string out = arguments.Option("out", "corpora-failures.jsonl");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> failures(std::fopen(out.c_str(), "w"), std::fclose);
  if (failures == nullptr) {
    return ReportError(base::Error(base::ErrorKind::kUnavailable, "file.failed", {}, "open " + out));
  }
  Tally sum;
  bool whole = true;
  for (const std::string& name : NamesToRun(arguments.positional(), directory)) {
    whole = RunOne(name, directory, *parameters, failures.get(), sum) && whole;
  }
  fmt::print("{} passed, {} failed\n", sum.passed, sum.failed);
  const bool strict = arguments.Has("strict") && sum.failed > 0;
  return whole && !strict ? 0 : 1;
}

}  // namespace heyi::cli
