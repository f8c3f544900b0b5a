// A value set's definition, taken out of its JSON. https://hl7.org/fhir/R4/valueset.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "conformance/terminology/answers.h"

namespace heyi::conformance {

struct ValueSetDefinition {
  struct Listed {
    std::string code, display;
    std::vector<ExpandedDesignation> designations;
    std::vector<ExpandedProperty> properties;  // order, label, weight: of its extensions
    std::vector<std::string> extensions;       // JSON, those that go into an expansion
    bool deprecated = false;                   // it should no longer be used here
  };
  struct Filter {
    std::string property, op, value;
    bool has_value = false;
  };
  struct Include {
    std::string system, version;
    std::vector<Listed> listed;
    std::vector<Filter> filters;
    std::vector<std::string> value_sets;       // canonicals, or "#id" of what is contained
    std::string place;                         // "ValueSet.compose.include[0]"
  };

  std::shared_ptr<const base::JsonValue> resource;
  std::string url, version;
  Standing standing;
  std::vector<Include> include, exclude;
  bool without_inactive = false;               // compose.inactive is false
  std::vector<std::string> supplements;        // canonicals
  std::string display_language;                // by an expansion parameter of its own, else its own language
  std::optional<bool> versions_match;          // by an expansion parameter
  std::map<std::string, const base::JsonValue*> contained;  // value sets, by "#id"

  std::string Canonical() const { return version.empty() ? url : url + "|" + version; }

  // What it makes of `resource`, which has a compose or at least an expansion.
  //   failure  too-costly: more includes, filters or codes than limits.h allows
  static TxAnswer<std::shared_ptr<const ValueSetDefinition>> Of(std::shared_ptr<const base::JsonValue> resource);
};

}  // namespace heyi::conformance
