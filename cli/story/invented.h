// The invented district: institutions, beds, elders. No real person or institution; numbers are valid by rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heyi::cli {

struct Institution {
  std::string key;       // "care-home-1"
  std::string name;      // Chinese
  std::string type;
  std::string uscc;
  std::string fixmedins_code;  // insurance code; empty for care homes
  bool health = false;   // health's, else civil affairs'
};

struct Bed {
  int number;            // unique in the district
  std::string institution;     // key
  std::string kind;
  std::string floor, room, label;
};

struct Elder {
  int number;
  std::string name;
  bool male;
  std::string identity_number;
  std::string person_number;   // of the insurance
  std::string phone, address;
};

inline constexpr std::string_view kAreaCode = "310199001";

const std::vector<Institution>& Institutions();
const Institution& InstitutionOf(std::string_view key);
const std::vector<Bed>& Beds();
const std::vector<Elder>& Elders();
const std::string& BureauCode();  // civil affairs' own credit code

}  // namespace heyi::cli
