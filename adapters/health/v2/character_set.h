// Which charset a message is in: what MSH-18 says (table 0211), else what its bytes say.
#pragma once

#include <string>
#include <string_view>

#include "base/charset.h"
#include "base/outcome.h"

namespace heyi::adapters {

struct V2CharacterSet {
  base::Charset charset = base::Charset::kUtf8;
  base::Charset answers = base::Charset::kUtf8;  // what the sender expects to be answered in: the declared one, if any
  std::string declared;  // MSH-18 as sent, its first repetition; may be empty
};

// Undeclared: UTF-8 where the bytes are that, else GB 18030. Declared: that, and v2.charset at MSH.18 where the bytes are
// something else, so that nobody's name is ever read as other characters than were meant; v2.character-set where we do
// not have it.
V2CharacterSet FindCharacterSet(std::string_view raw, base::Outcome& outcome);

// As MSH-18 names it.
std::string_view V2NameOf(base::Charset charset);

}  // namespace heyi::adapters
