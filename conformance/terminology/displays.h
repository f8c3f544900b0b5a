// The displays of a concept: which one to show to whom, and whether a given one is right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/terminology/answers.h"
#include "conformance/terminology/code_system.h"
#include "conformance/terminology/value_set.h"

namespace heyi::conformance {

struct Display {
  std::string_view value, language;
  bool base = false;       // the code system's own display, or the value set's in its place
  bool name = true;        // used as a display; else a designation for another use
  bool outdated = false;
  int designation = -1;    // which of the concept's designations, else of the entry's listed ones (from kListedFrom)
};
inline constexpr int kListedFrom = 1'000'000;

// What a concept is called. Views into both, which outlive the list.
//   system   null where the code system is not here
//   listed   the value set's entry, or null
std::vector<Display> DisplaysOf(const CodeSystem* system, uint32_t at, const ValueSetDefinition::Listed* listed);

// The one to show; null where none is in a language that will do.
const Display* BestDisplay(const std::vector<Display>& displays, const Languages& languages);

// Is there any display at all that is the same as `given`?
bool HasDisplay(const std::vector<Display>& displays, std::string_view given);

// What is to be said of `coding.display`; nothing where it is right, or there is none.
std::optional<TxIssue> CheckDisplay(const std::vector<Display>& displays, const TxCoding& coding, const Languages& languages, bool lenient,
                                    const std::string& place);

}  // namespace heyi::conformance
