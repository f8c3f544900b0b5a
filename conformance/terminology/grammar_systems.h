// Code systems that are no list but a grammar: languages (BCP 47), media types (BCP 13), units (UCUM).
#pragma once

#include <string_view>

namespace heyi::conformance {

bool IsGrammarSystem(std::string_view system);
// Is `code` well-formed in that system? Whether its parts are registered is not asked.
bool FitsGrammar(std::string_view system, std::string_view code);

}  // namespace heyi::conformance
