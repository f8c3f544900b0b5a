// Maps in one thread and without a server: pair maps on the golden messages, and maps in HL7's language.
//
//   maps_bench pair SOURCE SECONDS
//       each message's map both ways, with the envelope and without it; what it takes to compile the maps and to put
//       another into force. SOURCE: the repository
//   maps_bench fml SOURCE WORK CASE SECONDS
//       answers | answers_where | list-N: a map of bench/fml. Leaves CASE.fml, CASE.in.json, CASE.want.json and
//       CASE.heyi.json in WORK for bench/peers/maps.mjs
//
// An answer that is not the one that stands beside the input ends the program: only what is right is timed.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "adapters/message.h"
#include "base/file.h"
#include "bench/maps_timing.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "mapping/embedded.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/parse.h"
#include "mapping/map_library.h"
#include "mapping/memory_targets.h"

namespace {

using namespace heyi;
using bench::Measure;
using bench::Timing;
namespace fs = std::filesystem;
constexpr base::TimeMs kNowMs = 1'772'414'100'123;

[[noreturn]] void Stop(const std::string& why) {
  fmt::print(stderr, "maps_bench: {}\n", why);
  std::exit(1);
}

template <class T>
T Must(base::Result<T> result, const std::string& what) {
  if (result.ok()) return std::move(*result);
  const auto& issues = result.error().outcome.issues();
  Stop(what + (issues.empty() ? "" : ": " + issues[0].rule + " at " + issues[0].expression));
}

// Members by name, so that two texts that say the same are the same.
std::string Sorted(const base::JsonValue& value) {
  if (value.is_array()) {
    std::string text = "[";
    for (const base::JsonValue& item : value.items()) text += Sorted(item) + ",";
    return text + "]";
  }
  if (!value.is_object()) return base::WriteJson(value);
  std::map<std::string, std::string> members;
  for (const auto& [name, member] : value.members()) members[name] = Sorted(member);
  std::string text = "{";
  for (const auto& [name, member] : members) text += "\"" + name + "\":" + member + ",";
  return text + "}";
}

std::string Sorted(const std::string& text) { return Sorted(Must(base::ParseJson(text), "an answer that is no JSON")); }

std::string Read(const fs::path& path) { return Must(base::ReadFile(path.string()), path.string()); }

void Write(const fs::path& path, const std::string& text) {
  (void)Must(base::WriteFileDurably(path.string(), text), path.string());
}

// A golden message that its map takes without an issue.
struct Case {
  std::string raw;
  adapters::Message message;
  mapping::MemoryTargets store;
  mapping::Mapped mapped;
  std::vector<std::pair<std::string, fhir::Node>> named;  // of `mapped` and of `store`: the way back reads them
  bool whole_back = false;  // the record has all that the department requires
};

using Cases = std::vector<std::unique_ptr<Case>>;

void CheckMapped(const fs::path& folder, const Case& one, const base::JsonValue& want) {
  const auto& resources = want["resources"].items();
  if (resources.size() != one.mapped.resources.size()) Stop(folder.string() + ": another number of resources");
  for (size_t i = 0; i < resources.size(); ++i) {
    const std::string made = fhir::WriteJson(one.mapped.resources[i].tree);
    if (Sorted(resources[i]["resource"]) != Sorted(made)) Stop(folder.string() + ": another resource: " + made);
  }
}

using NamedNodes = std::vector<std::pair<std::string, fhir::Node>>;

// What the map makes of a message, and what stood there and the map did not make.
NamedNodes Named(const mapping::Mapped& mapped, const mapping::MemoryTargets& store) {
  NamedNodes named;
  std::set<std::string> made;
  for (const mapping::MappedResource& resource : mapped.resources) {
    named.emplace_back(resource.name, resource.tree.root());
    made.insert(resource.name);
  }
  for (const auto& [name, tree] : store.resources()) {
    if (!made.contains(name)) named.emplace_back(name, tree.root());
  }
  return named;
}

Cases ReadCases(const fs::path& folder, const adapters::Adapter& adapter, const mapping::PairMap& map,
                const fhir::Definitions& definitions) {
  Cases cases;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& at = entry.path();
    const auto issues = base::ParseJson(Read(at / "issues.json"));
    if (!issues.ok() || !issues->items().empty()) continue;
    auto one = std::make_unique<Case>();
    one->raw = Read(fs::exists(at / "in.hl7") ? at / "in.hl7" : at / "in.json");
    one->message = Must(adapter.Read(one->raw), at.string());
    if (fs::exists(at / "store.json")) {
      const base::JsonValue stored = Must(base::ParseJson(Read(at / "store.json")), at.string());
      for (const base::JsonValue& resource : stored.items()) {
        auto tree = fhir::ParseResource(base::WriteJson(resource["resource"]), definitions);
        one->store.Add(std::string(resource.StringAt("name")), Must(std::move(tree), at.string()));
      }
    }
    one->mapped = Must(map.ToFhir(one->message, one->store), at.string());
    const base::JsonValue want = Must(base::ParseJson(Read(at / "want.json")), at.string());
    CheckMapped(at, *one, want);
    one->named = Named(one->mapped, one->store);
    base::Outcome outcome;
    const base::JsonValue back = Must(map.ToRecord(one->named, outcome), at.string());
    if (Sorted(back) != Sorted(want["back"])) Stop(at.string() + ": another record on the way back");
    one->whole_back = outcome.issues().empty();
    cases.push_back(std::move(one));
  }
  return cases;
}

