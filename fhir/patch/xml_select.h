// The selectors of XML patches: the part of XPath 1.0 that RFC 5261 takes, and no more of it.
// https://www.rfc-editor.org/rfc/rfc5261#section-8
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/patch/xml_nodes.h"

namespace heyi::fhir {

// The namespaces that prefixes stand for where a selector is written; "" for the default, which, unlike in XPath 1.0,
// names of elements without prefix are in.
class PatchScope {
 public:
  // Inside `element`, which stands where `outer` holds; null for the outermost. Both outlive this.
  PatchScope(const PatchScope* outer, const PatchNode& element);
  std::optional<std::string_view> Find(std::string_view prefix) const;

 private:
  const PatchScope* outer_;
  std::map<std::string_view, std::string_view> declarations_;
};

struct PatchName {
  std::string ns, name;  // no name: any element
};

// [3], [@a='b'], [a='b'], [.='b']
struct PatchCondition {
  enum class Kind : uint8_t { kPosition, kAttribute, kChild, kSelf };
  Kind kind = Kind::kPosition;
  uint64_t position = 0;  // from 1
  PatchName name;
  std::string value;
};

struct PatchStep {
  enum class Kind : uint8_t { kElement, kText, kComment, kInstruction, kAttribute, kNamespace };
  Kind kind = Kind::kElement;
  PatchName name;  // of a namespace its prefix; of an instruction its target, where one is asked for
  std::vector<PatchCondition> conditions;
};

using PatchSelector = std::vector<PatchStep>;  // never empty; only the last selects what is no element

//   errors  (a rule and a detail; the caller knows the operation)
//           patch.xml-selector: no selector, or more than RFC 5261 takes; patch.xml-prefix: nothing declares it
struct SelectorError {
  std::string_view rule;
  std::string detail;
};
std::optional<SelectorError> ReadPatchSelector(std::string_view text, const PatchScope& scope, PatchSelector& selector);

// "@name" or "namespace::prefix", which an operation can add.
std::optional<SelectorError> ReadPatchTarget(std::string_view text, const PatchScope& scope, PatchStep& target);

// A node in a document, and the nodes it stands in, from the document itself.
struct PatchPlace {
  std::vector<PatchNode*> path;          // its last one is the node, or the element whose attribute or declaration it is
  size_t index = 0;                      // among the children of the one before, or the attributes or declarations
  PatchStep::Kind kind = PatchStep::Kind::kElement;
};

// How many nodes `selector` finds in `document`: 0, 1, or 2 for more. `place` is the first. nullopt: `work` is used up.
std::optional<int> FindPatchPlace(PatchNode& document, const PatchSelector& selector, PatchWork& work, PatchPlace& place);

}  // namespace heyi::fhir
