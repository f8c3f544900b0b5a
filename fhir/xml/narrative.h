// What XHTML a narrative may contain: the rules txt-1 and txt-2, which FHIRPath's htmlChecks() stands for.
// https://hl7.org/fhir/R4/narrative.html#rules
#pragma once

#include <string_view>

namespace heyi::fhir {

// One well-formed <div> of HTML's formatting elements and attributes, links, images and inline styles, with something
// in it: text, or an image. Nothing that runs, embeds or submits.
bool IsNarrativeXhtml(std::string_view div);

}  // namespace heyi::fhir
