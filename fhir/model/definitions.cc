#include "fhir/model/definitions.h"

#include <algorithm>

namespace heyi::fhir {

bool Type::IsA(std::string_view type_name) const {
  for (const Type* type = this; type != nullptr; type = type->base) {
    if (type->name == type_name) return true;
  }
  return false;
}

const Property* Type::Find(std::string_view property) const {
  const auto found = std::lower_bound(properties.begin(), properties.end(), property,
                                      [](const Property& p, std::string_view wanted) { return p.name < wanted; });
  return found != properties.end() && found->name == property ? &*found : nullptr;
}

const Element* Type::FindElement(std::string_view element_name) const {
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [&](const Element& element) { return element.name == element_name; });
  return found == elements.end() ? nullptr : &*found;
}

const Type* Definitions::FindType(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Type* Definitions::FindResource(std::string_view name) const {
  const Type* type = FindType(name);
  return type != nullptr && type->is_resource() ? type : nullptr;
}

}  // namespace heyi::fhir
