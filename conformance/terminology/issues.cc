#include "conformance/terminology/issues.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/library/source.h"

namespace heyi::conformance::issues {
namespace {

using base::ErrorKind;
using base::Severity;

TxIssue Make(Severity severity, std::string_view code, std::string_view kind, std::string_view id, std::string text, std::string place) {
  return {severity, code, kind, id, std::move(text), std::move(place), true};
}

TxIssue Untold(TxIssue issue) {
  issue.told = false;
  return issue;
}

TxFailure Fail(ErrorKind kind, std::string_view code, std::string_view issue_kind, std::string_view id, std::string text, std::string place = {}) {
  return {kind, Make(Severity::k_error, code, issue_kind, id, std::move(text), std::move(place))};
}

// "a, b or c"
std::string Listed(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) text.append(i == 0 ? "" : i + 1 == items.size() ? " or " : ", ").append(items[i]);
  return text;
}

std::string Versions(std::vector<std::string> known) {
  std::reverse(known.begin(), known.end());  // they come the latest first
  return Listed(known);
}

std::string WithVersion(std::string_view system, std::string_view version) {
  return version.empty() ? std::string(system) : fmt::format("{}|{}", system, version);
}

std::string Described(const std::vector<RightDisplay>& right) {
  std::vector<std::string> texts;
  for (const RightDisplay& one : right) {
    texts.push_back(one.language.empty() ? fmt::format("'{}'", one.value) : fmt::format("'{}' ({})", one.value, one.language));
  }
  return Listed(texts);
}

// Absolute uris stand as they are, everything else is quoted.
std::string Named(std::string_view system) { return system.find(':') == std::string_view::npos ? fmt::format("'{}'", system) : std::string(system); }

}  // namespace

TxFailure ValueSetUnknown(std::string_view canonical) { return {ErrorKind::kNotFound, ValueSetMissing(canonical)}; }

TxFailure ImportUnknown(std::string_view canonical) {
  const Canonical of = Canonical::Of(canonical);
  TxFailure failure = ValueSetUnknown(canonical);
  failure.issue.text = of.version.empty() ? fmt::format("Unable to find included value set '{}'", of.url)
                                          : fmt::format("Unable to find included value set '{}' version '{}'", of.url, of.version);
  return failure;
}

TxFailure ValueSetNeeded() { return Incomplete("a value set: url, or valueSet"); }

TxFailure SystemUnknownForExpansion(std::string_view system, std::string_view version, const std::vector<std::string>& known) {
  constexpr std::string_view kEnd = "could not be found, so the value set cannot be expanded";
  if (version.empty()) {
    return Fail(ErrorKind::kInvalid, "not-found", "not-found", "UNKNOWN_CODESYSTEM_EXP", fmt::format("A definition for CodeSystem '{}' {}", system, kEnd));
  }
  if (known.empty()) {
    return Fail(ErrorKind::kInvalid, "not-found", "not-found", "UNKNOWN_CODESYSTEM_VERSION_EXP_NONE",
                fmt::format("A definition for CodeSystem '{}' version '{}' {}. No versions of this code system are known", system, version, kEnd));
  }
  return Fail(ErrorKind::kInvalid, "not-found", "not-found", "UNKNOWN_CODESYSTEM_VERSION_EXP",
              fmt::format("A definition for CodeSystem '{}' version '{}' {}. Valid versions: {}", system, version, kEnd, Versions(known)));
}

TxFailure SystemNotEnumerable(std::string_view system) {
  return Fail(ErrorKind::kInvalid, "too-costly", "too-costly", "CODESYSTEM_NOT_ENUMERABLE",
              fmt::format("The codes of the CodeSystem '{}' follow from a grammar and cannot be listed", system));
}

TxFailure Circular(std::string_view canonical, const std::vector<std::string>& path) {
  return Fail(ErrorKind::kInvalid, "processing", "vs-invalid", "VALUESET_CIRCULAR_REFERENCE",
              fmt::format("Found a circularity pointing to {} processing ValueSet with pathway [{}]", canonical, fmt::join(path, ", ")));
}

TxFailure FilterWithoutValue(std::string_view system, std::string_view property, std::string_view op, std::string place) {
  return Fail(ErrorKind::kInvalid, "invalid", "vs-invalid", "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE",
              fmt::format("The system {} filter with property = {}, op = {} has no value", system, property, op), std::move(place));
}

TxFailure FilterNotUnderstood(std::string_view system, std::string_view property, std::string_view op, std::string_view value, std::string place) {
  return Fail(ErrorKind::kInvalid, "invalid", "vs-invalid", "FILTER_NOT_UNDERSTOOD",
              fmt::format("The filter \"{} {} {}\" was not understood in the context of {}", property, op, value, system), std::move(place));
}

