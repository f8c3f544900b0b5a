#include "exchange/outbox/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/fault.h"
#include "base/log.h"

namespace heyi::exchange {
namespace {

constexpr uint32_t kIdleMs = 500;
constexpr size_t kRowsSeenMax = 1'000;

}  // namespace

uint32_t Delivery::SendDue() {
  std::vector<std::pair<std::string, std::string>> rows;
  const std::string prefix = route_.department + "/";
  const auto listed = services_.store.Now()->Facts(kOutboxSpace, prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix) || rows.size() == kRowsSeenMax) return false;
    rows.emplace_back(key, value);
    return true;
  });
  if (!listed.ok()) return kIdleMs;
  waiting_ = rows.size();
  uint32_t wait_ms = kIdleMs;
  std::set<std::string> held_up;   // order keys with an unsent row in front
  for (const auto& [key, text] : rows) {
    auto row = DecodeOutboxRow(text);
    if (!row.ok() || held_up.contains(row->order_key)) continue;
    Retry& retry = retries_[key];
    const base::TimeMs now_ms = clock_.NowMs();
    if (retry.due_ms > now_ms) {
      wait_ms = std::min(wait_ms, static_cast<uint32_t>(retry.due_ms - now_ms));
      held_up.insert(row->order_key);
      continue;
    }
    std::string reason;
    const Sent sent = Send(*row, &reason);
    const bool quarantine = sent == Sent::kUnclear && !route_.idempotent;
    if (sent == Sent::kTaken || sent == Sent::kRefused || quarantine) {
      row->reason = reason;
      if (Settle(key, text, std::move(*row), sent == Sent::kTaken)) {
        retries_.erase(key);
        wait_ms = 0;
        continue;
      }
    }
    const uint64_t pause_ms = std::min<uint64_t>(options_.retry_max_ms, uint64_t{options_.retry_first_ms} << std::min<uint32_t>(retry.tries, 16));
    if (retry.tries++ == 0) {
      base::Log(base::LogLevel::kWarning, "exchange.delivery-waits", {{"department", route_.department}, {"row", key}, {"why", reason}});
    }
    retry.due_ms = now_ms + static_cast<base::TimeMs>(pause_ms);
    wait_ms = std::min(wait_ms, static_cast<uint32_t>(pause_ms));
    held_up.insert(row->order_key);
  }
  return wait_ms;
}

Delivery::Sent Delivery::Send(const OutboxRow& row, std::string* reason) const {
  base::FaultPoint("delivery.before-send");
  const auto answer = client_.Send({"POST", route_.url, {{"Content-Type", "application/json; charset=utf-8"}, {"X-Message-Id", row.message_id}}, row.text});
  base::FaultPoint("delivery.sent");
  if (!answer.ok()) {
    const base::Issue& issue = answer.error().outcome.issues().front();
    *reason = base::EnglishText(issue);
    // Refused by our own allow-list: not one byte left. Otherwise what the receiver saw is unknown.
    return answer.error().kind == base::ErrorKind::kForbidden ? Sent::kNotSent : Sent::kUnclear;
  }
  if (answer->status >= 500 || answer->status == 429 || answer->status == 408) {
    *reason = fmt::format("HTTP {}", answer->status);
    return Sent::kNotSent;
  }
  const adapters::Adapter* adapter = adapters::AdapterOf(route_.department);
  const auto ack = adapter->ReadAnswer(answer->body);
  if (!ack.ok()) {
    *reason = fmt::format("HTTP {}, and no acknowledgement", answer->status);
    return Sent::kUnclear;
  }
  if (ack->verdict == adapters::Verdict::kNotTaken) {
    *reason = "not taken, to be sent again";
    return Sent::kNotSent;
  }
  if (ack->verdict == adapters::Verdict::kRefused) {
    *reason = ack->outcome.issues().empty() ? "refused" : base::ChineseText(ack->outcome.issues().front());
    return Sent::kRefused;
  }
  return Sent::kTaken;
}

bool Delivery::Settle(const std::string& key, const std::string& text, OutboxRow row, bool taken) {
  audit::Leaf leaf;
  leaf.caller = {"heyi", "", "hub", "system", "", "COC"};
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "deliver";
  leaf.status = taken ? 200 : 422;
  leaf.rule = taken ? "" : "exchange.undeliverable";
  leaf.agreement = BasisOf(row);
  leaf.message_id = fmt::format("{}/{}", row.message_type, row.message_id);
  leaf.recipient = row.department;
  leaf.request_id = row.message_id;
  if (row.elder != 0) leaf.elders.push_back(row.elder);
  const size_t slash = row.resource.find('/'), history = row.resource.find("/_history/");
  if (slash < history && history != std::string::npos) {
    leaf.resources.push_back({row.resource.substr(0, slash), row.resource.substr(slash + 1, history - slash - 1),
                              std::strtoull(row.resource.c_str() + history + 10, nullptr, 10), audit::Action::kRead});
  }
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.fact_conditions.push_back({std::string(kOutboxSpace), key, text});
  draft.facts.push_back({std::string(kOutboxSpace), key, std::nullopt});
  draft.facts.push_back({std::string(taken ? kDeliveredSpace : kDeadSpace), key, taken ? row.message_id : EncodeOutboxRow(row)});
  if (!services_.store.CommitAndWait(std::move(draft)).ok()) return false;
  base::FaultPoint("delivery.settled");
  ++(taken ? delivered_ : dead_);
  if (!taken) base::Log(base::LogLevel::kWarning, "exchange.dead-letter", {{"department", row.department}, {"row", key}, {"why", row.reason}});
  return true;
}

}  // namespace heyi::exchange
