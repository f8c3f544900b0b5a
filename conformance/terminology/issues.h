// The findings of the terminology service, one function a message: ids, kinds and texts are those of the terminology
// ecosystem, on which validators rely. https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/terminology/answers.h"

namespace heyi::conformance::issues {

// ---- why there is no answer ----
TxFailure ValueSetUnknown(std::string_view canonical);
TxFailure ImportUnknown(std::string_view canonical);
TxFailure ValueSetNeeded();
TxFailure SystemUnknownForExpansion(std::string_view system, std::string_view version, const std::vector<std::string>& known);
TxFailure SystemNotEnumerable(std::string_view system);
TxFailure Circular(std::string_view canonical, const std::vector<std::string>& path);
TxFailure FilterWithoutValue(std::string_view system, std::string_view property, std::string_view op, std::string place);
TxFailure FilterNotUnderstood(std::string_view system, std::string_view property, std::string_view op, std::string_view value, std::string place);
TxFailure TooCostly(std::string_view value_set, size_t limit);
TxFailure SupplementsMissing(const std::vector<std::string>& canonicals);
TxFailure VersionNotAllowed(std::string_view system, std::string_view version, std::string_view required);
TxFailure CodeUnknown(std::string_view system, std::string_view version, std::string_view code);
TxFailure MapUnknown(std::string_view canonical);
TxFailure NoCode();
TxFailure Incomplete(std::string_view what);  // of the request

// ---- what is to be said of a code; `place` is "Coding.code" and the like ----
TxIssue ValueSetMissing(std::string_view canonical);
TxIssue NotInValueSet(const TxCoding& coding, std::string_view value_set, std::string place, bool one_of_many);
TxIssue NoValidCoding(std::string_view value_set);
TxIssue SystemUnknown(std::string_view system, std::string place);
TxIssue SystemVersionUnknown(std::string_view system, std::string_view version, const std::vector<std::string>& known, std::string place);
TxIssue SystemNotInferred(std::string_view code, std::string_view value_set, std::string place);
TxIssue SystemAmbiguous(std::string_view code, std::string_view value_set, const std::vector<std::string>& systems, std::string place);
TxIssue SystemMissing(std::string place);
TxIssue SystemRelative(std::string place);
TxIssue SystemIsSupplement(std::string_view canonical, std::string place);
TxIssue SystemWithoutCodes(std::string_view system, std::string_view version, std::string place);
TxIssue CodeNotInSystem(const CodeSystem& system, std::string_view code, std::string place);
TxIssue CodeNotInFragment(const CodeSystem& system, std::string_view code, std::string place);
TxIssue CodeNotOfGrammar(std::string_view system, std::string_view code, std::string place);
TxIssue CaseDiffers(const CodeSystem& system, std::string_view code, std::string_view right, std::string place);
TxIssue VersionDiffers(std::string_view system, std::string_view included, std::string_view given, std::string place);
TxIssue VersionDiffersByRule(std::string_view system, std::string_view used, std::string_view included, std::string_view given, std::string place);
TxIssue VersionDiffersFromDefault(std::string_view system, std::string_view used, std::string_view given, std::string place);
TxIssue VersionRefused(std::string_view system, std::string_view version, std::string_view required, std::string place);
TxIssue NotActive(std::string_view code, std::string place);
TxIssue Inactive(std::string_view code, std::string_view status, std::string place);
TxIssue Deprecated(std::string_view code, std::string place);
TxIssue DeprecatedHere(const TxCoding& coding, std::string_view value_set, std::string place);
TxIssue AbstractNotAllowed(std::string_view system, std::string_view code, std::string place);
TxIssue StandingOf(std::string_view what, std::string_view type, std::string_view canonical);  // "deprecated", "CodeSystem", …

// The displays that would have been right: 'Display 1' (en).
struct RightDisplay {
  std::string value, language;
};
TxIssue WrongDisplay(const TxCoding& coding, const std::vector<RightDisplay>& right, const Languages& languages, bool white_space, bool lenient,
                     std::string place);
TxIssue NoDisplayInLanguage(const TxCoding& coding, std::string_view default_display, const Languages& languages, bool lenient, std::string place);
TxIssue DisplayOfDefaultLanguage(const TxCoding& coding, const Languages& languages, std::string place);
TxIssue OutdatedDisplay(const TxCoding& coding, std::string_view right, std::string place);

}  // namespace heyi::conformance::issues
