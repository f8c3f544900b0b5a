// Compares an answer with the template that a test of HL7's terminology ecosystem gives for it, by its rules:
// the order of lists and members does not count; "$instant$" and the like stand for anything of that kind; what is marked
// $optional$ may be missing. Texts are compared as HL7's own harness in effect does: letters, digits, + / - _ count, other
// punctuation does not. https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/
#pragma once

#include <string>

#include "base/json/value.h"

namespace heyi::cli {

struct TemplateRules {
  // What $external:n:…$ stands for: a text by its number; null where there are none.
  const base::JsonValue* externals = nullptr;
  // The answer may have more than the template says.
  bool more_allowed = false;
};

// Empty where the answer fits, else where it first does not, and why.
std::string Mismatch(const base::JsonValue& wanted, const base::JsonValue& got, const TemplateRules& rules);

}  // namespace heyi::cli
