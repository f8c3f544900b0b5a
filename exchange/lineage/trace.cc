#include "exchange/lineage/trace.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "mapping/difference.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kOfSpace = "lineage.of";

std::string OfKey(std::string_view type, std::string_view id, uint64_t version) { return fmt::format("{}/{}/{:08x}", type, id, version); }

// The row of the message's lineage that wrote `target`, into `origin`.
void FillFromRows(const std::string& rows, const std::string& target, ElementOrigin& origin) {
  for (std::string_view line : base::Split(rows, '\n')) {
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    if (columns.size() != 4 || columns[0] != target) continue;
    origin.source = columns[1];
    base::ParseUnsigned(columns[2], &origin.begin);
    origin.rule = columns[3];
  }
}

}  // namespace

void KeepTrace(interaction::Plan& plan, const std::string& message_key, const std::vector<mapping::LineageRow>& rows,
               const std::vector<interaction::Plan::Put>& written) {
  std::string text;
  for (const mapping::LineageRow& row : rows) text += fmt::format("{}\t{}\t{}\t{}\n", row.target, row.source, row.begin, row.rule);
  if (!text.empty()) plan.Add({std::string(kLineageSpace), message_key, std::move(text)});
  for (const interaction::Plan::Put& put : written) plan.Add({std::string(kOfSpace), OfKey(put.type->name, put.id, put.version), message_key});
}

base::Result<std::vector<ElementOrigin>> OriginsOf(const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id, std::string_view path) {
  HEYI_TRY(history, snapshot.History(type, id, 0, kVersionsLookedAtMax));
  std::vector<ElementOrigin> origins;
  if (history.empty() || history.front().deleted) return base::Error(base::ErrorKind::kNotFound, "exchange.no-element", {}, path);
  HEYI_TRY(current, snapshot.Tree(history.front()));
  for (auto& [place, value] : mapping::ValuesOf(current)) {
    if (mapping::IsAtOrBelow(place, path)) origins.push_back({place, value, history.front().version, history.front().time_ms, {}, {}, 0, {}});
  }
  if (origins.empty()) return base::Error(base::ErrorKind::kNotFound, "exchange.no-element", {}, path);
  std::vector<bool> settled(origins.size(), false);
  for (size_t v = 1; v < history.size() && !history[v].deleted; ++v) {
    HEYI_TRY(older, snapshot.Tree(history[v]));
    const auto values = mapping::ValuesOf(older);
    const std::map<std::string_view, std::string_view> at(values.begin(), values.end());
    bool any = false;
    for (size_t i = 0; i < origins.size(); ++i) {
      const auto found = at.find(origins[i].path);
      if (settled[i] || found == at.end() || found->second != origins[i].value) {
        settled[i] = true;
        continue;
      }
      origins[i].version = history[v].version;
      origins[i].time_ms = history[v].time_ms;
      any = true;
    }
    if (!any) break;
  }
  std::map<uint64_t, std::pair<std::string, std::string>> messages;  // by version: key, rows
  for (ElementOrigin& origin : origins) {
    auto known = messages.find(origin.version);
    if (known == messages.end()) {
      HEYI_TRY(key, snapshot.Fact(kOfSpace, OfKey(type.name, id, origin.version)));
      std::optional<std::string> rows;
      if (key) {
        HEYI_TRY(found, snapshot.Fact(kLineageSpace, *key));
        rows = std::move(found);
      }
      known = messages.emplace(origin.version, std::pair(key.value_or(""), rows.value_or(""))).first;
    }
    origin.message = known->second.first;
    FillFromRows(known->second.second, fmt::format("{}/{}#{}", type.name, id, origin.path), origin);
  }
  return origins;
}

}  // namespace heyi::exchange