TxFailure TooCostly(std::string_view value_set, size_t limit) {
  return Fail(ErrorKind::kInvalid, "too-costly", "too-costly", "VALUESET_TOO_COSTLY",
              fmt::format("The value set '{}' expansion has too many codes to produce (>{})", value_set, limit));
}

TxFailure SupplementsMissing(const std::vector<std::string>& canonicals) {
  return Fail(ErrorKind::kInvalid, "not-found", "not-found", "VALUESET_SUPPLEMENT_MISSING",
              fmt::format("Required supplement{} not found: {}", canonicals.size() == 1 ? "" : "s", fmt::join(canonicals, ", ")));
}

TxFailure VersionNotAllowed(std::string_view system, std::string_view version, std::string_view required) {
  return {ErrorKind::kInvalid, VersionRefused(system, version, required, {})};
}

TxFailure CodeUnknown(std::string_view system, std::string_view version, std::string_view code) {
  return Fail(ErrorKind::kNotFound, "not-found", "invalid-code", "Unknown_Code_in_Version",
              version.empty() ? fmt::format("Unknown code '{}' in the CodeSystem '{}'", code, system)
                              : fmt::format("Unknown code '{}' in the CodeSystem '{}' version '{}'", code, system, version));
}

TxFailure MapUnknown(std::string_view canonical) {
  return Fail(ErrorKind::kNotFound, "not-found", "not-found", "Unable_to_resolve_concept_map",
              fmt::format("A definition for the concept map '{}' could not be found", canonical));
}

TxFailure NoCode() {
  return Fail(ErrorKind::kMalformed, "invalid", {}, {},
              "Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters");
}

TxFailure Incomplete(std::string_view what) {
  return Fail(ErrorKind::kMalformed, "invalid", "invalid-data", "TX_REQUEST_INCOMPLETE", fmt::format("The request needs {}", what));
}

TxIssue ValueSetMissing(std::string_view canonical) {
  return Make(Severity::k_error, "not-found", "not-found", "Unable_to_resolve_value_Set_",
              fmt::format("A definition for the value Set '{}' could not be found", canonical), {});
}

TxIssue NotInValueSet(const TxCoding& coding, std::string_view value_set, std::string place, bool one_of_many) {
  const std::string shown = coding.display.empty() ? std::string() : fmt::format(" ('{}')", coding.display);
  TxIssue issue = Make(one_of_many ? Severity::k_information : Severity::k_error, "code-invalid", one_of_many ? "this-code-not-in-vs" : "not-in-vs",
                       "None_of_the_provided_codes_are_in_the_value_set_one",
                       fmt::format("The provided code '{}#{}{}' was not found in the value set '{}'", WithVersion(coding.system, coding.version), coding.code,
                                   shown, value_set),
                       std::move(place));
  issue.told = !one_of_many;
  return issue;
}

TxIssue NoValidCoding(std::string_view value_set) {
  return Make(Severity::k_error, "code-invalid", "not-in-vs", "TX_GENERAL_CC_ERROR_MESSAGE",
              fmt::format("No valid coding was found for the value set '{}'", value_set), {});
}

TxIssue SystemUnknown(std::string_view system, std::string place) {
  return Make(Severity::k_error, "not-found", "not-found", "UNKNOWN_CODESYSTEM",
              fmt::format("A definition for CodeSystem {} could not be found, so the code cannot be validated", Named(system)), std::move(place));
}

TxIssue SystemVersionUnknown(std::string_view system, std::string_view version, const std::vector<std::string>& known, std::string place) {
  const std::string begin = fmt::format("A definition for CodeSystem '{}' version '{}' could not be found, so the code cannot be validated.", system, version);
  if (known.empty()) {
    return Make(Severity::k_error, "not-found", "not-found", "UNKNOWN_CODESYSTEM_VERSION_NONE", begin + " No versions of this code system are known",
                std::move(place));
  }
  return Make(Severity::k_error, "not-found", "not-found", "UNKNOWN_CODESYSTEM_VERSION", begin + " Valid versions: " + Versions(known), std::move(place));
}

TxIssue SystemNotInferred(std::string_view code, std::string_view value_set, std::string place) {
  return Make(Severity::k_error, "not-found", "cannot-infer", "UNABLE_TO_INFER_CODESYSTEM",
              fmt::format("The System URI could not be determined for the code '{}' in the ValueSet '{}'", code, value_set), std::move(place));
}

