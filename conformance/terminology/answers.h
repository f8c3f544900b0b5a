// What the terminology service is asked and what it answers, as values; their JSON stands in interaction/terminology/.
// https://hl7.org/fhir/R4/terminology-service.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "conformance/terminology/code_system.h"
#include "conformance/terminology/languages.h"

namespace heyi::conformance {

// One finding about a code. `kind` is of http://hl7.org/fhir/tools/CodeSystem/tx-issue-type, `code` of issue-type; the
// message id and its text are those that FHIR's terminology servers agree on, so that validators can tell them apart.
struct TxIssue {
  base::Severity severity = base::Severity::k_error;
  std::string_view code;
  std::string_view kind;
  std::string_view message_id;
  std::string text;
  std::string place;  // "Coding.code"; empty where it is about the whole
  bool told = true;   // its text is part of the answer's `message`
};

// Why a question has no answer at all.
struct TxFailure {
  base::ErrorKind kind = base::ErrorKind::kInvalid;
  TxIssue issue;
};

template <typename T>
struct TxAnswer {
  std::optional<T> value;
  std::optional<TxFailure> failure;  // exactly one of both

  TxAnswer(T given) : value(std::move(given)) {}               // NOLINT(google-explicit-constructor)
  TxAnswer(TxFailure why) : failure(std::move(why)) {}         // NOLINT(google-explicit-constructor)
  bool ok() const { return value.has_value(); }
};

using SystemVersion = std::pair<std::string, std::string>;  // url, version (which may have wildcards)

// Which versions of code systems to use, and which supplements to them.
struct VersionRules {
  std::vector<SystemVersion> defaults;  // system-version: where the value set names none
  std::vector<SystemVersion> checks;    // check-system-version: … and nothing else will do
  std::vector<SystemVersion> forces;    // force-system-version: whatever the value set names
  std::vector<SystemVersion> value_sets;  // default-valueset-version: of imports that name none
  std::vector<std::string> supplements;   // useSupplement
};

// A value set by its canonical, or as it stands in the request.
struct ValueSetChoice {
  std::string url;
  std::string version;
  std::shared_ptr<const base::JsonValue> resource;
};

struct TxCoding {
  std::string system, version, code, display;
  bool operator==(const TxCoding&) const = default;
};

// ---- $validate-code ------------------------------------------------------------------------------------------------

struct ValidateRequest {
  std::vector<TxCoding> codings;
  enum class Form : uint8_t { kCode, kCoding, kCodeableConcept } form = Form::kCode;  // how they came: it names the places
  bool infer_system = false;      // a code without a system: whichever the value set has it from
  bool active_only = false;
  bool lenient_display = false;   // a wrong display is a warning
  bool membership_only = false;   // say nothing of the code system and the display
  bool abstract_allowed = true;
  Languages languages;
  VersionRules versions;
};

struct ValidateResult {
  bool result = false;
  std::optional<size_t> coding;   // the one that the rest is about
  std::string system, version, code, display, status, normalized_code;
  bool inactive = false;
  std::vector<TxIssue> issues;
  std::vector<std::string> unknown_systems;  // that the code named
  std::vector<std::string> missing_systems;  // "url|version": without them there is no verdict
  std::string Message() const;               // the issues' texts, sorted; empty where there is nothing to tell
};

// ---- $expand -------------------------------------------------------------------------------------------------------

struct ExpandRequest {
  ValueSetChoice value_set;
  std::string filter;             // text that code or display must have
  std::optional<uint32_t> offset, count;
  bool active_only = false;
  bool exclude_nested = false;
  bool include_designations = false;
  std::vector<std::string> designations;  // "system|code" of the uses wanted, or a language; empty: all
  std::vector<std::string> properties;
  Languages languages;
  VersionRules versions;
};

struct ExpandedDesignation {
  std::string language, use_system, use_code, use_display, value;
  std::string extensions;         // JSON array, or empty
};

struct ExpandedProperty {
  std::string code;
  PropertyType type = PropertyType::kCode;
  std::string value, value_system, value_display;
};

struct ExpandedCode {
  std::string system, version, code, display;
  bool abstract = false, inactive = false;
  std::vector<ExpandedDesignation> designations;
  std::vector<ExpandedProperty> properties;
  std::vector<std::string> extensions;  // JSON objects
  uint32_t depth = 0;                   // below the code before it that has a smaller one
};

struct Expansion {
  std::shared_ptr<const base::JsonValue> definition;
  uint64_t total = 0;
  std::vector<ExpandedCode> codes;                             // the page, parents before their children
  std::vector<std::pair<std::string, std::string>> properties;  // code, uri
  std::vector<std::pair<std::string, std::string>> used;        // "used-codesystem", "url|version"; sorted
  std::vector<std::pair<std::string, std::string>> rules;       // "force-system-version", "url|version", where one was used
  std::string display_language;                                 // as it was asked for, or as the value set says
  std::optional<bool> versions_match;                           // said by the value set, or needed by an exclude
};

// ---- $lookup, $subsumes, $translate --------------------------------------------------------------------------------

struct LookupRequest {
  TxCoding coding;
  Languages languages;
  std::vector<std::string> properties;  // empty: the server's choice
  std::vector<std::string> supplements;
};

struct LookupResult {
  struct Designation {
    ExpandedDesignation text;
    std::string source;                 // canonical of the supplement
  };
  struct Property {
    ExpandedProperty value;
    std::string description;
  };
  std::string name, system, version, code, display, definition;
  bool abstract = false, inactive = false;
  std::vector<Designation> designations;
  std::vector<Property> properties;
  std::vector<std::string> supplements;
};

enum class Subsumption : uint8_t { kEquivalent, kSubsumes, kSubsumedBy, kNotSubsumed };

struct TranslateRequest {
  std::string url, version;                             // of the map; empty: any that fits
  std::shared_ptr<const base::JsonValue> concept_map;   // as it stands in the request
  std::vector<TxCoding> codings;                          // any of them
  std::string source_scope, target_scope;               // value sets
  std::string other_system;                             // the system to come to
  bool reverse = false;                                 // from the target side to the source side
};

struct TranslateMatch {
  std::string equivalence;     // http://hl7.org/fhir/concept-map-equivalence
  std::string relationship;    // R5's word for it
  TxCoding source, target;
  std::string map;             // canonical
  std::string comment;
};

struct TranslateResult {
  bool result = false;
  std::string message;
  std::vector<TranslateMatch> matches;
};

}  // namespace heyi::conformance
