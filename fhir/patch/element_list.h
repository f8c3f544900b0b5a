// The values of one element of one object, as FHIR counts them: a primitive and its `_name` sibling are one value, an
// element that does not repeat is a list of at most one.
#pragma once

#include <optional>
#include <vector>

#include "fhir/model/tree.h"

namespace heyi::fhir {

struct ElementItem {
  NodeIndex value = kNoNode;       // kNoNode where only `_name` is there
  NodeIndex underscore = kNoNode;  // object of a primitive's id and extensions
};

// Where a value stands.
struct ElementPlace {
  NodeIndex object = kNoNode;
  const Property* property = nullptr;
  size_t index = 0;  // in ItemsOf(object, property)
};

// Of a value or its `_name` sibling; nullopt for the root of the tree.
std::optional<ElementPlace> PlaceOf(Node node);

std::vector<ElementItem> ItemsOf(const Tree& tree, NodeIndex object, const Property& property);

// Makes `items` the element's values; they hang at that element or nowhere. Not more than one where it does not repeat.
void SetItems(Tree& tree, NodeIndex object, const Property& property, const std::vector<ElementItem>& items);

}  // namespace heyi::fhir
