// Text: UTF-8, folding for string search, full-width digits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heyi::base {

bool IsAscii(std::string_view text);
bool IsValidUtf8(std::string_view text);                         // no overlong forms, no surrogates
std::string_view ClipUtf8(std::string_view text, size_t bytes);  // at most `bytes`, never in the middle of a character

// Case, accents, width and compatibility forms folded away: what R4 string search compares.
// https://hl7.org/fhir/R4/search.html#string
std::string FoldForSearch(std::string_view text);

// Trimmed, NFKC: "１２３（Ａ）" becomes "123(A)".
std::string NormalizeWidth(std::string_view text);

std::string AsciiLower(std::string_view text);
std::string_view Trim(std::string_view text);
std::vector<std::string_view> Split(std::string_view text, char separator);
bool ParseUnsigned(std::string_view text, uint64_t* value);  // digits only, no overflow

}  // namespace heyi::base
