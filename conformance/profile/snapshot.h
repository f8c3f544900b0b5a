// Snapshots: what a profile says of every element, made from its base's snapshot and its own differential.
// https://hl7.org/fhir/R4/profiling.html#snapshot
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/library/source.h"
#include "conformance/profile/element_tree.h"

namespace heyi::conformance {

class SnapshotMaker {
 public:
  explicit SnapshotMaker(const CanonicalSource& source) : source_(source) {}

  // The elements of `definition`: its snapshot where it has one, else made from its base and differential; the bases and
  // the types that the differential reaches into come from the source.
  //   errors  kInvalid conformance.snapshot: an element that the base does not have, a base or type that is not to be
  //           had, bases in a circle or deeper than kBasesMax
  base::Result<std::unique_ptr<ElementNode>> Make(const base::JsonValue& definition);

 private:
  class Merge;
  base::Result<std::unique_ptr<ElementNode>> Of(std::string_view canonical);

  const CanonicalSource& source_;
  std::vector<std::string> open_;  // being made
};

}  // namespace heyi::conformance