void Print(std::string_view what, const Timing& timing) {
  fmt::print("  {:<34} {:>9.2f} µs {:>9.0f}/s   best {:>9.2f}   CPU {:>9.2f}\n", what, timing.median_us,
             1e6 / timing.median_us, timing.best_us, timing.cpu_us);
}

void TimeMessage(const fs::path& folder, std::string_view type, const mapping::MapLibrary& maps,
                 const fhir::Definitions& definitions, double seconds) {
  const adapters::Adapter* adapter = adapters::AdapterOf(folder.parent_path().filename().string());
  const mapping::PairMap* map = adapter == nullptr ? nullptr : maps.Find(adapter->department(), type);
  if (map == nullptr) Stop("no map for " + folder.string());
  const Cases cases = ReadCases(folder, *adapter, *map, definitions);
  size_t bytes = 0, made = 0, whole = 0;
  for (const auto& one : cases) {
    bytes += one->raw.size();
    made += one->mapped.resources.size();
    whole += one->whole_back ? 1 : 0;
  }
  if (cases.empty()) Stop("no cases in " + folder.string());
  const auto count = static_cast<double>(cases.size());
  fmt::print("{}: {} golden messages of {:.0f} bytes, {:.1f} resources each; {} go back as whole records\n", map->name(),
             cases.size(), static_cast<double>(bytes) / count, static_cast<double>(made) / count, whole);
  Print("message -> resources", Measure(seconds, cases.size(), [&] {
    for (const auto& one : cases) {
      if (!map->ToFhir(one->message, one->store).ok()) Stop("a map failed");
    }
  }));
  Print("bytes -> resources", Measure(seconds, cases.size(), [&] {
    for (const auto& one : cases) {
      if (!map->ToFhir(*adapter->Read(one->raw), one->store).ok()) Stop("a map failed");
    }
  }));
  Print("resources -> record", Measure(seconds, cases.size(), [&] {
    for (const auto& one : cases) {
      base::Outcome outcome;
      if (!map->ToRecord(one->named, outcome).ok()) Stop("a map failed");
    }
  }));
  Print("resources -> bytes", Measure(seconds, cases.size(), [&] {
    for (const auto& one : cases) {
      base::Outcome outcome;
      adapters::Adapter::Outgoing out{std::string(type), "HY-1", "123101994250000771", "310199001", kNowMs, {}};
      out.record = *map->ToRecord(one->named, outcome);
      if (adapter->Write(out).empty()) Stop("no message was written");
    }
  }));
}

int TimePairMaps(const fhir::Definitions& definitions, const fs::path& source, double seconds) {
  const mapping::MapLibrary maps = Must(mapping::MapLibrary::Load(definitions), "the maps");
  const fs::path data = source / "tests/data/mapping";
  TimeMessage(data / "civil-affairs/ELDER", "ELDER", maps, definitions, seconds);
  TimeMessage(data / "civil-affairs/BED_REFERRAL", "BED_REFERRAL", maps, definitions, seconds);
  TimeMessage(data / "insurance/2401", "2401", maps, definitions, seconds);
  TimeMessage(data / "health/ADT_A01", "ADT^A01", maps, definitions, seconds);

  fmt::print("compiling\n");
  const mapping::EmbeddedFile* largest = nullptr;
  for (const mapping::EmbeddedFile& file : mapping::EmbeddedFiles()) {
    if (!file.name.starts_with("maps/")) continue;
    if (largest == nullptr || file.text.size() > largest->text.size()) largest = &file;
    const std::string_view name = file.name.substr(5);
    Print(fmt::format("{} ({} bytes)", name, file.text.size()), Measure(seconds / 5, 1, [&] {
      if (!mapping::PairMap::Compile(name, file.text, definitions, maps.tables()).ok()) Stop("a map failed");
    }));
  }
  if (largest == nullptr) Stop("there are no maps");
  Print("all maps and code tables", Measure(seconds / 5, 1, [&] {
    if (!mapping::MapLibrary::Load(definitions).ok()) Stop("the maps failed");
  }));
  const std::string_view name = largest->name.substr(5);
  mapping::MapsInForce in_force(maps);
  fmt::print("another text of {} into force\n", name);
  Print("compile, With, Replace", Measure(seconds, 1, [&] {
    auto map = mapping::PairMap::Compile(name, largest->text, definitions, maps.tables());
    if (!map.ok()) Stop("a map failed");
    in_force.Replace(maps.With(std::make_shared<const mapping::PairMap>(std::move(*map))));
  }));
  return 0;
}

