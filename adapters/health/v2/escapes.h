// Escape sequences of HL7 v2 text (chapter 2, "Use of escape sequences in text fields").
//
//   \F\ \S\ \T\ \R\ \E\ \P\  the delimiters themselves (field, component, subcomponent, repetition, escape, truncation)
//   \Xhh…\                   bytes in the message's charset, in hexadecimal
//   \.br\ \.sp\ \.sp<n>\     line ends          \H\ \N\  highlighting, left out
// What is unknown or malformed stays as it was sent, and so does a \X that would bring in a NUL.
#pragma once

#include <string>
#include <string_view>

#include "adapters/health/v2/syntax.h"

namespace heyi::adapters {

// A value as sent -> UTF-8; false where its bytes are not of the converter's charset.
bool UnescapeV2(std::string_view bytes, const V2Delimiters& delimiters, base::CharsetConverter& converter, std::string* text);

// UTF-8 -> a value as it is sent. Control characters cannot be: line ends become \.br\, tabs blanks, others go.
std::string EscapeV2(std::string_view text, const V2Delimiters& delimiters, base::CharsetConverter& converter);

}  // namespace heyi::adapters