TxIssue SystemAmbiguous(std::string_view code, std::string_view value_set, const std::vector<std::string>& systems, std::string place) {
  return Make(Severity::k_error, "not-found", "cannot-infer", "Unable_to_resolve_system__value_set_has_multiple_matches",
              fmt::format("The System URI could not be determined for the code '{}' in the ValueSet '{}': value set expansion has multiple matches: [{}]",
                          code, value_set, fmt::join(systems, ", ")),
              std::move(place));
}

TxIssue SystemMissing(std::string place) {
  return Make(Severity::k_warning, "invalid", "invalid-data", "Coding_has_no_system__cannot_validate",
              "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided", std::move(place));
}

TxIssue SystemRelative(std::string place) {
  return Make(Severity::k_error, "invalid", "invalid-data", "Terminology_TX_System_Relative",
              "Coding.system must be an absolute reference, not a local reference", std::move(place));
}

TxIssue SystemIsSupplement(std::string_view canonical, std::string place) {
  return Make(Severity::k_error, "invalid", "invalid-data", "CODESYSTEM_CS_NO_SUPPLEMENT",
              fmt::format("CodeSystem {} is a supplement, so can't be used as a value in Coding.system", canonical), std::move(place));
}

TxIssue SystemWithoutCodes(std::string_view system, std::string_view version, std::string place) {
  return Make(Severity::k_warning, "code-invalid", "invalid-code", "CODESYSTEM_WITHOUT_CODES",
              fmt::format("Resolved system {} (v{}), but the definition doesn't include any codes, so the code has not been validated", system, version),
              std::move(place));
}

TxIssue CodeNotInSystem(const CodeSystem& system, std::string_view code, std::string place) {
  if (system.version().empty()) {
    return Make(Severity::k_error, "code-invalid", "invalid-code", "Unknown_Code_in",
                fmt::format("Unknown code '{}' in the CodeSystem '{}'", code, system.url()), std::move(place));
  }
  return Make(Severity::k_error, "code-invalid", "invalid-code", "Unknown_Code_in_Version",
              fmt::format("Unknown code '{}' in the CodeSystem '{}' version '{}'", code, system.url(), system.version()), std::move(place));
}

TxIssue CodeNotInFragment(const CodeSystem& system, std::string_view code, std::string place) {
  return Untold(Make(Severity::k_warning, "code-invalid", "invalid-code", "UNKNOWN_CODE_IN_FRAGMENT",
                     fmt::format("Unknown Code '{}' in the CodeSystem '{}' version '{}' - note that the code system is labeled as a fragment, so the code "
                                 "may be valid in some other fragment",
                                 code, system.url(), system.version()),
                     std::move(place)));
}

TxIssue CodeNotOfGrammar(std::string_view system, std::string_view code, std::string place) {
  return Make(Severity::k_error, "code-invalid", "invalid-code", "Unknown_Code_in", fmt::format("Unknown code '{}' in the CodeSystem '{}'", code, system),
              std::move(place));
}

TxIssue CaseDiffers(const CodeSystem& system, std::string_view code, std::string_view right, std::string place) {
  return Untold(Make(Severity::k_information, "business-rule", "code-rule", "CODE_CASE_DIFFERENCE",
                     fmt::format("The code '{}' differs from the correct code '{}' by case. Although the code system '{}' is case insensitive, implementers "
                                 "are strongly encouraged to use the correct case anyway",
                                 code, right, system.Canonical()),
                     std::move(place)));
}

TxIssue VersionDiffers(std::string_view system, std::string_view included, std::string_view given, std::string place) {
  return Make(Severity::k_error, "invalid", "vs-invalid", "VALUESET_VALUE_MISMATCH",
              fmt::format("The code system '{}' version '{}' in the ValueSet include is different to the one in the value ('{}')", system, included, given),
              std::move(place));
}

TxIssue VersionDiffersByRule(std::string_view system, std::string_view used, std::string_view included, std::string_view given, std::string place) {
  return Make(Severity::k_error, "invalid", "vs-invalid", "VALUESET_VALUE_MISMATCH_CHANGED",
              fmt::format("The code system '{}' version '{}' resulting from the version '{}' in the ValueSet include is different to the one in the value "
                          "('{}')",
                          system, used, included, given),
              std::move(place));
}

TxIssue VersionDiffersFromDefault(std::string_view system, std::string_view used, std::string_view given, std::string place) {
  return Untold(Make(Severity::k_warning, "invalid", "vs-invalid", "VALUESET_VALUE_MISMATCH_DEFAULT",
                     fmt::format("The code system '{}' version '{}' for the versionless include in the ValueSet include is different to the one in the "
                                 "value ('{}')",
                                 system, used, given),
                     std::move(place)));
}