// A questionnaire of `count` answers, and the Patient with as many contacts that list.fml makes of it.
std::pair<std::string, std::string> ListOf(size_t count) {
  std::string in = R"({"resourceType":"QuestionnaireResponse","status":"completed","item":[)";
  std::string want = R"({"resourceType":"Patient","contact":[)";
  for (size_t i = 0; i < count; ++i) {
    const char* comma = i == 0 ? "" : ",";
    in += fmt::format(R"({}{{"linkId":"{}","text":"Contact {}",)", comma, i, i);
    in += fmt::format(R"("answer":[{{"valueString":"021-{:08d}"}}]}})", i);
    want += fmt::format(R"({}{{"name":{{"text":"Contact {}"}},"telecom":[{{"value":"021-{:08d}"}}]}})", comma, i, i);
  }
  return {in + "]}", want + "]}"};
}

int TimeFml(const fhir::Definitions& definitions, const fs::path& source, const fs::path& work, const std::string& name,
            double seconds) {
  const fs::path data = source / "bench/fml";
  const bool list = name.starts_with("list-");
  const std::string text = Read(data / (list ? "list.fml" : name + ".fml"));
  const size_t length = list ? static_cast<size_t>(std::atol(name.c_str() + 5)) : 1;
  const auto [in, want] =
      list ? ListOf(length) : std::pair(Read(data / "answers.json"), Read(data / "answers.want.json"));
  const mapping::MemoryFmlSource nothing;
  const mapping::StructureMap map = Must(mapping::ParseFml(name, text), name);
  const mapping::CompiledMap compiled = Must(mapping::CompiledMap::Compile(map, definitions, nothing), name);
  const mapping::FmlInstance instance = Must(mapping::ReadJsonInstance(in, compiled.models(), nullptr), name);
  const std::vector<fhir::Node> roots = {instance.tree.root()};
  const mapping::FmlRunOptions options{.now_ms = kNowMs, .seed = "bench"};
  {
    const mapping::FmlAnswer answer = Must(compiled.Run(roots, options), name);
    const std::string got = fhir::WriteJson(answer.targets.at(0).tree);
    if (Sorted(got) != Sorted(want)) Stop(name + ": another answer: " + got.substr(0, 300));
    Write(work / (name + ".fml"), text);
    Write(work / (name + ".in.json"), in);
    Write(work / (name + ".want.json"), want);
  }
  fmt::print("{}: {} bytes in\n", name, in.size());
  if (!list) {
    Print("Heyi: compile the map", Measure(seconds / 5, 1, [&] {
      const auto parsed = mapping::ParseFml(name, text);
      if (!parsed.ok() || !mapping::CompiledMap::Compile(*parsed, definitions, nothing).ok()) Stop("a map failed");
    }));
  }
  const Timing trees = Measure(seconds, 1, [&] {
    if (!compiled.Run(roots, options).ok()) Stop("a map failed");
  });
  const Timing texts = Measure(seconds, 1, [&] {
    const auto read = mapping::ReadJsonInstance(in, compiled.models(), nullptr);
    if (!read.ok()) Stop("an input failed");
    const std::vector<fhir::Node> fresh = {read->tree.root()};
    const auto answer = compiled.Run(fresh, options);
    if (!answer.ok() || fhir::WriteJson(answer->targets[0].tree).empty()) Stop("a map failed");
  });
  Print("Heyi: tree -> tree", trees);
  Print("Heyi: JSON text -> JSON text", texts);
  if (list) {
    const auto items = static_cast<double>(length);
    fmt::print("  {:<34} {:>9.3f} µs by the clock, {:.3f} of CPU\n", "Heyi: an item of tree -> tree",
               trees.median_us / items, trees.cpu_us / items);
  }
  const auto json = [](const Timing& timing) {
    return fmt::format(R"({{"clock":{:.6f},"cpu":{:.6f}}})", timing.median_us, timing.cpu_us);
  };
  Write(work / (name + ".heyi.json"), R"({"values":)" + json(trees) + R"(,"texts":)" + json(texts) + "}");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const bool pair = args.size() == 3 && args[0] == "pair";
  const bool fml = args.size() == 5 && args[0] == "fml";
  if (!pair && !fml) {
    fmt::print(stderr, "usage: maps_bench pair SOURCE SECONDS | fml SOURCE WORK CASE SECONDS\n");
    return 2;
  }
  const auto definitions = Must(fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack"), "the definitions");
  const double seconds = std::atof(args.back().c_str());
  if (pair) return TimePairMaps(*definitions, args[1], seconds);
  return TimeFml(*definitions, args[1], args[2], args[3], seconds);
}
