// Patches that nobody here wrote: HL7's of FHIRPath Patch and XML Patch, and JSON Patch's own and HL7's part of them.
// https://github.com/FHIR/fhir-test-cases (r4/patch) and https://github.com/json-patch/json-patch-tests
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "base/xml/tree.h"
#include "cli/corpora/files.h"
#include "cli/corpora/runner.h"
#include "cli/corpora/same_resource.h"
#include "fhir/patch/json_patch.h"
#include "fhir/patch/path_patch.h"
#include "fhir/patch/xml_patch.h"
#include "fhir/xml/parse.h"

namespace heyi::cli {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;
using base::XmlNode;


// Members by name: their order says nothing. Recursion is bounded by the reader's depth.
JsonValue Sorted(const JsonValue& value) {
  if (value.is_array()) {
    JsonValue list = JsonValue::Array();
    for (const JsonValue& item : value.items()) list.Append(Sorted(item));
    return list;
  }
  if (!value.is_object()) return value;
  std::vector<const JsonValue::Member*> members;
  for (const JsonValue::Member& member : value.members()) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  JsonValue object = JsonValue::Object();
  for (const JsonValue::Member* member : members) object.Set(member->first, Sorted(member->second));
  return object;
}

// A case that the suite itself has turned off is counted in a note and not run.
Result<Done> RunJsonFile(const std::string& path, std::string_view group, Report& report) {
  HEYI_TRY(cases, ReadCases(path));
  const std::string name = std::filesystem::path(path).stem().string();
  size_t position = 0, disabled = 0;
  for (const JsonValue& one : cases.items()) {
    const std::string id = fmt::format("{}#{} {}", name, position++, one.StringAt("comment"));
    if (one["disabled"].is_true()) {
      ++disabled;
      continue;
    }
    const auto result = fhir::ApplyJsonPatch(one["doc"], one["patch"]);
    const std::string got = result.ok() ? base::WriteJson(Sorted(*result)) : std::string(kRefused);
    const JsonValue* expected = one.Find("expected");
    if (one.Find("error") != nullptr) {
      report.Check(group, id, got, kRefused);
    } else if (expected != nullptr) {
      const std::string wanted = base::WriteJson(Sorted(*expected));
      report.Check(group, id, result.ok() ? got : Briefly(result.error().outcome), wanted);
    } else if (result.ok()) {
      report.Pass(group);
    } else {
      report.Fail(group, id, Briefly(result.error().outcome), "anything but a refusal");
    }
  }
  if (disabled > 0) report.Note(fmt::format("{}: {} turned off by the suite", group, disabled));
  return Done{};
}

const XmlNode* ChildOf(const XmlNode& node, std::string_view name) {
  for (const XmlNode& child : node.children) {
    if (!child.is_text() && child.name == name) return &child;
  }
  return nullptr;
}

// A resource inside the file of cases, by the bytes that it stands in; each declares its namespace.
Result<fhir::Tree> ResourceIn(const XmlNode& holder, std::string_view text, const fhir::Definitions& definitions) {
  for (const XmlNode& child : holder.children) {
    if (child.is_text()) continue;
    return fhir::ParseXmlResource(std::string(text.substr(child.begin, child.end - child.begin)), definitions);
  }
  return Unusable("a case without its resource");
}

Result<Done> RunPathFile(const std::string& path, const fhir::Definitions& definitions, Report& report) {
  constexpr std::string_view kGroup = "FHIRPath";
  HEYI_TRY(text, base::ReadFile(path));
  HEYI_TRY(document, base::ParseXml(text));
  const fhir::LocalEvalContext context(kNowMs);
  for (const XmlNode& one : document.root.children) {
    if (one.is_text()) continue;
    const std::string id(one.AttributeText("name"));
    const XmlNode *input = ChildOf(one, "input"), *diff = ChildOf(one, "diff"), *output = ChildOf(one, "output");
    if (input == nullptr || diff == nullptr || (output == nullptr && ChildOf(one, "error") == nullptr)) {
      return Unusable(fmt::format("{}: neither output nor error", id));
    }
    HEYI_TRY(resource, ResourceIn(*input, text, definitions));
    HEYI_TRY(patch, ResourceIn(*diff, text, definitions));
    const auto result = fhir::ApplyPathPatch(std::move(resource), patch, definitions, context);
    const std::string got = result.ok() ? WithoutOrder(*result) : Briefly(result.error().outcome);
    if (output == nullptr) {
      report.Check(kGroup, id, result.ok() ? got : std::string(kRefused), kRefused);
      continue;
    }
    HEYI_TRY(wanted, ResourceIn(*output, text, definitions));
    report.Check(kGroup, id, got, WithoutOrder(wanted));
  }
  return Done{};
}

// The first element inside `holder`, as it was written; empty where there is none.
std::string_view ElementIn(const XmlNode* holder, std::string_view text) {
  if (holder == nullptr) return {};
  for (const XmlNode& child : holder->children) {
    if (!child.is_text()) return text.substr(child.begin, child.end - child.begin);
  }
  return {};
}

// For comparison: white space between elements aside, attributes and declarations by name. Recursion is bounded by the
// reader's depth.
void Normalize(fhir::PatchNode& node) {
  std::erase_if(node.children, [](const fhir::PatchNode& child) { return child.is_blank_text(); });
  std::sort(node.attributes.begin(), node.attributes.end(), [](const auto& a, const auto& b) { return std::tie(a.ns, a.name) < std::tie(b.ns, b.name); });
  std::sort(node.declarations.begin(), node.declarations.end(), [](const auto& a, const auto& b) { return a.prefix < b.prefix; });
  for (fhir::PatchNode& child : node.children) Normalize(child);
}

Result<std::string> Normalized(fhir::PatchNode document) {
  Normalize(document);
  fhir::PatchWork work(fhir::PatchLimits{}.work_max);
  auto text = fhir::WritePatchNodes(document, work);
  if (!text) return Unusable("a document that is too large");
  return std::move(*text);
}

// The suite's patches use the prefix `f` and nowhere declare it.
std::string WithPrefix(std::string_view patch) {
  const size_t name_end = patch.find_first_of(" \t\r\n/>");
  if (name_end == std::string_view::npos) return std::string(patch);
  return fmt::format("{} xmlns:f=\"http://hl7.org/fhir\"{}", patch.substr(0, name_end), patch.substr(name_end));
}

Result<std::string> PatchXml(std::string_view target, std::string_view patch) {
  const fhir::PatchLimits limits;
  HEYI_TRY(document, fhir::ReadPatchNodes(target, limits));
  HEYI_TRY(operations, fhir::ReadPatchNodes(WithPrefix(patch), limits));
  HEYI_TRY(patched, fhir::ApplyXmlPatch(std::move(document), operations, limits));
  return Normalized(std::move(patched));
}

// One by one, because one case that is no XML makes the file none.
Result<Done> RunXmlFile(const std::string& path, Report& report) {
  constexpr std::string_view kGroup = "XML", kBegin = "<case ", kEnd = "</case>";
  HEYI_TRY(file, base::ReadFile(path));
  size_t unreadable = 0;
  for (size_t begin = file.find(kBegin); begin != std::string::npos; begin = file.find(kBegin, begin + 1)) {
    const size_t end = file.find(kEnd, begin);
    if (end == std::string::npos) return Unusable("a case without end");
    const std::string_view text = std::string_view(file).substr(begin, end + kEnd.size() - begin);
    const auto document = base::ParseXml(text);
    if (!document.ok()) {
      ++unreadable;
      continue;
    }
    const std::string id(document->root.AttributeText("name"));
    const XmlNode *patch = ChildOf(document->root, "patch"), *patched = ChildOf(document->root, "patched");
    if (patch == nullptr || (patched == nullptr && ChildOf(document->root, "error") == nullptr)) {
      return Unusable(fmt::format("{}: neither result nor error", id));
    }
    const auto result = PatchXml(ElementIn(ChildOf(document->root, "target"), text), text.substr(patch->begin, patch->end - patch->begin));
    if (patched == nullptr) {
      report.Check(kGroup, id, result.ok() ? *result : std::string(kRefused), kRefused);
      continue;
    }
    HEYI_TRY(wanted_nodes, fhir::ReadPatchNodes(ElementIn(patched, text), {}));
    HEYI_TRY(wanted, Normalized(std::move(wanted_nodes)));
    report.Check(kGroup, id, result.ok() ? *result : Briefly(result.error().outcome), wanted);
  }
  if (unreadable > 0) report.Note(fmt::format("{}: {} not run, because they are no well-formed XML", kGroup, unreadable));
  report.Note(fmt::format("{}: the prefix f is declared for the suite, which does not", kGroup));
  return Done{};
}

}  // namespace

Result<Done> RunPatch(const Corpus& corpus, Report& report) {
  HEYI_CHECK(RunPathFile(corpus.directory + "/fhir-patch-tests.xml", corpus.parameters->definitions(), report));
  HEYI_CHECK(RunJsonFile(corpus.directory + "/json-patch-tests.json", "JSON", report));
  for (const char* name : {"tests", "spec_tests"}) {
    HEYI_CHECK(RunJsonFile(fmt::format("{}/rfc6902/{}.json", corpus.directory, name), "RFC 6902", report));
  }
  return RunXmlFile(corpus.directory + "/xml-patch-tests.xml", report);
}

}  // namespace heyi::cli
