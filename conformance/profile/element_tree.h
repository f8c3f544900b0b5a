// The elements of a StructureDefinition as the tree that their paths and slices mean.
// https://hl7.org/fhir/R4/elementdefinition.html and https://hl7.org/fhir/R4/profiling.html#slicing
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"

namespace heyi::conformance {

struct ElementNode {
  base::JsonValue element;  // the ElementDefinition; its path and id are those of the list it came from
  std::string name;         // the last part of its path: "contact", "value[x]"
  std::string slice;        // its sliceName, or empty
  std::vector<std::unique_ptr<ElementNode>> children;
  std::vector<std::unique_ptr<ElementNode>> slices;  // of this element, in order

  std::unique_ptr<ElementNode> Clone() const;
  ElementNode* Child(std::string_view child_name) const;  // not its slices; null where there is none
  ElementNode* Slice(std::string_view slice_name) const;
  // The choice ("value[x]") that `typed_name` ("valueQuantity") is a type of, and that type's suffix ("Quantity"); null where none.
  ElementNode* ChoiceOf(std::string_view typed_name, std::string_view* suffix) const;
};

// Of the elements of a snapshot, in their order.
//   errors  kInvalid conformance.snapshot where the list is empty or a path has no parent before it
base::Result<std::unique_ptr<ElementNode>> TreeOfElements(const base::JsonValue& elements);

// Back to a list with paths and ids below `root_name`, without recursion in the reader's way: an element's children come
// before its slices, as in published snapshots.
base::JsonValue ElementsOfTree(const ElementNode& root, std::string_view root_name);

// How many parts more than one a path, an id or the name of a slice has: "Patient.contact" and "a/b" 1, "Patient.name:a/b.use" 3.
size_t PartsOf(std::string_view name);

// "Patient.contact" -> "contact"
std::string_view LastPart(std::string_view path);

}  // namespace heyi::conformance
