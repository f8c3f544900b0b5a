// Tree -> FHIR XML, compact; elements in the order of the definitions, number text and strings as they were read.
// https://hl7.org/fhir/R4/xml.html
#pragma once

#include <string>

#include "fhir/model/tree.h"

namespace heyi::fhir {

// `resource` is a root, contained or an entry's. What comes out is always well-formed: characters that XML cannot carry
// become U+FFFD, and a Narrative.div that is no XHTML becomes a div with its source as text.
void AppendXml(Node resource, std::string& out);
std::string WriteXml(const Tree& tree);  // with the XML declaration

}  // namespace heyi::fhir
