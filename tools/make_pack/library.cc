// The base library: HL7's definitions whole, for validation and terminology, without what only readers of pages need.
// https://hl7.org/fhir/R4/resourcelist.html
#include <algorithm>
#include <iterator>

#include "conformance/library/library_format.h"
#include "tools/make_pack/package.h"

namespace heyi::tools {
namespace {

using base::JsonValue;

constexpr std::string_view kTypes[] = {"CodeSystem", "ConceptMap", "NamingSystem", "OperationDefinition", "StructureDefinition", "ValueSet"};
constexpr std::string_view kForReaders[] = {"text", "contact", "mapping", "differential"};
constexpr std::string_view kForReadersOfElements[] = {"mapping", "comment", "requirements", "alias", "example"};

template <typename Names>
JsonValue Without(const JsonValue& object, const Names& names) {
  JsonValue kept = JsonValue::Object();
  for (const JsonValue::Member& member : object.members()) {
    if (std::find(std::begin(names), std::end(names), member.first) == std::end(names)) kept.Set(member.first, member.second);
  }
  return kept;
}

JsonValue Lean(const JsonValue& resource) {
  JsonValue kept = Without(resource, kForReaders);
  JsonValue* snapshot = kept.Find("snapshot");
  if (snapshot == nullptr) return kept;
  for (JsonValue& element : snapshot->Find("element")->items()) element = Without(element, kForReadersOfElements);
  return kept;
}

}  // namespace

base::Result<std::string> MakeGuideLibrary(const Package& package) {
  HEYI_TRY(manifest, ReadResource(package, "package.json"));
  std::vector<conformance::LibraryEntry> entries;
  for (const std::string& file : package.files) {
    HEYI_TRY(resource, ReadResource(package, file));
    const std::string_view url = resource.StringAt("url");
    if (!url.empty()) entries.push_back({std::string(resource.StringAt("resourceType")), std::string(url), std::string(resource.StringAt("version")), base::WriteJson(resource)});
  }
  return conformance::WriteLibrary(manifest.StringAt("name"), manifest.StringAt("version"), std::move(entries));
}

base::Result<std::string> MakeLibrary(const Package& package) {
  std::vector<conformance::LibraryEntry> entries;
  for (const std::string_view type : kTypes) {
    for (const std::string& file : package.FilesOf(type)) {
      HEYI_TRY(resource, ReadResource(package, file));
      const std::string_view url = resource.StringAt("url");
      if (url.empty() || resource.StringAt("resourceType") != type) continue;
      entries.push_back({std::string(type), std::string(url), std::string(resource.StringAt("version")), base::WriteJson(Lean(resource))});
    }
  }
  return conformance::WriteLibrary("hl7.fhir.r4.core", package.fhir_version, std::move(entries));
}

}  // namespace heyi::tools
