#include "exchange/inbox/parked.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/json/value.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::Issue;
using base::JsonValue;
using base::Severity;

constexpr base::TimeMs kFirstRetryMs = 60'000, kLastRetryMs = 6 * 3'600'000;
constexpr size_t kParkedIssuesMax = 20;

// Whose it is, by rule. What is not here is the sender's.
struct OwnerRow {
  std::string_view rule, owner;
};
constexpr OwnerRow kOwners[] = {
    {"exchange.busy", "hub"},
    {"exchange.map-out-of-force", "hub"},            // our stored map no longer compiles
    {"exchange.unknown-referral", "civil-affairs"},  // the request has not been told to us
    {"internal.failed", "hub"},
    {"map.unknown-elder", "civil-affairs"},          // elders are registered there
    {"map.unmapped-code", "hub"},                    // a row of our table is missing
};

bool IsOurs(const Issue& issue) {
  return issue.rule == "map.unmapped-code" || issue.rule == "exchange.busy" || issue.rule == "exchange.map-out-of-force";
}
bool Waits(const Issue& issue) { return issue.code == "not-found"; }

std::string DueKey(base::TimeMs due_ms, std::string_view key) { return fmt::format("{:016x}/{}", static_cast<uint64_t>(due_ms), key); }

base::TimeMs TimeAt(const JsonValue& value, std::string_view name) { return std::strtoll(std::string(value.StringAt(name)).c_str(), nullptr, 10); }

}  // namespace

std::string_view OwnerOf(std::string_view rule, std::string_view department) {
  for (const OwnerRow& row : kOwners) {
    if (row.rule == rule) return row.owner;
  }
  return department;
}

bool IsParked(const Error& error) {
  if (error.kind == ErrorKind::kNotFound) return true;
  bool any = false;
  for (const Issue& issue : error.outcome.issues()) {
    if (issue.severity > Severity::k_error) continue;
    if (!Waits(issue) && !IsOurs(issue)) return false;
    any = true;
  }
  return any;
}

ParkedRow MakeParkedRow(std::string_view department, const base::Outcome& why, std::vector<std::string> waits, base::TimeMs now_ms, const ParkedRow* last) {
  ParkedRow row;
  Severity worst = Severity::k_information;
  bool waiting = false, transient = false;
  for (const Issue& issue : why.issues()) {
    if (issue.severity <= Severity::k_error) {
      if (row.rule.empty()) row.rule = issue.rule;
      waiting = waiting || Waits(issue);
      transient = transient || issue.code == "transient";
    }
    worst = std::min(worst, issue.severity);
    if (row.issues.size() == kParkedIssuesMax) continue;
    row.issues.push_back({std::string(base::SeverityName(issue.severity)), issue.code, issue.rule, issue.expression, base::EnglishText(issue),
                          base::ChineseText(issue)});
  }
  row.severity = base::SeverityName(worst);
  row.owner = OwnerOf(row.rule, department);
  if (waiting) row.waits = std::move(waits);
  row.tries = last != nullptr ? last->tries + 1 : 1;
  row.since_ms = last != nullptr ? last->since_ms : now_ms;
  row.tried_ms = now_ms;
  // What came in the wrong order may fit later, when others have moved on.
  const bool again_later = transient || (last != nullptr && !waiting);
  if (again_later && row.tries < kParkedTriesMax) row.due_ms = now_ms + std::min(kLastRetryMs, kFirstRetryMs << std::min(row.tries - 1, 16u));
  return row;
}

std::string EncodeParkedRow(const ParkedRow& row) {
  JsonValue value = JsonValue::Object();
  value.Set("rule", JsonValue::OfString(row.rule));
  value.Set("severity", JsonValue::OfString(row.severity));
  value.Set("owner", JsonValue::OfString(row.owner));
  JsonValue issues = JsonValue::Array();
  for (const ParkedIssue& issue : row.issues) {
    JsonValue item = JsonValue::Object();
    item.Set("severity", JsonValue::OfString(issue.severity));
    item.Set("code", JsonValue::OfString(issue.code));
    item.Set("rule", JsonValue::OfString(issue.rule));
    item.Set("expression", JsonValue::OfString(issue.expression));
    item.Set("en", JsonValue::OfString(issue.english));
    item.Set("zh", JsonValue::OfString(issue.chinese));
    issues.Append(std::move(item));
  }
  value.Set("issues", std::move(issues));
  JsonValue waits = JsonValue::Array();
  for (const std::string& wait : row.waits) waits.Append(JsonValue::OfString(wait));
  value.Set("waits", std::move(waits));
  value.Set("tries", JsonValue::OfInteger(row.tries));
  value.Set("since", JsonValue::OfInteger(row.since_ms));
  value.Set("tried", JsonValue::OfInteger(row.tried_ms));
  value.Set("due", JsonValue::OfInteger(row.due_ms));
  return base::WriteJson(value);
}

base::Result<ParkedRow> DecodeParkedRow(std::string_view text) {
  HEYI_TRY(value, base::ParseJson(std::string(text)));
  ParkedRow row;
  row.rule = value.StringAt("rule");
  row.severity = value.StringAt("severity");
  row.owner = value.StringAt("owner");
  for (const JsonValue& item : value["issues"].items()) {
    row.issues.push_back({std::string(item.StringAt("severity")), std::string(item.StringAt("code")), std::string(item.StringAt("rule")),
                          std::string(item.StringAt("expression")), std::string(item.StringAt("en")), std::string(item.StringAt("zh"))});
  }
  for (const JsonValue& wait : value["waits"].items()) row.waits.push_back(wait.text());
  row.tries = static_cast<uint32_t>(TimeAt(value, "tries"));
  row.since_ms = TimeAt(value, "since");
  row.tried_ms = TimeAt(value, "tried");
  row.due_ms = TimeAt(value, "due");
  return row;
}

base::Result<std::optional<ParkedRow>> FindParkedRow(const store::Snapshot& snapshot, std::string_view key) {
  HEYI_TRY(fact, snapshot.Fact(kParkedSpace, key));
  if (!fact) return std::optional<ParkedRow>();
  HEYI_TRY(row, DecodeParkedRow(*fact));
  return std::optional<ParkedRow>(std::move(row));
}

std::string WaitPrefix(std::string_view wait) { return fmt::format("{:016x}/", base::Hash64(wait)); }

std::vector<store::Fact> ParkedFacts(std::string_view key, const ParkedRow* before, const ParkedRow* after) {
  std::vector<store::Fact> facts;
  const auto keys_of = [&](const ParkedRow* row) {
    std::set<std::pair<std::string_view, std::string>> keys;
    if (row == nullptr) return keys;
    for (const std::string& wait : row->waits) keys.emplace(kParkedWaitsSpace, WaitPrefix(wait) + std::string(key));
    if (row->due_ms != 0) keys.emplace(kParkedDueSpace, DueKey(row->due_ms, key));
    return keys;
  };
  const auto had = keys_of(before), has = keys_of(after);
  for (const auto& one : had) {
    if (!has.contains(one)) facts.push_back({std::string(one.first), one.second, std::nullopt});
  }
  for (const auto& one : has) {
    if (!had.contains(one)) facts.push_back({std::string(one.first), one.second, "1"});
  }
  if (after != nullptr) {
    facts.push_back({std::string(kParkedSpace), std::string(key), EncodeParkedRow(*after)});
  } else if (before != nullptr) {
    facts.push_back({std::string(kParkedSpace), std::string(key), std::nullopt});
  }
  return facts;
}

}  // namespace heyi::exchange
