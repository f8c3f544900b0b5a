#include "exchange/inbox/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/digest.h"

namespace heyi::exchange {
namespace {

constexpr size_t kTimeDigits = 16;

// Below which prefixes a row stands.
std::set<std::string> PrefixesOf(std::string_view key, const InboxRow& row) {
  const size_t department_end = key.find('/');
  const size_t sender_end = key.rfind('/');
  std::set<std::string> prefixes{IndexAll()};
  if (department_end < sender_end) {
    prefixes.insert(IndexOfSender(key.substr(0, department_end), key.substr(department_end + 1, sender_end - department_end - 1)));
  }
  for (const std::string& elder : row.elders) prefixes.insert(IndexOfElder(elder));
  if (row.state != InboxState::kDone) prefixes.insert(IndexOfState(row.state));
  return prefixes;
}

}  // namespace

std::string IndexTime(base::TimeMs received_ms) { return fmt::format("{:016x}", UINT64_MAX - static_cast<uint64_t>(received_ms)); }

base::TimeMs TimeOfIndex(std::string_view text) {
  return static_cast<base::TimeMs>(UINT64_MAX - std::strtoull(std::string(text).c_str(), nullptr, 16));
}

std::string IndexAll() { return "t/"; }
std::string IndexOfSender(std::string_view department, std::string_view sender) {
  return fmt::format("s/{:016x}/", base::Hash64(fmt::format("{}/{}", department, sender)));
}
std::string IndexOfElder(uint64_t elder) { return fmt::format("e/{:016x}/", elder); }
std::string IndexOfElder(std::string_view elder_hex) { return fmt::format("e/{}/", elder_hex); }
std::string IndexOfState(InboxState state) { return fmt::format("q/{}/", StateName(state)); }

std::vector<store::Fact> IndexFacts(std::string_view key, const InboxRow* before, const InboxRow* after) {
  std::vector<store::Fact> facts;
  const std::set<std::string> had = before != nullptr ? PrefixesOf(key, *before) : std::set<std::string>();
  const std::set<std::string> has = after != nullptr ? PrefixesOf(key, *after) : std::set<std::string>();
  const auto index_key = [&](const std::string& prefix, const InboxRow& row) { return fmt::format("{}{}/{}", prefix, IndexTime(row.received_ms), key); };
  for (const std::string& prefix : had) {
    if (!has.contains(prefix)) facts.push_back({std::string(kInboxIndexSpace), index_key(prefix, *before), std::nullopt});
  }
  for (const std::string& prefix : has) {
    if (!had.contains(prefix)) facts.push_back({std::string(kInboxIndexSpace), index_key(prefix, *after), after->type});
  }
  return facts;
}

base::Result<base::Done> WalkIndex(const store::Snapshot& snapshot, std::string_view prefix, base::TimeMs from_ms, base::TimeMs to_ms,
                                   std::string_view after, const std::function<bool(const IndexHit&)>& visit) {
  const std::string first = after.empty() ? std::string(prefix) + IndexTime(to_ms) : std::string(after) + '\0';
  return snapshot.Facts(kInboxIndexSpace, first, [&](std::string_view index_key, std::string_view type) {
    if (!index_key.starts_with(prefix) || index_key.size() < prefix.size() + kTimeDigits + 1) return false;
    const base::TimeMs received_ms = TimeOfIndex(index_key.substr(prefix.size(), kTimeDigits));
    if (received_ms < from_ms) return false;
    return visit({index_key, index_key.substr(prefix.size() + kTimeDigits + 1), type, received_ms});
  });
}

}  // namespace heyi::exchange
