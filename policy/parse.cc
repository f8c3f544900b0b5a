// The policy text: one row a line, columns parted by `|`, named lists of types before them. Grammar: docs/policy.md.
//
//   list referral  ServiceRequest Task Appointment
//   allow civil.read | * | civil-affairs | officer | COC HOPERAT | read search | @referral Patient | civil-affairs hub
//   deny  ins.treat  | * | insurance     | *       | TREAT       | *           | *                 | *
//         id           organization department role  purpose       action        type                custody  [| recipient]
//
// Every word is checked: a misspelt department would be a row that never fits, and nobody would notice.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ids.h"
#include "base/text.h"
#include "policy/limits.h"
#include "policy/policy.h"

namespace heyi::policy {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kActionNames[] = {"read",   "search",  "history", "create", "update",
                                             "delete", "operate", "deliver", "audit",  "manage"};  // as enum Action
constexpr std::string_view kCustodyNames[] = {"none", "civil-affairs", "health", "insurance", "hub", "between"};  // as enum Custody
constexpr std::string_view kDepartments[] = {"civil-affairs", "health", "insurance", "audit", "operator", "hub"};
constexpr std::string_view kRoles[] = {"clinician", "care-worker", "officer", "auditor", "operator", "system"};

constexpr size_t kColumns = 8;  // id and seven more; a ninth where the row delivers

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

template <typename Allowed>
bool AllOf(std::string_view text, Allowed allowed) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

template <size_t N>
size_t IndexOf(const std::string_view (&names)[N], std::string_view word) {
  return static_cast<size_t>(std::find(std::begin(names), std::end(names), word) - std::begin(names));
}

bool IsRowId(std::string_view text) {  // "civil.read-2": goes into leaves and into a uri
  return text.size() <= 64 && AllOf(text, [](char c) { return IsLower(c) || IsDigit(c) || c == '.' || c == '-'; });
}
bool IsDepartment(std::string_view text) { return IndexOf(kDepartments, text) < std::size(kDepartments); }
bool IsRole(std::string_view text) { return IndexOf(kRoles, text) < std::size(kRoles); }
bool IsPurpose(std::string_view text) { return AllOf(text, IsUpper); }
bool IsOrganization(std::string_view text) { return base::IsFhirId(text); }
bool IsListName(std::string_view text) { return AllOf(text, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; }); }
bool IsType(std::string_view text) {
  constexpr std::string_view kMessage = "message/";
  // A department with several formats has a suffix for each further one: message/health-cda.
  if (text.starts_with(kMessage)) {
    const std::string_view format = text.substr(kMessage.size());
    return IsDepartment(format) || IsDepartment(format.substr(0, format.rfind('-')));
  }
  if (text.starts_with('$')) {
    return AllOf(text.substr(1), [](char c) { return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '-'; });
  }
  return AllOf(text, [](char c) { return IsLower(c) || IsUpper(c); }) && IsUpper(text.front());
}

