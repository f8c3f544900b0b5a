// Our issues in HL7 v2's terms: where (ERR-2), which code of table 0357 (ERR-3), and whether the message as such is
// rejected (AR) or only its content is in error (AE).
#pragma once

#include <string>
#include <string_view>

#include "base/outcome.h"

namespace heyi::adapters {

// "v2.IN1[1].2.1" -> {"IN1^2^2^1^1", "IN1[].2.1"}; "MSH.10" -> {"MSH^1^10", "MSH.10"}.
struct V2Place {
  std::string location;    // ERL: segment ^ which of them ^ field ^ repetition ^ component ^ subcomponent, with `^`
  std::string model_path;  // as the logical model writes it; lists are marked as the expression marks them
  bool in_header = false;  // of the envelope's model
};
V2Place V2PlaceOf(std::string_view expression, char component);

// Table 0357, message error condition codes.
struct V2Condition {
  int code = 207;
  std::string_view text = "Application internal error";
};
V2Condition V2ConditionOf(const base::Issue& issue);

// Nothing of the message can be taken, whatever is corrected in it: AR.
bool RejectsV2Message(const base::Outcome& outcome);

}  // namespace heyi::adapters
