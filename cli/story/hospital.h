// What the invented hospital's own system sends: HL7 v2 by MLLP, a CDA discharge summary, and the internet hospital's
// follow-up as FHIR.
#pragma once

#include <string>

#include "base/clock.h"
#include "cli/story/invented.h"

namespace heyi::cli {

struct Visit {
  std::string number;        // 住院号, PV1-19
  std::string bed;           // "W3^305^12"
  base::TimeMs begin_ms = 0, end_ms = 0;
};

// ADT^A01 (admission) or ADT^A03 (discharge), segments parted by CR, in UTF-8. `charset`: MSH-18.
std::string AdtMessage(std::string_view event, const Institution& hospital, const Elder& elder, const Visit& visit,
                       std::string_view control_id, std::string_view charset, base::TimeMs now_ms);

// C0053, the discharge summary (出院小结) of WS/T 500.
std::string DischargeSummary(const Institution& hospital, const Elder& elder, const Visit& visit, std::string_view document_id,
                             base::TimeMs now_ms);

// A transaction: a virtual Encounter, two Observations taken at it, and the CarePlan that follows.
std::string FollowUp(std::string_view patient_id, std::string_view organization, base::TimeMs now_ms);

}  // namespace heyi::cli
