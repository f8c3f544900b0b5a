// $lookup and $subsumes: what a code means, and how two codes of a hierarchy stand to each other.
// https://hl7.org/fhir/R4/codesystem-operation-lookup.html
#include <algorithm>

#include "conformance/terminology/displays.h"
#include "conformance/terminology/grammar_systems.h"
#include "conformance/terminology/issues.h"
#include "conformance/terminology/terminology.h"

namespace heyi::conformance {
namespace {


TxFailure SystemUnknown(const CanonicalSource& source, const TxCoding& coding) {
  const std::vector<std::string> known = source.Versions("CodeSystem", coding.system);
  TxIssue issue = coding.version.empty() ? issues::SystemUnknown(coding.system, {})
                                         : issues::SystemVersionUnknown(coding.system, coding.version, known, {});
  return {base::ErrorKind::kNotFound, std::move(issue)};
}

class LookupRun {
 public:
  LookupRun(const LookupRequest& request, const CodeSystem& system, uint32_t at) : request_(request), system_(system), at_(at) {}

  LookupResult Run() {
    out_.name = system_.name().empty() ? system_.url() : system_.name();
    out_.system = system_.url();
    out_.version = system_.version();
    out_.code = system_.code(at_);
    out_.supplements = system_.used_supplements();
    out_.abstract = system_.abstract(at_);
    out_.inactive = system_.inactive(at_);
    const std::vector<Display> displays = DisplaysOf(&system_, at_, nullptr);
    const Display* best = BestDisplay(displays, request_.languages);
    if (best == nullptr) best = BestDisplay(displays, {});
    out_.display = best == nullptr ? out_.code : std::string(best->value);
    if (Wanted("definition")) out_.definition = system_.definition(at_);
    AddDesignations(displays);
    AddProperties();
    return std::move(out_);
  }

 private:
  bool Wanted(std::string_view property) const {
    return request_.properties.empty() || std::any_of(request_.properties.begin(), request_.properties.end(), [&](const std::string& one) {
             return one == property || one == "*";
           });
  }

  bool WantedLanguage(std::string_view language) const {
    return Wanted("designation") || (!language.empty() && std::any_of(request_.properties.begin(), request_.properties.end(), [&](const std::string& one) {
             return one.starts_with("lang.") && Languages::Parse(std::string_view(one).substr(5)).Fit(language) > 0;
           }));
  }

  void AddDesignations(const std::vector<Display>& displays) {
    for (const Display& display : displays) {
      if (!WantedLanguage(display.language)) continue;
      LookupResult::Designation designation;
      designation.text.language = display.language;
      designation.text.value = display.value;
      if (display.designation < 0) {
        designation.text.use_system = kMaintenance;
        designation.text.use_code = "preferredForLanguage";
        designation.text.use_display = "Preferred For Language";
      } else {
        const CodeSystem::Designation& of = system_.designations(at_)[static_cast<size_t>(display.designation)];
        designation.text.use_system = system_.Of(of.use_system);
        designation.text.use_code = system_.Of(of.use_code);
        designation.text.use_display = system_.Of(of.use_display);
        if (of.supplement > 0) designation.source = system_.used_supplements()[of.supplement - 1u];
      }
      out_.designations.push_back(std::move(designation));
    }
  }

  void AddProperties() {
    if (Wanted("inactive")) Add({"inactive", PropertyType::kBoolean, out_.inactive ? "true" : "false", {}, {}}, {});
    if (Wanted("parent")) AddLinks("parent", system_.parents(at_));
    if (Wanted("child")) AddLinks("child", system_.children(at_));
    for (const CodeSystem::Property& property : system_.properties(at_)) {
      const CodeSystem::PropertyDefinition& definition = system_.property_definitions()[property.definition];
      // Extensions that an expansion shows as properties are none of the code system's own.
      const bool own = !definition.description.empty() || !definition.uri.starts_with("http://hl7.org/fhir/concept-properties#") ||
                       definition.code == "status" || definition.code == "notSelectable";
      if (definition.code == "inactive" || !Wanted(definition.code) || (!own && request_.properties.empty())) continue;
      Add({definition.code, property.type, std::string(system_.Of(property.value)), std::string(system_.Of(property.system)),
           std::string(system_.Of(property.display))},
          {});
    }
  }

  void AddLinks(std::string_view name, std::span<const uint32_t> others) {
    for (uint32_t other : others) {
      Add({std::string(name), PropertyType::kCode, std::string(system_.code(other)), {}, {}}, std::string(system_.display(other)));
    }
  }

  void Add(ExpandedProperty value, std::string description) { out_.properties.push_back({std::move(value), std::move(description)}); }

  const LookupRequest& request_;
  const CodeSystem& system_;
  const uint32_t at_;
  LookupResult out_;
};

}  // namespace

TxAnswer<LookupResult> Terminology::Lookup(const LookupRequest& request) const {
  const TxCoding& coding = request.coding;
  if (coding.system.empty() || coding.code.empty()) return issues::Incomplete("system and code, or coding");
  auto found = SystemSupplemented(coding.system, coding.version, request.supplements);
  if (!found.ok()) return *std::move(found.failure);
  const std::shared_ptr<const CodeSystem>& system = *found.value;
  if ((system == nullptr || system->size() == 0) && IsGrammarSystem(coding.system)) {
    if (!FitsGrammar(coding.system, coding.code)) return issues::CodeUnknown(coding.system, {}, coding.code);
    LookupResult result;
    result.name = result.system = coding.system;
    result.code = result.display = coding.code;
    return result;
  }
  if (system == nullptr) return SystemUnknown(*source_, coding);
  const uint32_t at = system->Find(coding.code);
  if (at == CodeSystem::kNone) return issues::CodeUnknown(system->url(), system->version(), coding.code);
  return LookupRun(request, *system, at).Run();
}

TxAnswer<Subsumption> Terminology::Subsumes(const TxCoding& a, const TxCoding& b) const {
  if (a.code.empty() || b.code.empty() || a.system.empty()) return issues::Incomplete("codeA, codeB and system, or codingA and codingB");
  if (!b.system.empty() && a.system != b.system) return issues::Incomplete("two codes of one code system");
  const std::shared_ptr<const CodeSystem> system = System(a.system, a.version);
  if (system == nullptr) return SystemUnknown(*source_, a);
  const uint32_t first = system->Find(a.code);
  const uint32_t second = system->Find(b.code);
  if (first == CodeSystem::kNone) return issues::CodeUnknown(system->url(), system->version(), a.code);
  if (second == CodeSystem::kNone) return issues::CodeUnknown(system->url(), system->version(), b.code);
  if (first == second) return Subsumption::kEquivalent;
  if (system->IsBelow(second, first)) return Subsumption::kSubsumes;
  if (system->IsBelow(first, second)) return Subsumption::kSubsumedBy;
  return Subsumption::kNotSubsumed;
}

}  // namespace heyi::conformance
