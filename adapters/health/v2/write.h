// Our own messages to a hospital: a record, shaped as V2RecordReader reads it, as segments.
#pragma once

#include <string>

#include "adapters/message.h"

namespace heyi::adapters {

// Version 2.5 in UTF-8; EVN is added where the record has none. Members that are no numbers are left out.
std::string WriteV2Message(const Adapter::Outgoing& outgoing);

}  // namespace heyi::adapters