TxIssue VersionRefused(std::string_view system, std::string_view version, std::string_view required, std::string place) {
  return Make(Severity::k_error, "exception", "version-error", "VALUESET_VERSION_CHECK",
              fmt::format("The version '{}' is not allowed for system '{}': required to be '{}' by a version-check parameter", version, system, required),
              std::move(place));
}

TxIssue NotActive(std::string_view code, std::string place) {
  return Make(Severity::k_error, "business-rule", "code-rule", "STATUS_CODE_WARNING_CODE", fmt::format("The concept '{}' is valid but is not active", code),
              std::move(place));
}

TxIssue Inactive(std::string_view code, std::string_view status, std::string place) {
  const std::string what = status.empty() || status == "inactive" ? "inactive" : fmt::format("{} and inactive", status);
  return Make(Severity::k_warning, "business-rule", "code-comment", "INACTIVE_CONCEPT_FOUND",
              fmt::format("The concept '{}' has a status of {} and its use should be reviewed", code, what), std::move(place));
}

TxIssue Deprecated(std::string_view code, std::string place) {
  return Untold(Make(Severity::k_warning, "business-rule", "code-comment", "DEPRECATED_CONCEPT_FOUND",
                     fmt::format("The concept '{}' is deprecated and its use should be reviewed", code), std::move(place)));
}

TxIssue DeprecatedHere(const TxCoding& coding, std::string_view value_set, std::string place) {
  return Untold(Make(Severity::k_warning, "business-rule", "code-comment", "CONCEPT_DEPRECATED_IN_VALUESET",
                     fmt::format("The presence of the concept '{}' in the system '{}' in the value set {} is marked with a status of deprecated and its use "
                                 "should be reviewed",
                                 coding.code, coding.system, value_set),
                     std::move(place)));
}

TxIssue AbstractNotAllowed(std::string_view system, std::string_view code, std::string place) {
  return Make(Severity::k_error, "business-rule", "code-rule", "ABSTRACT_CODE_NOT_ALLOWED",
              fmt::format("Code '{}#{}' is abstract, and not allowed in this context", system, code), std::move(place));
}

TxIssue StandingOf(std::string_view what, std::string_view type, std::string_view canonical) {
  const std::string_view id = what == "deprecated"     ? "MSG_DEPRECATED"
                              : what == "withdrawn"    ? "MSG_WITHDRAWN"
                              : what == "experimental" ? "MSG_EXPERIMENTAL"
                                                       : "MSG_DRAFT";
  return Untold(Make(Severity::k_information, "business-rule", "status-check", id, fmt::format("Reference to {} {} {}", what, type, canonical), {}));
}

TxIssue WrongDisplay(const TxCoding& coding, const std::vector<RightDisplay>& right, const Languages& languages, bool white_space, bool lenient,
                     std::string place) {
  const std::string valid = right.size() == 1 ? fmt::format("Valid display is {}", Described(right))
                                              : fmt::format("Valid display is one of {} choices: {}", right.size(), Described(right));
  return Make(lenient ? Severity::k_warning : Severity::k_error, "invalid", "invalid-display",
              white_space ? "Display_Name_WS_for__should_be_one_of__instead_of" : "Display_Name_for__should_be_one_of__instead_of",
              fmt::format("Wrong {} '{}' for {}#{}. {} (for the language(s) '{}')", white_space ? "whitespace in Display Name" : "Display Name",
                          coding.display, coding.system, coding.code, valid, languages.Summary()),
              std::move(place));
}

TxIssue NoDisplayInLanguage(const TxCoding& coding, std::string_view default_display, const Languages& languages, bool lenient, std::string place) {
  return Make(lenient ? Severity::k_warning : Severity::k_error, "invalid", "invalid-display", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR",
              fmt::format("Wrong Display Name '{}' for {}#{}. There are no valid display names found for language(s) '{}'. Default display is '{}'",
                          coding.display, coding.system, coding.code, languages.Summary(), default_display),
              std::move(place));
}

TxIssue DisplayOfDefaultLanguage(const TxCoding& coding, const Languages& languages, std::string place) {
  return Make(Severity::k_information, "invalid", "invalid-display", "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK",
              fmt::format("There are no valid display names found for the code {}#{} for language(s) '{}'. The display is '{}' which is a valid display for "
                          "the default language",
                          coding.system, coding.code, languages.Summary(), coding.display),
              std::move(place));
}

TxIssue OutdatedDisplay(const TxCoding& coding, std::string_view right, std::string place) {
  return Untold(Make(Severity::k_warning, "invalid", "display-comment", "INACTIVE_DISPLAY_FOUND",
                     fmt::format("'{}' is no longer considered a correct display for code '{}' (status = deprecated). The correct display is one of \"{}\".",
                                 coding.display, coding.code, right),
                     std::move(place)));
}

}  // namespace heyi::conformance::issues
