#include "policy/policy.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace heyi::policy {
namespace {

constexpr std::string_view kDefaultText =
#include "default_policy.inc"
    ;

// The place of a custody among the bits of a row.
uint32_t PlaceOf(Custody custody) { return IsBetween(custody) ? static_cast<uint32_t>(Custody::kHub) + 1 : static_cast<uint32_t>(custody); }

// May they know of what stands between those two? The hub stands between all.
bool IsParty(const base::Caller& caller, Custody between) {
  const Custody own = CustodyOf(caller.department);
  return own == Custody::kHub || (own != Custody::kNone && (static_cast<uint32_t>(between) >> static_cast<uint32_t>(own) & 1u) != 0);
}

bool Among(const std::vector<std::string>& words, std::string_view word) {
  return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Policy Policy::Default() {
  base::Result<Policy> policy = Parse(kDefaultText);
  if (!policy.ok()) {  // the program was built around a broken table
    const base::Issue& first = policy.error().outcome.issues().front();
    std::fprintf(stderr, "heyi: policy/default.policy %s: %s\n", first.expression.c_str(), base::EnglishText(first).c_str());
    std::abort();
  }
  return std::move(*policy);
}

// The bits first: they rule out most rows, and this runs for every hit of a search.
bool Policy::Fits(const Row& row, const Question& question) {
  if ((row.actions >> static_cast<unsigned>(question.action) & 1u) == 0) return false;
  if ((row.custodies >> PlaceOf(question.custody) & 1u) == 0) return false;
  const base::Caller& caller = *question.caller;
  if (!Among(row.departments, caller.department) || !Among(row.roles, caller.role) || !Among(row.purposes, caller.purpose) ||
      !Among(row.organizations, caller.organization)) {
    return false;
  }
  if (question.action == Action::kDeliver &&
      !Among(row.recipients, question.recipient.empty() ? std::string_view(caller.department) : question.recipient)) {
    return false;
  }
  return row.types.empty() || std::binary_search(row.types.begin(), row.types.end(), question.type);
}

Decision Policy::Decide(const Question& question) const {
  const base::Caller* caller = question.caller;
  // Missing context is a no, never a wider yes (trust.md §2.3). A custody out of range would be another format's label.
  if (caller == nullptr || caller->anonymous() || caller->department.empty() || caller->role.empty() || caller->purpose.empty() ||
      (question.custody > Custody::kHub && !IsBetween(question.custody))) {
    return {};
  }
  if (IsBetween(question.custody) && !IsParty(*caller, question.custody)) return {};
  for (const Row& row : rows_) {
    if (Fits(row, question)) return {row.allow, row.id};
  }
  return {};
}

}  // namespace heyi::policy
