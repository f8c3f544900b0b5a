// A small XML tree for what is not FHIR: documents and messages of departments. Keeps order, mixed content, and where
// each element and text stood.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/xml/reader.h"

namespace heyi::base {

// An element, or a run of text where it has no name.
struct XmlNode {
  struct Attribute {
    std::string ns, name, value;
  };

  std::string ns, name, text;
  std::vector<Attribute> attributes;
  std::vector<XmlNode> children;
  size_t begin = 0;  // of `<`, or of the text
  size_t end = 0;    // one past `>`; 0 for text

  bool is_text() const { return name.empty(); }
  // The value of an attribute without prefix; empty where absent.
  std::string_view AttributeText(std::string_view attribute_name) const;
  // The first child element of that namespace and name; null where there is none.
  const XmlNode* Find(std::string_view child_ns, std::string_view child_name) const;
  // The direct text, pieces joined, trimmed.
  std::string OwnText() const;
};

struct XmlDocument {
  XmlNode root;
  std::vector<std::string> instructions;  // targets of the processing instructions
};

// Recursion over what comes back is bounded by limits.depth_max.
Result<XmlDocument> ParseXml(std::string_view text, const XmlLimits& limits = {});

// The byte in `text` where the value of an attribute of the element at `begin` stands; `begin` where it has none.
// `name` is as written, prefix included.
size_t AttributeValueAt(std::string_view text, size_t begin, std::string_view name);

}  // namespace heyi::base
