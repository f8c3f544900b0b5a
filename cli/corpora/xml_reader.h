// XML elements, attributes and nesting of a small trusted document; text is kept only as the element's own source.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace heyi::cli {

struct XmlElement {
  std::string_view name;                                              // without prefix
  std::vector<std::pair<std::string_view, std::string>> attributes;   // values unescaped; no namespace declarations
  std::vector<XmlElement> children;
  std::string_view source;                                            // from its `<` to its `>`

  const std::string* Attribute(std::string_view wanted) const;        // null where absent
};

//   `xml` outlives what comes back.
//   errors  kMalformed corpora.xml, also for a DOCTYPE and for elements nested deeper than 64
base::Result<XmlElement> ReadXml(std::string_view xml);

base::Error XmlError(std::string_view why);

}  // namespace heyi::cli
