// The few FHIR resources that a corpus has only as XML, told as JSON for our tree. Well-formed input of moderate depth
// and no DOCTYPE; what the server takes from outside goes through no code of this file. https://hl7.org/fhir/R4/xml.html
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fhir/model/definitions.h"

namespace heyi::cli {

//   errors  kMalformed corpora.xml: not well-formed, or an element that the definitions do not know
base::Result<std::string> JsonOfXml(std::string_view xml, const fhir::Definitions& definitions);

}  // namespace heyi::cli
