// ACK: MSH back to the sender, MSA, and an ERR for each thing that is wrong. https://www.hl7.eu/HL7v2x/v25/std25/ch02.html
#pragma once

#include <string>
#include <string_view>

#include "adapters/message.h"

namespace heyi::adapters {

// The acknowledgement of `raw`, in its own charset and delimiters. Empty where the sender wants none (MSH-15 and MSH-16
// say so) or where `raw` is itself an acknowledgement: two systems that acknowledge acknowledgements never end.
//
//               original mode   enhanced mode (MSH-15 asks for an accept acknowledgement)
//   taken       AA              CA
//   kept        AE              CA      with v2.kept among its ERR: it is stored, do not send it again
//   refused     AE, AR          CE, CR  AR where nothing of it can be taken: no MSH, type, event, version, processing id
std::string WriteV2Acknowledgement(std::string_view raw, const Acknowledgement& ack);

// Of theirs: MSA-1 AA or CA taken, else refused, with what MSA-3 and ERR say. `output` is {"MSA": {"1": …, "2": …}}: an
// answer belongs to the message that MSA-2 names, whatever was sent last.
//   errors  kMalformed adapter.answer
base::Result<Acknowledgement> ReadV2Acknowledgement(std::string_view raw);

}  // namespace heyi::adapters
