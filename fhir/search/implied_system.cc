// The code system of `code` elements: nothing in the resource says it, their required value set does.
// https://hl7.org/fhir/R4/search.html#token
#include <algorithm>

#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

constexpr std::string_view kValueSet = "/ValueSet/";

// Value sets of R4 that are not named after the one system that their codes are of. Those of several systems, which
// imply none, are left empty.
constexpr std::string_view kExceptions[][2] = {
    {"http://hl7.org/fhir/ValueSet/all-types", ""},
    {"http://hl7.org/fhir/ValueSet/care-plan-activity-kind", "http://hl7.org/fhir/resource-types"},
    {"http://hl7.org/fhir/ValueSet/care-plan-intent", "http://hl7.org/fhir/request-intent"},
    {"http://hl7.org/fhir/ValueSet/clinicalimpression-status", "http://hl7.org/fhir/event-status"},
    {"http://hl7.org/fhir/ValueSet/currencies", "urn:iso:std:iso:4217"},
    {"http://hl7.org/fhir/ValueSet/defined-types", ""},
    {"http://hl7.org/fhir/ValueSet/event-timing", ""},
    {"http://hl7.org/fhir/ValueSet/immunization-evaluation-status",
        "http://terminology.hl7.org/CodeSystem/medication-admin-status"},
    {"http://hl7.org/fhir/ValueSet/immunization-status", "http://hl7.org/fhir/event-status"},
    {"http://hl7.org/fhir/ValueSet/medication-admin-status",
        "http://terminology.hl7.org/CodeSystem/medication-admin-status"},
    {"http://hl7.org/fhir/ValueSet/medication-statement-status",
        "http://hl7.org/fhir/CodeSystem/medication-statement-status"},
    {"http://hl7.org/fhir/ValueSet/medication-status", "http://hl7.org/fhir/CodeSystem/medication-status"},
    {"http://hl7.org/fhir/ValueSet/medicationdispense-status",
        "http://terminology.hl7.org/CodeSystem/medicationdispense-status"},
    {"http://hl7.org/fhir/ValueSet/medicationknowledge-status",
        "http://terminology.hl7.org/CodeSystem/medicationknowledge-status"},
    {"http://hl7.org/fhir/ValueSet/medicationrequest-intent",
        "http://hl7.org/fhir/CodeSystem/medicationrequest-intent"},
    {"http://hl7.org/fhir/ValueSet/medicationrequest-status",
        "http://hl7.org/fhir/CodeSystem/medicationrequest-status"},
    {"http://hl7.org/fhir/ValueSet/mimetypes", "urn:ietf:bcp:13"},
    {"http://hl7.org/fhir/ValueSet/system-restful-interaction", "http://hl7.org/fhir/restful-interaction"},
    {"http://hl7.org/fhir/ValueSet/task-intent", ""},
    {"http://hl7.org/fhir/ValueSet/type-restful-interaction", "http://hl7.org/fhir/restful-interaction"},
    {"http://hl7.org/fhir/ValueSet/units-of-time", "http://unitsofmeasure.org"},
    {"http://hl7.org/fhir/ValueSet/verificationresult-status", "http://hl7.org/fhir/CodeSystem/status"},
    {"http://terminology.hl7.org/ValueSet/v3-ConfidentialityClassification",
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"},
};

std::string SystemOf(const Element& element) {
  if (element.binding.strength != "required") return {};
  const std::string_view value_set = std::string_view(element.binding.value_set).substr(0,
      element.binding.value_set.find('|'));
  for (const auto& [exception, system] : kExceptions) {
    if (exception == value_set) return std::string(system);
  }
  const size_t at = value_set.find(kValueSet);
  if (at == std::string_view::npos) return {};
  return std::string(value_set.substr(0, at + 1)).append(value_set.substr(at + kValueSet.size()));
}

// The element that a plain path ("Patient.address.use") leads to; null for any other expression.
const Element* ElementAt(std::string_view path, const Definitions& definitions) {
  const std::vector<std::string_view> names = base::Split(path, '.');
  const Type* type = definitions.FindType(names[0]);
  const Element* element = nullptr;
  for (size_t i = 1; i < names.size() && type != nullptr; ++i) {
    element = type->FindElement(names[i]);
    type = element != nullptr && element->types.size() == 1 ? element->types[0] : nullptr;
  }
  return type != nullptr ? element : nullptr;
}

}  // namespace

std::string ImpliedSystem(std::string_view expression, const Definitions& definitions) {
  constexpr std::string_view kOr = " | ";
  std::string implied;
  for (size_t begin = 0; begin < expression.size();) {
    const size_t end = std::min(expression.find(kOr, begin), expression.size());
    const Element* element = ElementAt(expression.substr(begin, end - begin), definitions);
    if (element == nullptr || element->types[0]->name != "code") return {};
    std::string system = SystemOf(*element);
    if (begin > 0 && system != implied) return {};
    implied = std::move(system);
    begin = end + kOr.size();
  }
  return implied;
}

}  // namespace heyi::fhir
