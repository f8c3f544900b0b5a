// %factory: new FHIR values in an expression. https://build.fhir.org/fhirpath.html#factory
#pragma once

#include <string>

#include "base/result.h"
#include "fhir/path/evaluator.h"

namespace heyi::fhir {

enum class FactoryArguments : unsigned char { kValues, kType };  // kType: the first one names a type

// Whether `%factory.name()` may be called so; `made` is the type of that name, or null.
//   errors  kInvalid path.unknown-function, path.arguments
base::Result<FactoryArguments> FactoryTakes(const std::string& name, const Type* made, size_t arguments);

// The value, in a tree of its own that lives as long as the item.
//   errors  kInvalid path.execution: a text that is no value of the type, an element that cannot take the value
base::Result<Collection> EvalFactory(const Op& op, const Scope& scope, Evaluator& evaluator);

}  // namespace heyi::fhir
