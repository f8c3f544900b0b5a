// FHIR JSON -> tree. Strict: what comes back is a tree that the definitions know node by node.
// https://hl7.org/fhir/R4/json.html
#pragma once

#include <string>

#include "base/json/reader.h"
#include "base/result.h"
#include "base/xml/reader.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

// Of either format: what comes as XML must be writable as JSON that is taken again.
struct ParseLimits {
  base::JsonLimits json;
  uint32_t issues_max = 50;  // after these, parsing gives up
  base::XmlLimits xml;
};

// The resource in `text`, which is taken over and decoded in place.
//
//   errors  kMalformed, all issues found, with FHIRPath expressions: json.* (base/rules.tsv) for broken JSON;
//           fhir.resource-type (missing), fhir.unknown-resource-type, fhir.unknown-property, fhir.wrong-kind (a string
//           where an object or a list is due, and so on), fhir.empty (an empty object, list or string; a blank string),
//           fhir.null (null but as a place holder beside `_name`), fhir.underscore (a `_name` list of another length,
//           a `_` member of a non-primitive), fhir.choice-twice
//   Primitive *formats* (dates, codes) and cardinality are conformance/'s, not checked here.
base::Result<Tree> ParseResource(std::string text, const Definitions& definitions, const ParseLimits& limits = {});

}  // namespace heyi::fhir
