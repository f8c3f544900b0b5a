// A zstd dictionary for resource bodies, learnt from HL7's invented examples: each is parsed and written as the store
// would write it, with ids and references in the form that servers give out and with narratives cut short.
#include <set>

#include "base/compress.h"
#include "base/file.h"
#include "base/ids.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "tools/make_pack/package.h"

namespace heyi::tools {
namespace {

using base::JsonValue;

constexpr size_t kDictionaryBytes = 64 * 1024;
constexpr size_t kSampleBytesMax = 16 * 1024;  // a few huge examples would drown the others
constexpr size_t kNarrativeBytes = 60;
constexpr base::TimeMs kFirstMs = 1'577'836'800'000;  // 2020-01-01
constexpr base::TimeMs kStepMs = 60'000'000;          // over the samples, some years pass

const std::set<std::string_view> kDefinitionTypes = {
    "StructureDefinition", "SearchParameter", "ValueSet",      "CodeSystem",           "ConceptMap",
    "OperationDefinition", "NamingSystem",    "StructureMap",  "CapabilityStatement",  "CompartmentDefinition",
    "ImplementationGuide", "TestScript",      "TestReport",    "TerminologyCapabilities", "ExampleScenario",
    "PlanDefinition",      "Library",         "ActivityDefinition", "MessageDefinition", "GraphDefinition"};

class Samples {
 public:
  explicit Samples(const fhir::Definitions& definitions) : definitions_(definitions) {}

  void Add(JsonValue resource) {
    const std::string type(resource.StringAt("resourceType"));
    if (type == "Bundle") {
      for (const JsonValue& entry : resource["entry"].items()) {
        if (entry["resource"].is_object()) Add(entry["resource"]);
      }
      return;
    }
    if (kDefinitionTypes.contains(type)) return;
    Reshape(resource);
    resource.Set("id", JsonValue::OfString(NewId()));
    base::Result<fhir::Tree> tree = fhir::ParseResource(base::WriteJson(resource), definitions_);
    if (!tree.ok()) return;  // some examples break the specification's own rules
    std::string stored = fhir::WriteStored(*tree).bytes;
    if (stored.size() <= kSampleBytesMax) list_.push_back(std::move(stored));
  }

  const std::vector<std::string>& list() const { return list_; }

 private:
  std::string NewId() { return base::UuidV7(kFirstMs + kStepMs * static_cast<base::TimeMs>(++ids_), random_); }

  // Depth is bounded by the reader's limit.
  void Reshape(JsonValue& value) {
    for (JsonValue& item : value.items()) Reshape(item);
    if (!value.is_object()) return;
    for (const auto& member : value.members()) Reshape(*value.Find(member.first));
    if (JsonValue* div = value.Find("div")) *div = JsonValue::OfString(div->text().substr(0, kNarrativeBytes));
    if (JsonValue* reference = value.Find("reference"); reference != nullptr && reference->is_string()) {
      const std::string text = reference->text();
      const size_t slash = text.find('/');
      if (slash != std::string::npos && text.find(':') == std::string::npos) {
        *reference = JsonValue::OfString(text.substr(0, slash + 1) + NewId());
      }
    }
  }

  const fhir::Definitions& definitions_;
  base::SeededRandom random_{1};
  uint64_t ids_ = 0;
  std::vector<std::string> list_;
};

}  // namespace

base::Result<base::Done> AddDictionary(const Package& package, fhir::PackContent& content) {
  HEYI_TRY(definitions, fhir::Definitions::FromPack(fhir::WritePack(content)));
  Samples samples(*definitions);
  for (const std::string& file : package.files) {
    const std::string_view type(file.data(), file.find('-'));
    if (kDefinitionTypes.contains(type)) continue;
    HEYI_TRY(resource, ReadResource(package, file));
    samples.Add(std::move(resource));
  }
  content.dictionary = base::TrainZstdDictionary(samples.list(), kDictionaryBytes);
  if (content.dictionary.empty()) {
    return base::Error(base::ErrorKind::kInvalid, "fhir.pack", {}, "too few examples to learn a dictionary from");
  }
  return base::Done{};
}

}  // namespace heyi::tools
