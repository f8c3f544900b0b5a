// The one decision before every egress: may this caller do this with this? Pure, over a table.
//
// Rows name organization, department, role and purpose of the caller ("*" = any), the custody department of the data,
// the resource types and the actions; the first row that fits decides, no row = no. A caller without role or purpose
// fits no row. Loaded once from text (policy/default.policy, or the district's own; docs/policy.md has the grammar);
// the row's id goes into the leaf as the agreement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"

namespace heyi::policy {

// Who has custody of a version: kept by the store with each version. Beyond these there is what stands between two
// departments (Between), e.g. what one asks the other to correct: a third does not get it, whatever its rows say.
enum class Custody : uint32_t { kNone = 0, kCivilAffairs = 1, kHealth = 2, kInsurance = 3, kHub = 4 };
Custody CustodyOf(std::string_view department);  // of a caller's department
std::string_view CustodyName(Custody custody);   // "between" of what stands between two

inline constexpr uint32_t kBetween = 32;         // and a bit for each of the two: 1 << Custody
// The one itself where both are the same.
constexpr Custody Between(Custody one, Custody other) {
  if (one == other) return one;
  return static_cast<Custody>(kBetween | 1u << static_cast<uint32_t>(one) | 1u << static_cast<uint32_t>(other));
}
constexpr bool IsBetween(Custody custody) { return (static_cast<uint32_t>(custody) & ~(kBetween - 1)) == kBetween; }
// Resources that may stand between two; of all others each version has one custody.
inline bool MayStandBetween(std::string_view type) { return type == "Task"; }

// Every custody there can be.
inline constexpr Custody kCustodies[] = {Custody::kNone, Custody::kCivilAffairs, Custody::kHealth, Custody::kInsurance, Custody::kHub};
inline constexpr Custody kCustodiesBetween[] = {
    Between(Custody::kCivilAffairs, Custody::kHealth), Between(Custody::kCivilAffairs, Custody::kInsurance), Between(Custody::kCivilAffairs, Custody::kHub),
    Between(Custody::kHealth, Custody::kInsurance),    Between(Custody::kHealth, Custody::kHub),             Between(Custody::kInsurance, Custody::kHub)};

enum class Action : uint8_t { kRead, kSearch, kHistory, kCreate, kUpdate, kDelete, kOperate, kDeliver, kAudit, kManage };

struct Question {
  const base::Caller* caller = nullptr;
  Action action = Action::kRead;
  std::string_view type;                // resource type, "*" for whole-system actions, "$transition" goes with kOperate
  Custody custody = Custody::kNone;     // of the version at hand; kNone for creates and type-level questions
  std::string_view recipient = {};      // kDeliver: the department that would receive; empty = the caller's own
};

struct Decision {
  bool allowed = false;
  std::string_view row;                 // id of the deciding row; empty where no row fits. Lives as long as the policy.
};

class Policy {
 public:
  // errors  kInvalid policy.syntax with the line
  static base::Result<Policy> Parse(std::string_view text);
  static Policy Default();              // policy/default.policy, built in

  Decision Decide(const Question& question) const;

 private:
  struct Row {
    std::string id;
    std::vector<std::string> organizations, departments, roles, purposes;  // empty = any
    std::vector<std::string> types;       // sorted; empty = any
    std::vector<std::string> recipients;  // kDeliver only; empty = any
    uint32_t actions = 0;                 // bits of Action
    uint32_t custodies = 0;               // bits of Custody
    bool allow = true;
  };
  friend class PolicyReader;              // policy/parse.cc
  static bool Fits(const Row& row, const Question& question);
  std::vector<Row> rows_;
};

}  // namespace heyi::policy
