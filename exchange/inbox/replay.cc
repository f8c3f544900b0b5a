#include "exchange/inbox/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "exchange/inbox/index.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr size_t kReplayScanMax = 20'000;  // index rows looked at for one order

// The oldest of those in the state: they are walked newest first.
base::Result<std::vector<std::string>> OldestIn(const store::Snapshot& snapshot, InboxState state, std::string_view type, size_t limit) {
  std::vector<std::string> keys;
  size_t seen = 0;
  HEYI_CHECK(WalkIndex(snapshot, IndexOfState(state), 0, INT64_MAX, {}, [&](const IndexHit& hit) {
    if (type.empty() || hit.type == type) keys.emplace_back(hit.key);
    return ++seen < kReplayScanMax;
  }));
  std::reverse(keys.begin(), keys.end());
  if (keys.size() > limit) keys.resize(limit);
  return keys;
}

base::Result<std::vector<std::string>> KeysOf(const store::Snapshot& snapshot, const JsonValue& order) {
  uint64_t limit = kReplaysMax;
  if (const std::string_view text = order.StringAt("limit"); !text.empty() && (!base::ParseUnsigned(text, &limit) || limit == 0 || limit > kReplaysMax)) {
    return Error(ErrorKind::kMalformed, "exchange.order", "limit", fmt::format("1 to {}", kReplaysMax));
  }
  if (!order["keys"].items().empty()) {
    if (order["keys"].items().size() > kReplaysMax) return Error(ErrorKind::kMalformed, "exchange.order", "keys", fmt::format("at most {}", kReplaysMax));
    std::vector<std::pair<base::TimeMs, std::string>> arrived;
    for (const JsonValue& key : order["keys"].items()) {
      HEYI_TRY(row, FindInboxRow(snapshot, key.text()));
      if (!row) return Error(ErrorKind::kNotFound, "exchange.unknown-message", {}, key.text());
      arrived.emplace_back(row->received_ms, key.text());
    }
    std::sort(arrived.begin(), arrived.end());
    arrived.erase(std::unique(arrived.begin(), arrived.end()), arrived.end());
    std::vector<std::string> keys;
    for (auto& [received_ms, key] : arrived) keys.push_back(std::move(key));
    return keys;
  }
  const auto state = InboxStateOf(order.StringAt("state"));
  if (!state) return Error(ErrorKind::kMalformed, "exchange.order", {}, "keys, or a state: parked, refused, received");
  if (*state == InboxState::kDone) return Error(ErrorKind::kMalformed, "exchange.order", "state", "name the keys of messages that are done");
  return OldestIn(snapshot, *state, order.StringAt("type"), limit);
}

JsonValue Describe(const std::string& key, const Pipeline::AgainResult& result) {
  JsonValue item = JsonValue::Object();
  item.Set("key", JsonValue::OfString(key));
  item.Set("before", JsonValue::OfString(StateName(result.before)));
  item.Set("after", JsonValue::OfString(StateName(result.after)));
  JsonValue issues = JsonValue::Array();
  for (const base::Issue& issue : result.why.issues()) {
    JsonValue one = JsonValue::Object();
    one.Set("severity", JsonValue::OfString(base::SeverityName(issue.severity)));
    one.Set("rule", JsonValue::OfString(issue.rule));
    one.Set("expression", JsonValue::OfString(issue.expression));
    one.Set("en", JsonValue::OfString(base::EnglishText(issue)));
    one.Set("zh", JsonValue::OfString(base::ChineseText(issue)));
    issues.Append(std::move(one));
  }
  item.Set("issues", std::move(issues));
  JsonValue outputs = JsonValue::Array();
  for (const std::string& output : result.trace.outputs) outputs.Append(JsonValue::OfString(output));
  item.Set("outputs", std::move(outputs));
  if (!result.trace.want_differences) return item;
  JsonValue differences = JsonValue::Array();
  for (const Difference& difference : result.trace.differences) {
    JsonValue one = JsonValue::Object();
    one.Set("resource", JsonValue::OfString(difference.resource));
    one.Set("path", JsonValue::OfString(difference.value.path));
    one.Set("old", JsonValue::OfString(difference.value.before));
    one.Set("new", JsonValue::OfString(difference.value.after));
    differences.Append(std::move(one));
  }
  item.Set("differences", std::move(differences));
  if (result.trace.more_differences) item.Set("more_differences", JsonValue::OfBool(true));
  return item;
}

}  // namespace

base::Result<JsonValue> Replay(Pipeline& pipeline, const store::Store& store, const JsonValue& order, const base::Context& context,
                               std::vector<std::string>* replayed) {
  if (!order.is_object()) return Error(ErrorKind::kMalformed, "exchange.order", {}, "a JSON object");
  HEYI_TRY(keys, KeysOf(*store.Now(), order));
  const Pipeline::Again mode = order["dry_run"].is_true() ? Pipeline::Again::kDryRun : Pipeline::Again::kAny;
  JsonValue messages = JsonValue::Array();
  for (const std::string& key : keys) {
    auto result = pipeline.RunAgain(key, mode, context);
    if (!result.ok() && result.error().kind == ErrorKind::kUnavailable) return std::move(result).error();
    if (!result.ok()) {  // of this message; the others have theirs
      Pipeline::AgainResult failed;
      HEYI_TRY(row, FindInboxRow(*store.Now(), key));
      if (row) failed.before = failed.after = row->state;
      failed.why = result.error().outcome;
      messages.Append(Describe(key, failed));
      continue;
    }
    messages.Append(Describe(key, *result));
  }
  *replayed = std::move(keys);
  JsonValue answer = JsonValue::Object();
  answer.Set("messages", std::move(messages));
  return answer;
}

}  // namespace heyi::exchange
