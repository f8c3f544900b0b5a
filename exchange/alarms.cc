#include "exchange/alarms.h"

#include <fmt/format.h>

#include <bit>

#include "audit/leaf.h"
#include "exchange/hub_caller.h"
#include "base/json/value.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

constexpr std::string_view kAlarmSpace = "alarm";
constexpr size_t kAlarmsMax = 1'000;  // open at a time; beyond that, the log only

std::string EncodeAlarm(const Alarms::Open& open) {
  JsonValue value = JsonValue::Object();
  value.Set("severity", JsonValue::OfInteger(static_cast<int64_t>(open.severity)));
  value.Set("text", JsonValue::OfString(open.text));
  value.Set("since", JsonValue::OfInteger(open.since_ms));
  value.Set("last", JsonValue::OfInteger(open.last_ms));
  value.Set("count", JsonValue::OfInteger(static_cast<int64_t>(open.count)));
  return base::WriteJson(value);
}

Alarms::Open DecodeAlarm(std::string_view key, std::string_view text) {
  Alarms::Open open;
  open.key = key;
  const auto value = base::ParseJson(std::string(text));
  if (!value.ok()) return open;
  const auto number = [&](std::string_view name) { return std::strtoll(std::string(value->StringAt(name)).c_str(), nullptr, 10); };
  open.severity = static_cast<base::Severity>(number("severity") & 3);
  open.text = value->StringAt("text");
  open.since_ms = number("since");
  open.last_ms = number("last");
  open.count = static_cast<uint64_t>(number("count"));
  return open;
}

}  // namespace

Alarms::Alarms(store::Store& store, const base::Clock& clock) : store_(store), clock_(clock) {
  const auto read = store.Now()->Facts(kAlarmSpace, "", [&](std::string_view key, std::string_view value) {
    open_.emplace(key, DecodeAlarm(key, value));
    return open_.size() < kAlarmsMax;
  });
  if (!read.ok()) base::Log(base::LogLevel::kError, "exchange.alarms-unread", {});
}

void Alarms::Keep(const std::string& key, const Open* open) {
  audit::Leaf leaf;
  leaf.caller = HubCaller();
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "alarm";
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.facts.push_back({std::string(kAlarmSpace), key, open != nullptr ? std::optional<std::string>(EncodeAlarm(*open)) : std::nullopt});
  // Not waited for: an alarm may be raised where a commit is being waited for, or because none succeeds.
  store_.Commit(std::move(draft), [](const base::Result<store::CommitReceipt>&) {});
}

void Alarms::Raise(std::string_view key, base::Severity severity, std::string_view text) {
  std::lock_guard lock(mutex_);
  const auto found = open_.find(key);
  if (found == open_.end()) {
    base::Log(base::LogLevel::kError, "exchange.alarm", {{"alarm", key}, {"severity", base::SeverityName(severity)}, {"text", text}});
    if (open_.size() >= kAlarmsMax) return;
    const base::TimeMs now = clock_.NowMs();
    const auto [made, inserted] = open_.emplace(key, Open{std::string(key), severity, std::string(text), now, now, 1});
    return Keep(made->first, &made->second);
  }
  Open& open = found->second;
  open.last_ms = clock_.NowMs();
  open.text = text;
  open.severity = severity;
  if (std::has_single_bit(++open.count)) Keep(found->first, &open);  // the count, now and then
}

void Alarms::Resolve(std::string_view key) {
  std::lock_guard lock(mutex_);
  const auto found = open_.find(key);
  if (found == open_.end()) return;
  const base::TimeMs lasted_ms = clock_.NowMs() - found->second.since_ms;
  base::Log(base::LogLevel::kInfo, "exchange.alarm-resolved",
            {{"alarm", found->first}, {"seconds", std::to_string(lasted_ms / 1'000)}, {"count", std::to_string(found->second.count)}});
  Keep(found->first, nullptr);
  open_.erase(found);
}

std::vector<Alarms::Open> Alarms::List() const {
  std::lock_guard lock(mutex_);
  std::vector<Open> list;
  for (const auto& [key, open] : open_) list.push_back(open);
  return list;
}

}  // namespace heyi::exchange
