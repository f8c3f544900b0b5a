// Where data came from: one Provenance for what one message wrote. https://hl7.org/fhir/R4/provenance.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interaction/plan.h"

namespace heyi::exchange {

struct ProvenanceFacts {
  std::string message_key;       // department/sender/message id; empty: by an operator's order, no message
  std::string message_sha256;
  std::string sender;            // as the message names it
  std::string organization_id;   // its Organization, or empty
  base::TimeMs occurred_ms = 0;  // as the message says; 0 = unknown
  std::string map;               // "civil.ELDER/1"
  std::string activity;          // link, unlink (ISO 21089); empty: none is named
  uint32_t run = 1;              // of the message: each that wrote something has its own Provenance
};

// Adds the Provenance of `targets` to the plan; its id follows from the message.
base::Result<base::Done> WriteProvenance(interaction::Plan& plan, const ProvenanceFacts& facts,
                                         const std::vector<interaction::Plan::Put>& targets);

}  // namespace heyi::exchange
