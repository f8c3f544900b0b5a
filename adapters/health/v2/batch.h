// Batches: FHS BHS message … BTS FTS, or without the outer or both pairs. Each message is taken and answered by itself;
// the answers go back as a batch. https://www.hl7.eu/HL7v2x/v25/std25/ch02.html (batch protocol)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"

namespace heyi::adapters {

// Does the text begin with FHS or BHS?
bool IsV2Batch(std::string_view raw);

struct V2Batch {
  std::vector<std::string_view> messages;  // views into the text; each begins with MSH
  base::Outcome outcome;                   // v2.batch-count at BTS.1 or FTS.1, v2.segment, v2.too-many
};
V2Batch SplitV2Batch(std::string_view raw);

// The batch that answers `raw`: what was wrong with the batch as such, if anything, as an ACK of its own in front (MSA-2 =
// BHS-11, else FHS-11), then `answers` in order; empty ones are left out. `id` and `now` are those of our batch.
std::string WriteV2BatchAnswer(std::string_view raw, const V2Batch& batch, const std::vector<std::string>& answers, std::string_view id,
                               int64_t answered_ms);

}  // namespace heyi::adapters
