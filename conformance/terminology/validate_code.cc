// $validate-code: is a code what it says it is, and is it in the value set? The findings and their texts are the terminology
// ecosystem's. https://hl7.org/fhir/R4/valueset-operation-validate-code.html
#include <algorithm>
#include <set>

#include "conformance/terminology/displays.h"
#include "conformance/terminology/grammar_systems.h"
#include "conformance/terminology/issues.h"
#include "conformance/terminology/resolve.h"
#include "conformance/terminology/validation_parts.h"

namespace heyi::conformance {

using Form = ValidateRequest::Form;

// One request: the codings one by one, then the verdict.
class Validation {
 public:
  Validation(const Terminology& terminology, const ValidateRequest& request)
      : terminology_(terminology), request_(request), languages_(request.languages) {}

  TxAnswer<ValidateResult> InValueSet(const ValueSetChoice& choice) {
    std::vector<Verdict> verdicts;
    for (size_t i = 0; i < request_.codings.size(); ++i) {
      TxCoding coding = request_.codings[i];
      auto resolved = terminology_.Resolve(choice, request_.versions, &coding);
      if (!resolved.ok()) return *std::move(resolved.failure);
      value_set_ = *std::move(resolved.value);
      if (!value_set_->missing_value_sets.empty()) return MissingImports(coding);
      if (languages_.any() && !value_set_->definition->display_language.empty()) languages_ = Languages::Parse(value_set_->definition->display_language);
      verdicts.push_back(CheckInValueSet(std::move(coding), Places::Of(request_.form, i)));
      if (too_costly_) return issues::TooCostly(value_set_->definition->Canonical(), 0);
    }
    ValidateResult result;
    const auto in = std::find_if(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.in; });
    const bool many = request_.form == Form::kCodeableConcept;
    const bool undecided = std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.undecided; });
    if (in != verdicts.end() || (!many && !verdicts.empty())) {
      Take(result, in != verdicts.end() ? *in : verdicts.front());
    } else if (!undecided) {
      result.issues.push_back(issues::NoValidCoding(value_set_->definition->Canonical()));
    }
    for (Verdict& verdict : verdicts) Gather(result, verdict);
    for (const auto& [what, type, canonical] : value_set_->standings) result.issues.push_back(issues::StandingOf(what, type, canonical));
    result.result = !AnyError(result.issues);
    return result;
  }

  TxAnswer<ValidateResult> InCodeSystem() {
    std::vector<Verdict> verdicts;
    for (size_t i = 0; i < request_.codings.size(); ++i) {
      Verdict verdict;
      verdict.coding = request_.codings[i];
      verdict.number = i;
      const Places places = Places::Of(request_.form, i);
      std::shared_ptr<const CodeSystem> system = SystemOf(verdict.coding, {});
      if (!request_.versions.supplements.empty()) {
        auto supplemented = terminology_.SystemSupplemented(verdict.coding.system, system == nullptr ? verdict.coding.version : system->version(),
                                                            request_.versions.supplements);
        if (!supplemented.ok()) return *std::move(supplemented.failure);
        if (*supplemented.value != nullptr) system = *supplemented.value;
      }
      CheckInSystem(verdict, places, system, nullptr);
      verdict.in = !AnyError(verdict.issues);
      verdicts.push_back(std::move(verdict));
    }
    ValidateResult result;
    const auto in = std::find_if(verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return verdict.in; });
    if (!verdicts.empty()) Take(result, in != verdicts.end() ? *in : verdicts.front());
    for (Verdict& verdict : verdicts) Gather(result, verdict);
    result.result = !verdicts.empty() && !AnyError(result.issues);
    return result;
  }

 private:
  struct Verdict {
    TxCoding coding;
    size_t number = 0;
    bool in = false;
    bool undecided = false;  // what the value set is made of is not here
    std::string version, display, status, normalized;
    bool inactive = false;
    std::vector<TxIssue> issues;
    std::vector<std::string> unknown, missing;
  };

  static void Take(ValidateResult& result, const Verdict& verdict) {
    result.coding = verdict.number;
    result.system = verdict.coding.system;
    result.code = verdict.coding.code;
    result.version = verdict.version;
    result.display = verdict.display;
    result.status = verdict.status;
    result.normalized_code = verdict.normalized;
    result.inactive = verdict.inactive;
  }

  static void Gather(ValidateResult& result, Verdict& verdict) {
    std::move(verdict.issues.begin(), verdict.issues.end(), std::back_inserter(result.issues));
    result.unknown_systems.insert(result.unknown_systems.end(), verdict.unknown.begin(), verdict.unknown.end());
    result.missing_systems.insert(result.missing_systems.end(), verdict.missing.begin(), verdict.missing.end());
  }

  ValidateResult MissingImports(const TxCoding& coding) const {
    ValidateResult result;
    if (request_.form != Form::kCodeableConcept) {
      result.coding = 0;
      result.system = coding.system;
      result.code = coding.code;
    }
    for (const std::string& canonical : value_set_->missing_value_sets) result.issues.push_back(issues::ValueSetMissing(canonical));
    return result;
  }

  std::vector<Hit> Find(std::string_view system, std::string_view code, MembershipSearch::Inactive inactive) {
    MembershipSearch search(inactive);
    std::vector<Hit> hits = search.Find(*value_set_, system, code);
    too_costly_ = too_costly_ || search.too_costly();
    return hits;
  }

  // A code alone: its system is that which the value set has it from, if that is one.
  bool InferSystem(Verdict& verdict, const std::string& canonical, const Places& places) {
    std::set<std::string> systems;
    for (const Hit& hit : Find({}, verdict.coding.code, MembershipSearch::Inactive::kAlways)) systems.insert(hit.include->definition->system);
    if (systems.size() == 1) {
      verdict.coding.system = *systems.begin();
      return true;
    }
    verdict.issues.push_back(systems.empty() ? issues::SystemNotInferred(verdict.coding.code, canonical, places.code)
                                             : issues::SystemAmbiguous(verdict.coding.code, canonical, {systems.begin(), systems.end()}, places.code));
    return false;
  }

  Verdict CheckInValueSet(TxCoding coding, const Places& places) {
    Verdict verdict;
    verdict.coding = std::move(coding);
    verdict.number = verdict_count_++;
    const std::string canonical = value_set_->definition->Canonical();
    const bool many = request_.form == Form::kCodeableConcept;
    if (verdict.coding.system.empty()) {
      const bool infer = request_.infer_system || request_.form == Form::kCode;
      if (!infer || !InferSystem(verdict, canonical, places)) {
        if (!infer) verdict.issues.push_back(issues::SystemMissing(places.whole));
        verdict.issues.push_back(issues::NotInValueSet(verdict.coding, canonical, places.code, many));
        return verdict;
      }
    } else if (verdict.coding.system.find(':') == std::string::npos) {
      verdict.issues.push_back(issues::SystemRelative(places.system));
    }
    const std::vector<const ResolvedInclude*> includes = IncludesOf(*value_set_, verdict.coding.system);
    const auto inactive = request_.active_only ? MembershipSearch::Inactive::kNever : MembershipSearch::Inactive::kAsDefined;
    const std::vector<Hit> hits = OfVersion(Find(verdict.coding.system, verdict.coding.code, inactive), includes, verdict.coding);
    if (!hits.empty()) {
      CheckHit(verdict, BestHit(hits, verdict.coding), places);
      return verdict;
    }
    if (CheckMissing(verdict, includes, places)) return verdict;
    if (CheckFragment(verdict, includes, places)) return verdict;
    const std::vector<Hit> asleep =
        OfVersion(Find(verdict.coding.system, verdict.coding.code, MembershipSearch::Inactive::kAlways), includes, verdict.coding);
    if (!asleep.empty()) verdict.issues.push_back(issues::NotActive(verdict.coding.code, places.code));
    verdict.issues.push_back(issues::NotInValueSet(verdict.coding, canonical, places.code, many));
    if (request_.membership_only) return verdict;
    if (!includes.empty()) CheckVersions(verdict, *includes.front(), includes, places);
    CheckInSystem(verdict, places, SystemOf(verdict.coding, includes), nullptr);
    return verdict;
  }

  void CheckHit(Verdict& verdict, const Hit& hit, const Places& places) {
    verdict.in = true;
    const ResolvedInclude& include = *hit.include;
    if (hit.entry.listed != nullptr && hit.entry.listed->deprecated) {
      verdict.issues.push_back(issues::DeprecatedHere(verdict.coding, value_set_->definition->Canonical(), places.code));
    }
    if (include.system == nullptr) {
      if (include.missing) {
        // It is listed, so it is in; but nobody here can say whether there is such a code.
        TxIssue issue = issues::SystemUnknown(verdict.coding.system, places.system);
        issue.severity = base::Severity::k_warning;
        verdict.issues.push_back(std::move(issue));
        verdict.missing.push_back(verdict.coding.system);
      }
      const std::vector<Display> displays = DisplaysOf(nullptr, CodeSystem::kNone, hit.entry.listed);
      if (const Display* best = BestDisplay(displays, languages_)) verdict.display = best->value;
      return;
    }
    if (!include.refused_by.empty()) {
      verdict.issues.push_back(issues::VersionRefused(verdict.coding.system, include.system->version(), include.refused_by, places.version));
    }
    CheckVersions(verdict, include, {&include}, places);
    if (hit.entry.concept_ == CodeSystem::kNone) {
      verdict.version = include.system->version();
      verdict.issues.push_back(issues::CodeNotInFragment(*include.system, verdict.coding.code, places.code));
      return;
    }
    CheckConcept(verdict, *include.system, hit.entry.concept_, hit.entry.listed, places);
  }

  // The coding says another version than the value set.
  void CheckVersions(Verdict& verdict, const ResolvedInclude& include, const std::vector<const ResolvedInclude*>& all, const Places& places) {
    using Origin = ResolvedInclude::Origin;
    const TxCoding& coding = verdict.coding;
    if (coding.version.empty()) return;
    for (const ResolvedInclude* one : all) {
      if (one->system != nullptr && one->system->version() == coding.version) return;
    }
    switch (include.origin) {
      case Origin::kNone:
        if (include.system != nullptr) {
          verdict.issues.push_back(issues::VersionDiffersFromDefault(coding.system, include.system->version(), coding.version, places.version));
        }
        break;
      case Origin::kInclude:
        verdict.issues.push_back(issues::VersionDiffers(coding.system, include.wanted, coding.version, places.version));
        break;
      default:
        verdict.issues.push_back(
            issues::VersionDiffersByRule(coding.system, include.wanted, include.definition->version, coding.version, places.version));
    }
    NoteUnknownVersion(verdict, coding.version, places);
  }

  void NoteUnknownVersion(Verdict& verdict, const std::string& version, const Places& places) {
    const std::vector<std::string> known = terminology_.source().Versions("CodeSystem", verdict.coding.system);
    if (terminology_.PickVersion(known, version) != nullptr) return;
    const std::string canonical = verdict.coding.system + "|" + version;
    if (std::find(verdict.missing.begin(), verdict.missing.end(), canonical) != verdict.missing.end()) return;
    verdict.issues.push_back(issues::SystemVersionUnknown(verdict.coding.system, version, known, places.system));
    verdict.missing.push_back(canonical);
  }

  // The value set is about a code system that is not here, or not in that version: then there is no verdict.
  bool CheckMissing(Verdict& verdict, const std::vector<const ResolvedInclude*>& includes, const Places& places) {
    const auto found = std::find_if(includes.begin(), includes.end(), [](const ResolvedInclude* include) {
      return include->missing && include->definition->listed.empty();
    });
    if (found == includes.end()) return false;
    const ResolvedInclude& include = **found;
    verdict.undecided = true;
    const std::vector<std::string> known = terminology_.source().Versions("CodeSystem", verdict.coding.system);
    if (known.empty() && include.wanted.empty()) {
      verdict.issues.push_back(issues::SystemUnknown(verdict.coding.system, places.system));
      verdict.missing.push_back(verdict.coding.system);
      return true;
    }
    if (const std::string* here = terminology_.PickVersion(known, include.wanted)) {  // its definition is here, but none of its codes
      TxIssue issue = issues::SystemWithoutCodes(verdict.coding.system, *here, places.system);
      issue.severity = base::Severity::k_error;
      verdict.issues.push_back(std::move(issue));
      verdict.missing.push_back(verdict.coding.system);
      return true;
    }
    NoteUnknownVersion(verdict, include.wanted, places);
    CheckVersions(verdict, include, {}, places);
    if (std::shared_ptr<const CodeSystem> system = SystemOf(verdict.coding, {})) {
      verdict.version = system->version();
      const uint32_t at = system->Find(verdict.coding.code);
      const std::vector<Display> displays = DisplaysOf(system.get(), at, nullptr);
      if (const Display* best = at == CodeSystem::kNone ? nullptr : BestDisplay(displays, languages_)) verdict.display = best->value;
    }
    return true;
  }

  // A fragment does not have all codes: one that it lacks may be right all the same.
  bool CheckFragment(Verdict& verdict, const std::vector<const ResolvedInclude*>& includes, const Places& places) {
    for (const ResolvedInclude* include : includes) {
      if (include->system == nullptr || !include->definition->listed.empty() || !include->filtered.empty()) continue;
      const ContentMode mode = include->system->content();
      if ((mode != ContentMode::kFragment && mode != ContentMode::kExample) || include->system->Find(verdict.coding.code) != CodeSystem::kNone) continue;
      verdict.in = true;
      verdict.version = include->system->version();
      verdict.issues.push_back(issues::CodeNotInFragment(*include->system, verdict.coding.code, places.code));
      return true;
    }
    return false;
  }

  // The code system to check the code in: the coding's version, else the value set's latest, else the latest at all.
  std::shared_ptr<const CodeSystem> SystemOf(const TxCoding& coding, const std::vector<const ResolvedInclude*>& includes) const {
    if (!coding.version.empty()) return terminology_.System(coding.system, coding.version);
    std::shared_ptr<const CodeSystem> best;
    for (const ResolvedInclude* include : includes) {
      if (include->system != nullptr && (best == nullptr || CompareVersions(include->system->version(), best->version()) > 0)) best = include->system;
    }
    if (best != nullptr) return best;
    for (const auto* rules : {&request_.versions.forces, &request_.versions.defaults, &request_.versions.checks}) {
      for (const auto& [system, version] : *rules) {
        if (system != coding.system) continue;
        if (auto found = terminology_.System(system, version)) return found;
      }
    }
    return terminology_.System(coding.system, {});
  }

  void CheckInSystem(Verdict& verdict, const Places& places, const std::shared_ptr<const CodeSystem>& system, const ValueSetDefinition::Listed* listed) {
    const TxCoding& coding = verdict.coding;
    if (coding.system.empty()) {
      verdict.issues.push_back(issues::SystemMissing(places.whole));
      return;
    }
    if ((system == nullptr || system->size() == 0) && IsGrammarSystem(coding.system)) {
      if (!FitsGrammar(coding.system, coding.code)) verdict.issues.push_back(issues::CodeNotOfGrammar(coding.system, coding.code, places.code));
      return;
    }
    if (system == nullptr) {
      const std::vector<std::string> known = terminology_.source().Versions("CodeSystem", coding.system);
      if (!known.empty()) return NoteUnknownVersion(verdict, coding.version, places);
      verdict.issues.push_back(coding.version.empty() ? issues::SystemUnknown(coding.system, places.system)
                                                      : issues::SystemVersionUnknown(coding.system, coding.version, known, places.system));
      verdict.unknown.push_back(coding.system);
      return;
    }
    if (system->content() == ContentMode::kSupplement) {
      verdict.issues.push_back(issues::SystemIsSupplement(system->Canonical(), places.system));
      return;
    }
    verdict.version = system->version();
    const uint32_t at = system->Find(coding.code);
    if (at != CodeSystem::kNone) return CheckConcept(verdict, *system, at, listed, places);
    if (system->content() == ContentMode::kComplete) {
      verdict.issues.push_back(issues::CodeNotInSystem(*system, coding.code, places.code));
    } else if (system->content() == ContentMode::kNotPresent && system->size() == 0) {
      verdict.issues.push_back(issues::SystemWithoutCodes(system->url(), system->version(), places.code));
    } else {
      verdict.issues.push_back(issues::CodeNotInFragment(*system, coding.code, places.code));
    }
  }

  void CheckConcept(Verdict& verdict, const CodeSystem& system, uint32_t at, const ValueSetDefinition::Listed* listed, const Places& places) {
    const TxCoding& coding = verdict.coding;
    verdict.version = system.version();
    if (system.code(at) != coding.code) {
      verdict.normalized = system.code(at);
      verdict.issues.push_back(issues::CaseDiffers(system, coding.code, system.code(at), places.code));
    }
    if (system.inactive(at)) {
      verdict.inactive = true;
      verdict.status = system.status(at);
      verdict.issues.push_back(issues::Inactive(coding.code, verdict.status, places.whole));
    } else if (system.status(at) == "deprecated") {
      verdict.issues.push_back(issues::Deprecated(coding.code, places.whole));
    }
    if (!request_.abstract_allowed && system.abstract(at)) verdict.issues.push_back(issues::AbstractNotAllowed(coding.system, coding.code, places.code));
    const std::vector<Display> displays = DisplaysOf(&system, at, listed);
    const Display* best = BestDisplay(displays, languages_);
    if (best == nullptr) best = BestDisplay(displays, {});
    if (best != nullptr) verdict.display = best->value;
    if (request_.membership_only) return;
    if (auto issue = CheckDisplay(displays, coding, languages_, request_.lenient_display, places.display)) verdict.issues.push_back(*std::move(issue));
  }

  const Terminology& terminology_;
  const ValidateRequest& request_;
  Languages languages_;
  std::shared_ptr<const ResolvedValueSet> value_set_;
  size_t verdict_count_ = 0;
  bool too_costly_ = false;
};

TxAnswer<ValidateResult> Terminology::ValidateInValueSet(const ValueSetChoice& value_set, const ValidateRequest& request) const {
  if (request.codings.empty()) return issues::NoCode();
  return Validation(*this, request).InValueSet(value_set);
}

TxAnswer<ValidateResult> Terminology::ValidateInCodeSystem(const ValidateRequest& request) const {
  if (request.codings.empty()) return issues::NoCode();
  return Validation(*this, request).InCodeSystem();
}

}  // namespace heyi::conformance
