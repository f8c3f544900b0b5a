// Instances: what a map reads and makes. A resource of R4, or of a logical model, or of no model at all.
//
// All are the same kind of tree: R4's types and those made of logical models bind its nodes, and where neither knows a
// member it has a name and no type.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json/value.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "mapping/fml/models.h"

namespace heyi::mapping {

struct FmlInstance {
  fhir::Tree tree;
  std::shared_ptr<AnyNames> names;  // what nodes without a type are called; null where there are none
};

// `type`: what the instance is, where it does not say so itself (by resourceType, or by its root's name); may be null.
// Resources of R4 are read as R4 has them, strictly; of all else members that the model does not know are kept.
//   errors  kMalformed json.*, xml.*, fhir.*; kInvalid fml.instance where the root is not what it has to be
base::Result<FmlInstance> ReadJsonInstance(std::string text, const FmlModels& models, const fhir::Type* type);
base::Result<FmlInstance> ReadJsonInstance(const base::JsonValue& json, const FmlModels& models,
    const fhir::Type* type);
base::Result<FmlInstance> ReadXmlInstance(std::string text, const FmlModels& models, const fhir::Type* type);

// As its model has it: attributes, text, the model's namespace. Without the XML declaration.
std::string WriteXmlInstance(const FmlInstance& instance, const FmlModels& models);

}  // namespace heyi::mapping
