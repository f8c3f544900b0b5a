#include "exchange/maps/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json/value.h"
#include "exchange/inbox/inbox.h"
#include "exchange/effects/effect.h"
#include "exchange/targets.h"
#include "mapping/difference.h"

namespace heyi::exchange {
namespace {

using base::JsonValue;

// What one map made of one message.
struct Made {
  std::vector<std::string> issues;              // "map.value @ data.name"
  std::vector<std::string> unread;
  std::map<std::string, fhir::Tree> resources;  // by reference
  bool failed = false;
};

base::Result<Made> Make(const mapping::PairMap* map, const adapters::Message& message, const interaction::Services& services,
                        const base::Context& context) {
  Made made;
  if (map == nullptr) return made;
  interaction::Plan plan(services, context);
  PlanTargets targets(plan, LinksOf(message.department, message.type));
  HEYI_TRY(mapped, map->ToFhir(message, targets));
  for (const base::Issue& issue : mapped.outcome.issues()) made.issues.push_back(fmt::format("{} @ {}", issue.rule, issue.expression));
  std::sort(made.issues.begin(), made.issues.end());
  made.unread = std::move(mapped.unread);
  std::sort(made.unread.begin(), made.unread.end());
  made.failed = mapped.outcome.HasErrors();
  for (mapping::MappedResource& resource : mapped.resources) {
    std::string reference = fmt::format("{}/{}", resource.tree.type()->name, resource.tree.id());
    made.resources.emplace(std::move(reference), std::move(resource.tree));
  }
  return made;
}

JsonValue Texts(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::Array();
  for (const std::string& text : texts) list.Append(JsonValue::OfString(text));
  return list;
}

JsonValue BeforeAndAfter(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  JsonValue pair = JsonValue::Object();
  pair.Set("before", Texts(before));
  pair.Set("after", Texts(after));
  return pair;
}

JsonValue ResourceDifferences(const Made& before, const Made& after) {
  JsonValue list = JsonValue::Array();
  std::map<std::string, std::pair<const fhir::Tree*, const fhir::Tree*>> pairs;
  for (const auto& [reference, tree] : before.resources) pairs[reference].first = &tree;
  for (const auto& [reference, tree] : after.resources) pairs[reference].second = &tree;
  size_t left = kDryRunDifferencesMax;
  for (const auto& [reference, pair] : pairs) {
    JsonValue values = JsonValue::Array();
    for (const mapping::Difference& one : mapping::Differences(pair.first, pair.second)) {
      if (left-- == 0) return list;
      JsonValue value = JsonValue::Object();
      value.Set("path", JsonValue::OfString(one.path));
      value.Set("before", JsonValue::OfString(one.before));
      value.Set("after", JsonValue::OfString(one.after));
      values.Append(std::move(value));
    }
    if (values.items().empty()) continue;
    JsonValue row = JsonValue::Object();
    row.Set("resource", JsonValue::OfString(reference));
    row.Set("values", std::move(values));
    list.Append(std::move(row));
  }
  return list;
}

}  // namespace

base::Result<std::string> DryRun(const interaction::Services& services, const mapping::PairMap& candidate, const mapping::PairMap* current,
                                 size_t limit, const base::Context& context) {
  if (limit == 0 || limit > kDryRunMessagesMax) limit = kDryRunMessagesMax;
  const auto snapshot = services.store.Now();
  const adapters::Adapter* adapter = adapters::AdapterOf(candidate.department());
  const std::string prefix = candidate.department() + "/";
  std::vector<std::pair<std::string, std::string>> keys;  // message key, blob
  HEYI_CHECK(snapshot->Facts(kInboxSpace, prefix, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(prefix)) return false;
    const auto row = DecodeInboxRow(value);
    if (row.ok() && candidate.Reads(row->type)) keys.emplace_back(key, row->blob);
    return keys.size() <= limit;
  }));
  const bool more = keys.size() > limit;
  if (more) keys.resize(limit);
  int64_t messages = 0, same = 0, failing = 0;
  JsonValue told = JsonValue::Array();
  for (const auto& [key, blob] : keys) {
    HEYI_TRY(raw, snapshot->Blob(blob));
    if (!raw || adapter == nullptr) continue;
    auto message = adapter->Read(*raw);
    if (!message.ok() || !candidate.Reads(message->type)) continue;
    ++messages;
    HEYI_TRY(before, Make(current, *message, services, context));
    HEYI_TRY(after, Make(&candidate, *message, services, context));
    if (after.failed) ++failing;
    JsonValue resources = ResourceDifferences(before, after);
    if (resources.items().empty() && before.issues == after.issues && before.unread == after.unread) {
      ++same;
      continue;
    }
    if (told.items().size() == kDryRunToldMax) continue;
    JsonValue row = JsonValue::Object();
    row.Set("message", JsonValue::OfString(key));
    row.Set("issues", BeforeAndAfter(before.issues, after.issues));
    row.Set("unread", BeforeAndAfter(before.unread, after.unread));
    row.Set("resources", std::move(resources));
    told.Append(std::move(row));
  }
  JsonValue report = JsonValue::Object();
  report.Set("messages", JsonValue::OfInteger(messages));
  report.Set("same", JsonValue::OfInteger(same));
  report.Set("different", JsonValue::OfInteger(messages - same));
  report.Set("failing", JsonValue::OfInteger(failing));
  report.Set("more", JsonValue::OfBool(more));
  report.Set("differences", std::move(told));
  return base::WriteJson(report);
}

}  // namespace heyi::exchange
