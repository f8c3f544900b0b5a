// Whose data it is: the department of whoever wrote it first has custody.
#include "policy/policy.h"

namespace heyi::policy {

Custody CustodyOf(std::string_view department) {
  if (department == "civil-affairs") return Custody::kCivilAffairs;
  if (department == "health" || department == "health-cda") return Custody::kHealth;
  if (department == "insurance") return Custody::kInsurance;
  if (department == "hub" || department == "operator") return Custody::kHub;  // operators write on the hub's behalf
  return Custody::kNone;
}

std::string_view CustodyName(Custody custody) {
  if (IsBetween(custody)) return "between";
  switch (custody) {
    case Custody::kNone: return "none";
    case Custody::kCivilAffairs: return "civil-affairs";
    case Custody::kHealth: return "health";
    case Custody::kInsurance: return "insurance";
    case Custody::kHub: return "hub";
  }
  return "none";
}

}  // namespace heyi::policy
