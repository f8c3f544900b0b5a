// Where FHIR's XML puts what FHIR's JSON puts elsewhere. https://hl7.org/fhir/R4/xml.html
#pragma once

#include <string_view>

#include "fhir/model/definitions.h"

namespace heyi::fhir {

inline constexpr std::string_view kFhirNamespace = "http://hl7.org/fhir";
inline constexpr std::string_view kSchemaNamespace = "http://www.w3.org/2001/XMLSchema-instance";
inline constexpr std::string_view kXhtmlNamespace = "http://www.w3.org/1999/xhtml";

inline bool IsXhtml(const Property& property) { return property.type->name == "xhtml"; }

// Its place among the elements of its type, which is their order in XML.
inline size_t XmlPosition(const Type& owner, const Property& property) {
  return static_cast<size_t>(property.element - owner.elements.data());
}

}  // namespace heyi::fhir
