// Units of quantities, compared as they are written. Here is where conversion belongs: once units are known (UCUM), the
// quantity asked for and the one stored are brought to one unit before QuantityMatches compares their numbers, and the
// index gets its rows in that unit.
// https://hl7.org/fhir/R4/search.html#quantity
#include "fhir/search/kinds.h"

namespace heyi::fhir {

// "5.4|http://unitsofmeasure.org|mg" names the unit by its code; people also write what they read: the human form.
bool UnitMatches(const QuantityValue& wanted, const QuantityValue& value) {
  if (!wanted.system.empty() && wanted.system != value.system) return false;
  return wanted.code.empty() || wanted.code == value.code || wanted.code == value.unit;
}

}  // namespace heyi::fhir
