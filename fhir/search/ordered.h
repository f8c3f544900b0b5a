// Instants, decimals and texts as byte strings that sort as the values do: what index keys and sort keys are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace heyi::fhir {

// Numbers that keep the order of signed instants.
inline uint64_t OrderedTime(base::TimeMs ms) { return static_cast<uint64_t>(ms) ^ (1ull << 63); }
inline base::TimeMs TimeOfOrdered(uint64_t ordered) { return static_cast<base::TimeMs>(ordered ^ (1ull << 63)); }

uint64_t OrderedDouble(double value);
double DoubleOfOrdered(uint64_t ordered);

// The double nearest to a decimal as JSON writes it; infinite where none is large enough. Never on the other side of
// another decimal's.
double DoubleOf(std::string_view decimal);

// What is kept of a folded text, in keys and in sorting.
inline constexpr size_t kOrderedTextBytesMax = 40;

}  // namespace heyi::fhir
