// A map's text as lines of tokens.
//
// Blanks and commas part tokens; inside brackets they do not. "…" is one token, kept with its first quote, so that a
// literal is never taken for a word. `#` at the start of a token begins a remark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"

namespace heyi::mapping {

struct Line {
  int number = 0;
  std::vector<std::string> tokens;
};

// Lines without tokens are left out. Adds map.syntax at file:line for an open quote or bracket.
std::vector<Line> ReadLines(std::string_view file, std::string_view text, base::Outcome& outcome);

inline bool IsQuoted(std::string_view token) { return token.starts_with('"'); }
inline std::string_view Unquoted(std::string_view token) { return token.substr(1); }

}  // namespace heyi::mapping
