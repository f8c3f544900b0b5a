// An XML document as its patches see it: beside elements and texts also comments, instructions and the declarations of
// namespaces are nodes that can be selected (base/xml/tree.h leaves those out).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fhir/patch/limits.h"

namespace heyi::fhir {

// Names are resolved: nobody remembers a prefix, and what is written declares what its names need.
struct PatchNode {
  enum class Kind : uint8_t { kDocument, kElement, kText, kComment, kInstruction };
  struct Attribute {
    std::string ns, name, value;
  };
  struct Declaration {
    std::string prefix, ns;  // "" for the default
  };

  Kind kind = Kind::kDocument;
  std::string ns, name;  // of an element; the target of an instruction
  std::string text;      // of a text or comment; the data of an instruction
  std::vector<Attribute> attributes;
  std::vector<Declaration> declarations;
  std::vector<PatchNode> children;  // of an element or document; no two texts side by side, none empty

  bool is_element() const { return kind == Kind::kElement; }
  bool is_text() const { return kind == Kind::kText; }
  bool is_blank_text() const;
};

struct PatchNodeSize {
  uint64_t nodes = 0;  // with attributes and declarations
  uint64_t bytes = 0;  // of its XML, about
  uint32_t depth = 0;  // of elements
};

// The document in `text`; no deeper than limits.depth_max, which bounds all recursion on it.
//
//   errors  kMalformed xml.*; kTooLarge patch.too-costly
base::Result<PatchNode> ReadPatchNodes(std::string_view text, const PatchLimits& limits);

// nullopt: `work` is used up.
std::optional<std::string> WritePatchNodes(const PatchNode& document, PatchWork& work);

PatchNodeSize SizeOf(const PatchNode& node);

// Texts side by side become one, and empty ones go.
void JoinTexts(std::vector<PatchNode>& children);

}  // namespace heyi::fhir
