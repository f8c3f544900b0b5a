// The transforms: what a target's value is made of. https://build.fhir.org/ig/HL7/mapping-language-ig/transforms.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/fml/run.h"

namespace heyi::mapping {

struct TransformCall {
  FmlRunner& runner;
  const FmlTargetStep& target;
  const std::vector<FmlValue>& arguments;  // as many as there are parameters, those of evaluate but the expression
  const FmlFrame& frame;
  const fhir::PathValue& focus;              // what the rule is about: of an expression that names no context
  const fhir::Property* property = nullptr;  // of the element that takes the value; null where none is known

  // The text of an argument; empty where it has no value.
  std::string_view Text(size_t i) const;
  bool Has(size_t i) const { return i < arguments.size() && !arguments[i].empty(); }
};

// The values: none where there is nothing to put, several where the transform gives several.
//   errors  kInvalid fml.value, fml.arguments, fml.unmapped, fml.unknown-type …, without a place
base::Result<std::vector<FmlValue>> RunTransform(const TransformCall& call);

// The families, one file each.
base::Result<std::vector<FmlValue>> TransformString(const TransformCall& call);       // truncate, escape, append
base::Result<std::vector<FmlValue>> TransformType(const TransformCall& call);         // create, copy, cast
base::Result<std::vector<FmlValue>> TransformDate(const TransformCall& call);         // dateOp, toDate …
base::Result<std::vector<FmlValue>> TransformReference(const TransformCall& call);    // reference, pointer, uuid
base::Result<std::vector<FmlValue>> TransformTranslate(const TransformCall& call);    // translate
base::Result<std::vector<FmlValue>> TransformDatatype(const TransformCall& call);     // cc, c, qty, id, cp
base::Result<std::vector<FmlValue>> TransformEvaluate(const TransformCall& call);     // evaluate

base::Error TransformError(std::string_view rule_id, std::string_view detail);

// A loose object of an R4 data type being filled: Coding, Quantity …
class DatatypeMaker {
 public:
  DatatypeMaker(FmlRunner& runner, std::string_view type);
  void Set(std::string_view member, std::string_view text);      // nothing where the text is empty
  void SetObject(std::string_view member, fhir::NodeIndex object);  // an item where the member is a list
  fhir::NodeIndex object() const { return object_; }

 private:
  FmlRunner& runner_;
  fhir::NodeIndex object_;
};

}  // namespace heyi::mapping
