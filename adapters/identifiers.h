// Identity numbers and credit codes: check rules, and the registry of identifier systems.
// GB 11643-1999 (identity number), GB 32100-2015 (unified social credit code)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace heyi::adapters {

struct IdentityNumber {
  std::string number;      // 18 characters, X upper case; 15-digit numbers are extended
  std::string birth_date;  // yyyy-MM-dd
  bool male = false;
};
std::optional<IdentityNumber> ParseIdentityNumber(std::string_view text);
bool IsCreditCode(std::string_view text);  // 18 characters with the right check character

// The check characters, for making invented ones.
char IdentityCheckCharacter(std::string_view first_17);
char CreditCodeCheckCharacter(std::string_view first_17);

// Identifier systems (formats' registry); `B` is the project's canonical base.
inline constexpr std::string_view kBase = "https://heyi.example/fhir";
inline constexpr std::string_view kIdentityNumberSystem = "urn:oid:2.16.156.10011.1.3";
inline constexpr std::string_view kCreditCodeSystem = "https://heyi.example/fhir/id/uscc";
inline constexpr std::string_view kPersonNumberSystem = "https://heyi.example/fhir/id/nhsa/psn_no";
inline constexpr std::string_view kVisitSystem = "https://heyi.example/fhir/id/nhsa/mdtrt_id";
inline constexpr std::string_view kAdmissionNumberSystem = "urn:oid:2.16.156.10011.1.12";
inline constexpr std::string_view kInstitutionCodeSystem = "https://heyi.example/fhir/id/nhsa/fixmedins_code";
inline constexpr std::string_view kCivilElderSystem = "https://heyi.example/fhir/id/mca/elder";
inline constexpr std::string_view kCivilBedSystem = "https://heyi.example/fhir/id/mca/bed";
inline constexpr std::string_view kReferralSystem = "https://heyi.example/fhir/id/mca/referral";
inline constexpr std::string_view kBedKindSystem = "https://heyi.example/fhir/cs/bed-kind";

}  // namespace heyi::adapters
