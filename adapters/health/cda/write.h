// A record as a CDA document: the way back from record.h. What is read from what is written is the record again.
#pragma once

#include <string>

#include "adapters/message.h"

namespace heyi::adapters {

// Fields that a reader works out for itself (`address`, `body`, `narrative…`, `loinc`, `dataElement`, `number`) are not
// written.
std::string WriteCda(const Adapter::Outgoing& outgoing);

}  // namespace heyi::adapters
