// JSON that no model describes as a tree that FHIRPath can walk: FHIRPath itself is of no model.
// https://hl7.org/fhirpath/N1/#navigation-model
#pragma once

#include <memory>
#include <string>

#include "base/json/reader.h"
#include "base/result.h"
#include "fhir/model/tree.h"

namespace heyi::fhir {

// Its nodes have no types; a member `_name` is taken, as in FHIR, as what is known about `name`.
class PlainTree {
 public:
  // errors  kMalformed json.* where it is not JSON
  static base::Result<PlainTree> Parse(std::string text, const base::JsonLimits& limits = {});

  PlainTree(PlainTree&&) noexcept;
  PlainTree& operator=(PlainTree&&) noexcept;
  ~PlainTree();

  Node root() const;

 private:
  struct Names;  // the properties that the nodes point to
  PlainTree(std::unique_ptr<Tree> tree, std::unique_ptr<Names> names);
  std::unique_ptr<Tree> tree_;
  std::unique_ptr<Names> names_;
};

}  // namespace heyi::fhir
