// A Narrative's div, which is a string in the tree: one way to write each, so that the same XHTML is the same string.
// https://hl7.org/fhir/R4/narrative.html
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/xml/reader.h"

namespace heyi::fhir {

// Gathers an element and all below it: no prefixes, the XHTML namespace declared on the outermost element, attributes
// in their order and in double quotes, no comments; `<br/>`, but `<td></td>`, which HTML readers understand too.
class XhtmlText {
 public:
  // False, and nothing gathered, where an attribute stands in a namespace other than XML's own (xml:lang).
  bool Start(std::string_view name, std::span<const base::XmlAttribute> attributes);
  void End();
  void Text(std::string_view text);

  bool open() const { return !names_.empty(); }  // more has begun than ended
  std::string Take();                            // what was gathered; empty after it

 private:
  void CloseStartTag();

  std::string out_;
  std::vector<std::string> names_;
  bool in_start_tag_ = false;
};

// `div` written so; nothing where it is not one well-formed element `div` with XHTML in it. A div that declares no
// namespace is taken as XHTML.
std::optional<std::string> CanonicalXhtml(std::string_view div);

}  // namespace heyi::fhir
