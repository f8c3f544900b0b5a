#include "conformance/validate/vital_signs.h"

#include <algorithm>

#include "conformance/validate/profile_rules.h"

namespace heyi::conformance {

using fhir::Node;

namespace {

struct VitalSign {
  std::string_view loinc, profile;
};
constexpr VitalSign kVitalSigns[] = {
    {"85353-1", "vitalspanel"}, {"9279-1", "resprate"},    {"8867-4", "heartrate"},   {"2708-6", "oxygensat"}, {"8310-5", "bodytemp"},
    {"8302-2", "bodyheight"},   {"9843-4", "headcircum"},  {"29463-7", "bodyweight"}, {"39156-5", "bmi"},      {"85354-9", "bp"},
};

}  // namespace

void CheckVitalSigns(const fhir::PathValue& observation, Session& session) {
  const Node codings = observation.node().Member("code").Member("coding");
  for (Node coding = codings.first_child(); coding; coding = coding.next()) {
    if (coding.TextAt("system") != "http://loinc.org") continue;
    const auto sign = std::find_if(std::begin(kVitalSigns), std::end(kVitalSigns), [&](const VitalSign& one) { return one.loinc == coding.TextAt("code"); });
    if (sign != std::end(kVitalSigns)) CheckProfile(observation, "http://hl7.org/fhir/StructureDefinition/" + std::string(sign->profile), session);
  }
}

}  // namespace heyi::conformance
