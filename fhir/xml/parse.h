// FHIR XML -> tree: the very tree that the same resource gives as JSON, member order aside.
// https://hl7.org/fhir/R4/xml.html
#pragma once

#include <string>

#include "base/result.h"
#include "fhir/json/parse.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

// The resource in `text`. Comments, instructions and white space between elements are left out; a Narrative's div
// becomes a string as fhir/xml/xhtml.h writes it.
//
//   errors  kMalformed, all issues found, with FHIRPath expressions: xml.* (base/rules.tsv) for broken XML, any DOCTYPE
//           and other encodings; fhir.unknown-resource-type, fhir.unknown-property, fhir.wrong-kind (no number or
//           boolean where one is due), fhir.empty (an element without value, id and content; a blank attribute),
//           fhir.choice-twice; fhir.xml-namespace, fhir.xml-text, fhir.xml-repeated, fhir.xml-attribute (a resource's
//           xsi:schemaLocation is passed over); json.* for what could not be written as JSON again
//   Primitive formats and cardinality are conformance/'s, not checked here.
base::Result<Tree> ParseXmlResource(std::string text, const Definitions& definitions, const ParseLimits& limits = {});

}  // namespace heyi::fhir
