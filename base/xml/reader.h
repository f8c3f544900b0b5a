// Strict streaming XML 1.0 with namespaces, without recursion and without I/O: the only door to expat.
//
// Refused with a rule, a line and column and a byte position: whatever is not well-formed, any DOCTYPE (before anything
// it declares is read, so nothing can be expanded or fetched), entities but the five predefined ones, prefixes that are
// not bound, any encoding but UTF-8 and its subset US-ASCII, more depth, attributes, nodes or bytes than the limits.
// https://www.w3.org/TR/xml https://www.w3.org/TR/xml-names
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace heyi::base {

struct XmlLimits {
  uint32_t depth_max = 128;
  uint32_t attributes_max = 1'000;           // of one element, namespace declarations aside
  uint64_t nodes_max = 20'000'000;           // elements, attributes and runs of text
  size_t bytes_max = size_t{256} * 1024 * 1024;
};

inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";  // of xml:lang, xml:id

struct XmlAttribute {
  std::string_view ns;    // empty where it has no prefix
  std::string_view name;  // without prefix
  std::string_view value; // references decoded, white space normalised
};

// Receives a document. Views live only as long as the call. `begin` and `end` are byte offsets into the text.
// Namespaces are resolved; who needs the declarations themselves, or comments, overrides their functions.
class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  virtual void StartElement(std::string_view ns, std::string_view name, std::span<const XmlAttribute> attributes,
                            size_t begin) = 0;  // of `<`
  virtual void EndElement(size_t end) = 0;      // one past `>`
  virtual void Text(std::string_view text, size_t begin) = 0;  // may come in pieces, also from CDATA; may be blank
  virtual void Instruction(std::string_view target, std::string_view data, size_t begin);  // nothing, if not overridden
  // Before the StartElement that declares it; "" for the default, and as `ns` where that is taken back. Nothing, likewise.
  virtual void Declaration(std::string_view prefix, std::string_view ns);
  virtual void Comment(std::string_view text, size_t begin);  // nothing, likewise
};

//   errors  kMalformed: xml.* of base/rules.tsv
Result<Done> ReadXml(std::string_view text, XmlEvents& events, const XmlLimits& limits = {});

}  // namespace heyi::base
