// The codes that referral, bed and stay are told apart by.
#pragma once

#include <string_view>

namespace heyi::care {

inline constexpr std::string_view kBedKindSystem = "https://heyi.example/fhir/cs/bed-kind";
inline constexpr std::string_view kReferralStateSystem = "https://heyi.example/fhir/cs/referral-state";
inline constexpr std::string_view kReasonSystem = "https://heyi.example/fhir/cs/referral-reason";
inline constexpr std::string_view kOperationalStatusSystem = "http://terminology.hl7.org/CodeSystem/v2-0116";
inline constexpr std::string_view kActCodeSystem = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
inline constexpr std::string_view kPhysicalTypeSystem = "http://terminology.hl7.org/CodeSystem/location-physical-type";
inline constexpr std::string_view kSignatureUrl = "https://heyi.example/fhir/ext/handover-signed-by";

// The kind of bed decides the class of the Encounter on it, and whether it is inventory: a bed that exists.
struct BedKind {
  std::string_view code;
  std::string_view encounter_class;
  bool inventory;
};
inline constexpr BedKind kBedKinds[] = {
    {"home-care", "HH", false}, {"care-home", "NONAC", true}, {"day-care", "NONAC", false},
    {"home-sickbed", "HH", false}, {"hospital", "IMP", true}, {"hospice", "IMP", true},
};

inline const BedKind* FindBedKind(std::string_view code) {
  for (const BedKind& kind : kBedKinds) {
    if (kind.code == code) return &kind;
  }
  return nullptr;
}

}  // namespace heyi::care
