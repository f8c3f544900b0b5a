// [type]/[id]/$lineage?path=: which message, byte, map, version and rule gave each element the value that it has.
#pragma once

#include <memory>

#include "interaction/operations.h"

namespace heyi::exchange {

// GET or POST; `path` is an element as issues name it, without the type ("name[0].text"); without it all elements.
// Answers Parameters: one `element` a value with parts path, value, version, recorded, and where a message wrote it
// message, source, begin, rule. Asked only of what the caller may read.
//   errors  kNotFound interaction.not-found, exchange.no-element
std::unique_ptr<interaction::Operation> MakeLineage();

}  // namespace heyi::exchange
