// HL7's and matchbox's cases for the mapping language: maps that must be read, and what must come of a source by a map.
// https://github.com/FHIR/fhir-test-cases (structure-mapping) and https://github.com/ahdis/matchbox (mapping-language)
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/xml/tree.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "fhir/json/write.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"
#include "mapping/fml/print.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using base::XmlNode;
namespace fs = std::filesystem;

constexpr std::string_view kTransformed = "as expected", kFailure = "an error";

std::vector<std::string> FilesBelow(const std::string& directory, std::string_view ending) {
  std::vector<std::string> files;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(directory, failed)) {
    const std::string path = entry.path().string();
    if (entry.is_regular_file() && path.ends_with(ending)) files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Members by name, so that their order does not count.
void AppendSorted(const JsonValue& value, std::string& out) {
  if (value.is_object()) {
    std::map<std::string_view, const JsonValue*> members;
    for (const auto& [name, member] : value.members()) members.emplace(name, &member);
    out += '{';
    for (const auto& [name, member] : members) {
      base::AppendJsonString(out, name);
      out += ':';
      AppendSorted(*member, out);
      out += ',';
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (const JsonValue& item : value.items()) {
      AppendSorted(item, out);
      out += ',';
    }
    out += ']';
  } else {
    out += base::WriteJson(value);
  }
}

// XML and JSON of one instance as the same lines: children by name, attributes as children, text as `data`; prefixes,
// xsi:type and what stands between elements do not count.
using Lines = std::vector<std::string>;

void AppendXml(const XmlNode& node, const std::string& path, Lines& out) {
  std::map<std::string, size_t> counts;
  const auto leaf = [&](const std::string& name, std::string_view text) {
    out.push_back(fmt::format("{}.{}[{}]={}", path, name, counts[name]++, text));
  };
  for (const XmlNode::Attribute& attribute : node.attributes) {
    if (attribute.ns.empty()) leaf(attribute.name, attribute.value);
  }
  if (const std::string text = node.OwnText(); !text.empty()) leaf("data", text);
  for (const XmlNode& child : node.children) {
    if (child.is_text()) continue;
    const bool plain = child.attributes.size() == 1 && child.attributes[0].name == "value" && child.children.empty();
    if (plain) {
      leaf(child.name, child.attributes[0].value);
    } else {
      AppendXml(child, fmt::format("{}.{}[{}]", path, child.name, counts[child.name]++), out);
    }
  }
}

void AppendJsonLines(const JsonValue& value, const std::string& path, Lines& out) {
  for (const auto& [name, member] : value.members()) {
    if (name == "resourceType") continue;
    const std::vector<JsonValue> one = {member};
    const std::vector<JsonValue>& items = member.is_array() ? member.items() : one;
    for (size_t i = 0; i < items.size(); ++i) {
      const std::string here = fmt::format("{}.{}[{}]", path, name, i);
      if (!items[i].is_object()) {
        out.push_back(here + "=" + items[i].text());
      } else {
        const std::string_view resource = items[i].StringAt("resourceType");
        AppendJsonLines(items[i], resource.empty() ? here : fmt::format("{}.{}[0]", here, resource), out);
      }
    }
  }
}

std::string Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

Result<std::string> ComparableXml(const std::string& text) {
  HEYI_TRY(document, base::ParseXml(text));
  Lines lines;
  AppendXml(document.root, document.root.name, lines);
  return Sorted(std::move(lines));
}

class FmlSuite {
 public:
  FmlSuite(const fhir::Definitions& definitions, Report& report) : definitions_(definitions), report_(report) {}

  // Read, printed and read again.
  void Parse(const std::string& path) {
    const auto text = base::ReadFile(path);
    if (!text.ok()) return;
    const auto map = mapping::ParseFml(fs::path(path).filename().string(), *text);
    std::string got = map.ok() ? std::string(kSame) : Briefly(map.error().outcome);
    if (map.ok()) {
      const auto again = mapping::ParseFml("printed", mapping::PrintFml(*map));
      if (!again.ok()) got = "printed: " + Briefly(again.error().outcome);
      else if (!(*again == *map)) got = "printed as another map";
      const auto tree = mapping::StructureMapTree(*map, definitions_);
      if (!tree.ok()) got = "as a resource: " + Briefly(tree.error().outcome);
    }
    report_.Check("parse", path, got, kSame);
  }

  // A StructureMap resource: read, printed as text, and read as the same map.
  void ReadResource(const std::string& path) {
    auto map = ReadMap(path);
    if (map.ok() && map->status.empty()) map->status = "draft";  // what it counts as, and is written as
    std::string got = map.ok() ? std::string(kSame) : Briefly(map.error().outcome);
    if (map.ok()) {
      const auto again = mapping::ReadStructureMap(mapping::WriteStructureMap(*map, definitions_));
      if (!again.ok()) got = "written: " + Briefly(again.error().outcome);
      else if (!(*again == *map)) got = "written as another map";
      const auto text = mapping::ParseFml("printed", mapping::PrintFml(*map));
      if (!text.ok()) got = "printed: " + Briefly(text.error().outcome);
    }
    report_.Check("resource", path, got, kSame);
  }

  void Transform(std::string_view group, const std::string& id, const std::string& map_path,
      const std::string& source_path,
                 const std::string& wanted_path, const mapping::MemoryFmlSource& knowledge) {
    const auto wanted_text = base::ReadFile(wanted_path);
    if (!wanted_text.ok()) return;
    const bool error_wanted = wanted_text->find("OperationOutcome") != std::string::npos;
    const auto [got, wanted] = Outcome(map_path, source_path, *wanted_text, wanted_path.ends_with(".xml"), knowledge);
    if (error_wanted) {
      return report_.Check(group, id, got.starts_with(kFailure) ? std::string(kFailure) : got, kFailure);
    }
    report_.Check(group, id, got == wanted ? std::string(kTransformed) : got, got == wanted
        ? std::string(kTransformed) : wanted);
  }

  static void AddModels(const std::string& directory, mapping::MemoryFmlSource& knowledge) {
    for (const std::string& path : FilesBelow(directory, ".json")) {
      auto json = ReadCases(path);
      if (json.ok() && json->StringAt("resourceType") == "StructureDefinition") knowledge.AddResource(std::move(*json));
    }
  }

 private:
  static Result<mapping::StructureMap> ReadMap(const std::string& path) {
    HEYI_TRY(text, base::ReadFile(path));
    if (!path.ends_with(".json")) return mapping::ParseFml(fs::path(path).filename().string(), text);
    HEYI_TRY(json, base::ParseJson(std::move(text)));
    return mapping::ReadStructureMap(json);
  }

  Result<mapping::FmlInstance> Run(const mapping::CompiledMap& map, const std::string& source_path) {
    HEYI_TRY(text, base::ReadFile(source_path));
    const auto inputs = map.inputs();
    const fhir::Type* type = inputs.empty() ? nullptr : inputs[0].type;
    auto source = source_path.ends_with(".xml") ? mapping::ReadXmlInstance(std::move(text), map.models(), type)
                                                : mapping::ReadJsonInstance(std::move(text), map.models(), type);
    if (!source.ok()) return std::move(source).error();
    const std::vector<fhir::Node> roots = {source->tree.root()};
    HEYI_TRY(answer, map.Run(roots, {.now_ms = kNowMs, .seed = "corpora"}));
    if (answer.targets.empty()) return base::Error(base::ErrorKind::kInvalid, "fml.inputs", {}, "target");
    return std::move(answer.targets[0]);
  }

  // What came and what should, in the same words.
  std::pair<std::string, std::string> Outcome(const std::string& map_path, const std::string& source_path,
      const std::string& wanted,
                                              bool xml, const mapping::MemoryFmlSource& knowledge) {
    const auto failed = [](const base::Error& error) { return std::pair(fmt::format("{}: {}", kFailure,
        Briefly(error.outcome)), std::string("a result")); };
    const auto map = ReadMap(map_path);
    if (!map.ok()) return failed(map.error());
    const auto compiled = mapping::CompiledMap::Compile(*map, definitions_, knowledge);
    if (!compiled.ok()) return failed(compiled.error());
    const auto made = Run(*compiled, source_path);
    if (!made.ok()) return failed(made.error());
    std::string text;
    fhir::AppendJson(made->tree.root(), text);
    const auto json = base::ParseJson(text);
    if (!json.ok()) return failed(json.error());
    if (!xml) {
      const auto expected = base::ParseJson(wanted);
      if (!expected.ok()) return failed(expected.error());
      std::string got, due;
      AppendSorted(*json, got);
      AppendSorted(*expected, due);
      return {got, due};
    }
    const auto due = ComparableXml(wanted);
    if (!due.ok()) return failed(due.error());
    // With a model the instance can be written as XML; without, it is compared by what it holds.
    if (!compiled->models().IsOpen(made->tree.type())) {
      const auto got = ComparableXml(mapping::WriteXmlInstance(*made, compiled->models()));
      return got.ok() ? std::pair(*got, *due) : failed(got.error());
    }
    Lines lines;
    AppendJsonLines(*json, std::string(json->StringAt("resourceType")), lines);
    return {Sorted(std::move(lines)), *due};
  }

  const fhir::Definitions& definitions_;
  Report& report_;
};

Result<Done> RunManifest(const std::string& directory, FmlSuite& suite) {
  HEYI_TRY(text, base::ReadFile(directory + "/manifest.xml"));
  HEYI_TRY(manifest, base::ParseXml(text));
  mapping::MemoryFmlSource knowledge;
  FmlSuite::AddModels(directory, knowledge);
  for (const XmlNode& test : manifest.root.children) {
    if (test.is_text()) continue;
    const auto file = [&](std::string_view name) { return directory + "/" + std::string(test.AttributeText(name)); };
    suite.Transform("manifest", std::string(test.AttributeText("name")), file("map"), file("source"), file("output"),
        knowledge);
  }
  return Done{};
}

// result/<map>.<source>.<json|xml>, with map/<map>.map and source/<source>.<json|xml>.
void RunTutorialStep(const std::string& step, FmlSuite& suite) {
  mapping::MemoryFmlSource knowledge;
  FmlSuite::AddModels(step + "/logical", knowledge);
  for (const std::string_view ending : {".json", ".xml"}) {
    for (const std::string& wanted : FilesBelow(step + "/result", ending)) {
      const std::string stem = fs::path(wanted).stem().string();
      const size_t dot = stem.find('.');
      if (dot == std::string::npos) continue;
      const std::string map = step + "/map/" + stem.substr(0, dot) + ".map";
      const std::string source = step + "/source/" + stem.substr(dot + 1) + std::string(ending);
      suite.Transform("tutorial", fs::path(wanted).filename().string(), map, source, wanted, knowledge);
    }
  }
}

}  // namespace

Result<Done> RunFml(const Corpus& corpus, Report& report) {
  FmlSuite suite(corpus.parameters->definitions(), report);
  for (const std::string_view ending : {".map", ".fml"}) {
    for (const std::string& path : FilesBelow(corpus.directory, ending)) suite.Parse(path);
  }
  for (const std::string& path : FilesBelow(corpus.directory, ".json")) {
    if (fs::path(path).parent_path().filename() == "map" || path.ends_with("qr2cda-eval.json")) {
      suite.ReadResource(path);
    }
  }
  for (const std::string& path : FilesBelow(corpus.directory, "manifest.xml")) {
    HEYI_CHECK(RunManifest(fs::path(path).parent_path().string(), suite));
  }
  std::vector<std::string> steps;
  for (const auto& entry : fs::recursive_directory_iterator(corpus.directory)) {
    if (entry.is_directory() && fs::is_directory(entry.path() / "result") && fs::is_directory(entry.path() / "map")) {
      steps.push_back(entry.path().string());
    }
  }
  std::sort(steps.begin(), steps.end());
  for (const std::string& step : steps) RunTutorialStep(step, suite);
  return Done{};
}

}  // namespace heyi::cli
