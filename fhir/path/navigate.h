// From a place in a tree to its children as FHIRPath sees them: lists opened, a primitive and its `_name` joined.
#pragma once

#include <span>

#include "fhir/path/budget.h"
#include "fhir/path/path.h"
#include "fhir/path/program.h"

namespace heyi::fhir {

// Appends what `steps`, all of them members, lead to from `from`, in document order.
void AppendMembers(const PathValue& from, std::span<const Step> steps, Budget& budget, Collection& out);

// Appends the children of that element name.
void AppendNamed(const PathValue& from, std::string_view element, Budget& budget, Collection& out);

// Appends all children.
void AppendChildren(const PathValue& from, Budget& budget, Collection& out);

// How many member steps one walk may take; longer paths walk several times.
inline constexpr size_t kWalkStepsMax = 16;

}  // namespace heyi::fhir
