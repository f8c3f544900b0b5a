// What a request carries through the rooms: who asks, when, and where ids and chance come from.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace heyi::base {

// The asking party, as authentication established it. Empty `client` = anonymous.
struct Caller {
  std::string client;        // the software that asks, e.g. "his-hospital-1"
  std::string organization;  // logical id of its Organization, empty for a bureau-wide operator
  std::string department;    // civil-affairs | health | insurance | audit | operator
  std::string role;          // clinician | care-worker | officer | auditor | operator | system
  std::string person;        // the human behind the software where it says so
  std::string purpose;       // http://terminology.hl7.org/CodeSystem/v3-ActReason: TREAT, HPAYMT, HOPERAT, COC, HCOMPL…

  bool anonymous() const { return client.empty(); }
};

struct Context {
  Caller caller;
  const Clock& clock;
  Random& random;
  std::string request_id;
};

}  // namespace heyi::base