Words SplitWords(std::string_view text) {
  Words words;
  std::string word;
  for (char c : text) {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace

class PolicyReader {
 public:
  base::Result<Policy> Read(std::string_view text) {
    if (text.size() > kPolicyBytesMax) return base::Error(base::ErrorKind::kInvalid, "policy.syntax", {}, "larger than 1 MiB");
    if (!base::IsValidUtf8(text)) return base::Error(base::ErrorKind::kInvalid, "policy.syntax", {}, "not UTF-8");
    for (std::string_view line : base::Split(text, '\n')) {
      ++line_;
      line = line.substr(0, line.find('#'));
      if (line = base::Trim(line); !line.empty()) ReadLine(line);
    }
    if (!outcome_.empty()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome_));
    return std::move(policy_);
  }

 private:
  void Wrong(std::string_view what) {
    if (outcome_.issues().size() < kPolicyErrorsMax) {
      outcome_.Add("policy.syntax", fmt::format("line {}", line_), fmt::format("line {}: {}", line_, what));
    }
  }

  void ReadLine(std::string_view line) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view verb = line.substr(0, end);
    const std::string_view rest = base::Trim(line.substr(end));
    if (verb == "list") return ReadList(rest);
    if (verb == "allow" || verb == "deny") return ReadRow(verb == "allow", rest);
    Wrong(fmt::format("a line begins with list, allow or deny, not \"{}\"", verb));
  }

  void ReadList(std::string_view rest) {
    Words words = SplitWords(rest);
    if (words.size() < 2 || !IsListName(words.front())) {
      return Wrong("a list needs a name in small letters and at least one type");
    }
    Words& list = lists_[words.front()];  // further lines of the same name add to it
    words.erase(words.begin());
    AddTypes(words, list);
  }

  void AddTypes(const Words& words, Words& types) {
    for (const std::string& word : words) {
      if (word.starts_with('@')) {
        auto list = lists_.find(word.substr(1));
        if (list == lists_.end()) {
          Wrong(fmt::format("there is no list {} above", word));
        } else if (&list->second != &types) {
          types.insert(types.end(), list->second.begin(), list->second.end());
        } else {
          Wrong(fmt::format("list {} names itself", word));
        }
      } else if (IsType(word)) {
        types.push_back(word);
      } else {
        Wrong(fmt::format("\"{}\" is no resource type, $operation, message/<department> or @list", word));
      }
    }
  }

  void ReadRow(bool allow, std::string_view rest) {
    const std::vector<std::string_view> cells = base::Split(rest, '|');
    if (cells.size() != kColumns && cells.size() != kColumns + 1) {
      return Wrong(fmt::format("a row has {} columns (one more where it delivers), this one {}", kColumns, cells.size()));
    }
    if (policy_.rows_.size() == kPolicyRowsMax) return Wrong("too many rows");
    Policy::Row row;
    row.allow = allow;
    row.id = base::Trim(cells[0]);
    if (!IsRowId(row.id)) return Wrong(fmt::format("\"{}\" is no row id: small letters, digits, '.' and '-'", row.id));
    if (!ids_.insert(row.id).second) return Wrong(fmt::format("row id {} stands twice", row.id));
    row.organizations = Checked(cells[1], "organization id", IsOrganization);
    row.departments = Checked(cells[2], "department", IsDepartment);
    row.roles = Checked(cells[3], "role", IsRole);
    row.purposes = Checked(cells[4], "purpose", IsPurpose);
    row.actions = Bits(cells[5], "action", kActionNames);
    row.types = Types(cells[6]);
    row.custodies = Bits(cells[7], "custody", kCustodyNames);
    const bool delivers = (row.actions >> static_cast<unsigned>(Action::kDeliver) & 1u) != 0;
    if (delivers != (cells.size() > kColumns)) {
      return Wrong("a row that delivers names its recipients in column 9, and no other row does");
    }
    if (delivers) row.recipients = Checked(cells[8], "department", IsDepartment);
    policy_.rows_.push_back(std::move(row));
  }

  // The words of a cell; none for "*".
  Words CellWords(std::string_view cell, std::string_view what) {
    Words words = SplitWords(cell);
    if (words.empty()) Wrong(fmt::format("a {} is missing; * means any", what));
    if (words.size() == 1 && words.front() == "*") words.clear();
    return words;
  }

  template <typename IsGood>
  Words Checked(std::string_view cell, std::string_view what, IsGood is_good) {
    Words words = CellWords(cell, what);
    for (const std::string& word : words) {
      if (!is_good(word)) Wrong(fmt::format("\"{}\" is no {}", word, what));
    }
    return words;
  }

  template <size_t N>
  uint32_t Bits(std::string_view cell, std::string_view what, const std::string_view (&names)[N]) {
    const Words words = CellWords(cell, what);
    if (words.empty()) return (1u << N) - 1;
    uint32_t bits = 0;
    for (const std::string& word : words) {
      const size_t index = IndexOf(names, word);
      if (index == N) {
        Wrong(fmt::format("\"{}\" is no {}", word, what));
      } else {
        bits |= 1u << index;
      }
    }
    return bits;
  }

  Words Types(std::string_view cell) {
    Words types;
    AddTypes(CellWords(cell, "type"), types);
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    return types;
  }

  Policy policy_;
  base::Outcome outcome_;
  std::map<std::string, Words> lists_;
  std::set<std::string> ids_;
  size_t line_ = 0;
};

base::Result<Policy> Policy::Parse(std::string_view text) { return PolicyReader().Read(text); }

}  // namespace heyi::policy
