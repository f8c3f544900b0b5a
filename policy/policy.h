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

// Who has custody of a version: kept by the store with each version.
enum class Custody : uint32_t { kNone = 0, kCivilAffairs = 1, kHealth = 2, kInsurance = 3, kHub = 4 };
Custody CustodyOf(std::string_view department);  // of a caller's department
std::string_view CustodyName(Custody custody);

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
