// Regular expressions of matches(), matchesFull() and replaceMatches(): RE2's, which know no back references and no
// look-around, and in return never take exponential time. https://hl7.org/fhirpath/N1/#matchesregex--string--boolean
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace heyi::fhir {

class PathRegex {
 public:
  // flags  "i": letters of either case, "m": ^ and $ also at lines. A point always matches the end of a line too.
  // whole  it must match a text (with "m", lines) from end to end
  //   errors  kInvalid path.execution: none, too large, or unknown flags
  static base::Result<PathRegex> Compile(std::string_view pattern, std::string_view flags, bool whole);

  PathRegex(PathRegex&&) noexcept;
  PathRegex& operator=(PathRegex&&) noexcept;
  ~PathRegex();

  bool Matches(std::string_view text) const;
  // All matches replaced; `substitution` names groups as $1 or ${1}.
  //   errors  kInvalid path.execution: a group that is not there; path.too-costly
  base::Result<std::string> Replaced(std::string_view text, std::string_view substitution) const;

 private:
  explicit PathRegex(std::unique_ptr<re2::RE2> regex);
  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace heyi::fhir
