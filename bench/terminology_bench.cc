// Terminology in process, on one thread: the engine alone, and whole FHIR requests from JSON to JSON. The code system is
// invented, of the size of a national insurance edition of ICD-10: 2,600 categories with 33,800 codes below them.
#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "cli/in_process.h"
#include "cli/scratch_directory.h"
#include "conformance/library/memory_source.h"
#include "conformance/terminology/terminology.h"

namespace {

using heyi::base::JsonValue;
using heyi::conformance::ExpandRequest;
using heyi::conformance::Terminology;
using heyi::conformance::ValidateRequest;

constexpr std::string_view kSystem = "https://heyi.example/fhir/CodeSystem/bench-icd10";
constexpr int kCategories = 2'600;
constexpr int kBelow = 13;

std::string CodeSystemJson() {
  std::string json = fmt::format(R"({{"resourceType":"CodeSystem","url":"{}","version":"2.0","name":"Bench","status":"active",)", kSystem);
  json += R"("content":"complete","caseSensitive":true,"concept":[)";
  for (int i = 0; i < kCategories; ++i) {
    const std::string category = fmt::format("{}{:02}", static_cast<char>('A' + i / 100), i % 100);
    json += fmt::format(R"({}{{"code":"{}","display":"类目 {}","concept":[)", i == 0 ? "" : ",", category, category);
    for (int j = 0; j < kBelow; ++j) {
      json += fmt::format(R"({}{{"code":"{}.{}00x00{}","display":"疾病 {} 第 {} 型",)", j == 0 ? "" : ",", category, j % 10, j, category, j);
      json += fmt::format(R"("designation":[{{"language":"en","value":"Disease {} type {}"}}]}})", category, j);
    }
    json += "]}";
  }
  return json + "]}";
}

std::string ValueSetJson(std::string_view name, std::string_view include) {
  return fmt::format(R"({{"resourceType":"ValueSet","url":"urn:bench:{}","status":"active","compose":{{"include":[{}]}}}})", name, include);
}

std::string AllJson() { return ValueSetJson("all", fmt::format(R"({{"system":"{}"}})", kSystem)); }
std::string CategoryJson() {
  constexpr std::string_view kFilter = R"("filter":[{"property":"concept","op":"is-a","value":"E11"}])";
  return ValueSetJson("category", fmt::format(R"({{"system":"{}",{}}})", kSystem, kFilter));
}

void Time(std::string_view what, const std::function<void(int)>& run) {
  using Clock = std::chrono::steady_clock;
  int rounds = 1;
  double seconds = 0;
  for (; seconds < 1.0; rounds *= 4) {
    const auto begun = Clock::now();
    for (int i = 0; i < rounds; ++i) run(i);
    seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    if (seconds >= 1.0) break;
  }
  fmt::print("{:<58} {:>12.0f}/s\n", what, rounds / seconds);
}

std::string CodeAt(int i) {
  const int category = (i * 37) % kCategories;
  return fmt::format("{}{:02}.{}00x00{}", static_cast<char>('A' + category / 100), category % 100, i % 10, i % 10);
}

void Engine(const std::string& code_system) {
  heyi::conformance::MemorySource source;
  source.Add(*heyi::base::ParseJson(code_system));
  source.Add(*heyi::base::ParseJson(AllJson()));
  source.Add(*heyi::base::ParseJson(CategoryJson()));
  const Terminology terminology(source);
  const auto begun = std::chrono::steady_clock::now();
  const auto system = terminology.System(kSystem, {});
  fmt::print("{} concepts in {:.1f} MB, compiled in {:.0f} ms\n", system->size(), static_cast<double>(system->bytes()) / 1e6,
             std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
  Time("engine: InValueSet, the whole system", [&](int i) { terminology.InValueSet("urn:bench:all", kSystem, {}, CodeAt(i), {}); });
  Time("engine: $validate-code with display, the whole system", [&](int i) {
    ValidateRequest request;
    request.codings = {{std::string(kSystem), {}, CodeAt(i), "疾病"}};
    if (!terminology.ValidateInValueSet({"urn:bench:all", {}, nullptr}, request).ok()) std::abort();
  });
  Time("engine: $expand of a category (14 codes)", [&](int) {
    ExpandRequest request;
    request.value_set.url = "urn:bench:category";
    if (!terminology.Expand(request).ok()) std::abort();
  });
  Time("engine: $expand by text, each time another, 36,400 codes", [&](int i) {
    ExpandRequest request;
    request.value_set.url = "urn:bench:all";
    request.filter = fmt::format("{} 型", CodeAt(i).substr(0, 3));
    request.count = 20;
    if (!terminology.Expand(request).ok()) std::abort();
  });
}

int Requests(const std::string& code_system) {
  auto parameters = heyi::cli::LoadParameters(HEYI_BINARY_DIR "/heyi-r4.pack");
  auto scratch = heyi::cli::ScratchDirectory::Make();
  if (!parameters.ok() || !scratch.ok()) return 1;
  auto house = heyi::cli::InProcess::Open(*parameters, scratch->path());
  if (!house.ok()) return 1;
  const auto ask = [&](std::string_view method, std::string_view address, std::string body) {
    const auto response = (*house)->Ask(method, address, std::move(body));
    if (response.status >= 300) {
      fmt::print("{} {}: {}\n", method, address, response.body.substr(0, 300));
      std::abort();
    }
    return response.body.size();
  };
  ask("POST", "CodeSystem", code_system);
  ask("POST", "ValueSet", AllJson());
  ask("POST", "ValueSet", CategoryJson());
  Time("request: POST ValueSet/$validate-code", [&](int i) {
    const std::string coding = fmt::format(R"({{"system":"{}","code":"{}"}})", kSystem, CodeAt(i));
    ask("POST", "ValueSet/$validate-code",
        R"({"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"urn:bench:all"},{"name":"coding","valueCoding":)" + coding + "}]}");
  });
  Time("request: GET ValueSet/$expand, a category (14 codes)", [&](int) { ask("GET", "ValueSet/$expand?url=urn:bench:category", {}); });
  Time("request: GET ValueSet/$expand, a page of 20 of 36,400", [&](int) { ask("GET", "ValueSet/$expand?url=urn:bench:all&count=20&offset=400", {}); });
  Time("request: GET CodeSystem/$lookup", [&](int i) { ask("GET", fmt::format("CodeSystem/$lookup?system={}&code={}", kSystem, CodeAt(i)), {}); });
  return 0;
}

}  // namespace

int main() {
  const std::string code_system = CodeSystemJson();
  Engine(code_system);
  return Requests(code_system);
}
