#include "exchange/maps/shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/json/value.h"
#include "base/log.h"
#include "base/text.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using mapping::PairMap;

constexpr std::string_view kMapSpace = "map";
constexpr std::string_view kActiveSpace = "map.active";
constexpr size_t kVersionBytesMax = 32;

std::string MapKey(std::string_view department, std::string_view type) { return fmt::format("{}/{}", department, type); }

// Versions are written into addresses, lineage and canonical URLs.
bool IsVersion(std::string_view text) {
  return !text.empty() && text.size() <= kVersionBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
  });
}

audit::Leaf MapLeaf(const base::Context& context, std::string_view what, std::string_view key) {
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.request_id = context.request_id;
  leaf.action = audit::Action::kExecute;
  leaf.interaction = what;
  leaf.message_id = key;
  leaf.status = 200;
  return leaf;
}

}  // namespace

const PairMap* MapShelf::BuiltIn(std::string_view department, std::string_view type) const { return built_in_->Find(department, type); }

base::Result<PairMap> MapShelf::CompileStored(std::string_view file, std::string_view text) const {
  return PairMap::Compile(file, text, services_.definitions(), built_in_->tables());
}

base::Result<PairMap> MapShelf::Compile(std::string_view text) const {
  // The name in lineage and issues is that of the map whose place it takes.
  std::vector<std::string_view> head;
  for (std::string_view line : base::Split(text.substr(0, text.find("\nresource")), '\n')) {
    if (!line.starts_with("map ")) continue;
    head = base::Split(line, ' ');
    std::erase_if(head, [](std::string_view word) { return word.empty(); });
    break;
  }
  std::string file = "installed.map";
  if (head.size() > 2) {
    const PairMap* replaced = BuiltIn(head[1], head[2]);
    file = replaced != nullptr ? replaced->file() : fmt::format("{}/{}.map", head[1], head[2]);
  }
  HEYI_TRY(map, CompileStored(file, text));
  if (!IsVersion(map.version())) return Error(ErrorKind::kInvalid, "exchange.map-version", {}, map.version());
  return std::move(map);
}

base::Result<base::Done> MapShelf::LoadInstalled() {
  const auto snapshot = services_.store.Now();
  std::vector<std::pair<std::string, std::string>> active;
  HEYI_CHECK(snapshot->Facts(kActiveSpace, "", [&](std::string_view key, std::string_view version) {
    active.emplace_back(key, version);
    return true;
  }));
  for (const auto& [key, version] : active) {
    HEYI_TRY(fact, snapshot->Fact(kMapSpace, key + "/" + version));
    if (!fact) continue;
    HEYI_TRY(row, base::ParseJson(*fact));
    auto map = CompileStored(row.StringAt("file"), row.StringAt("text"));
    if (!map.ok()) {
      const base::Issue& issue = map.error().outcome.issues().front();
      base::Log(base::LogLevel::kError, "exchange.map-broken", {{"map", key}, {"version", version}, {"rule", issue.rule}, {"at", issue.expression}});
      const size_t slash = key.find('/');
      maps_.Replace(maps_.Current()->Without(key.substr(0, slash), key.substr(slash + 1)));
      continue;
    }
    maps_.Replace(maps_.Current()->With(std::make_shared<const PairMap>(std::move(*map))));
  }
  return base::Done{};
}

base::Result<MapShelf::Installed> MapShelf::Install(std::string_view text, bool in_force, const base::Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  HEYI_TRY(map, Compile(text));
  std::lock_guard lock(mutex_);  // what is in force and what is stored as such change together
  const std::string key = MapKey(map.department(), map.message_type()), fact_key = key + "/" + map.version();
  const PairMap* built_in = BuiltIn(map.department(), map.message_type());
  const bool is_built_in = built_in != nullptr && built_in->version() == map.version();
  const auto snapshot = services_.store.Now();
  HEYI_TRY(present, snapshot->Fact(kMapSpace, fact_key));
  std::string known = is_built_in ? built_in->text() : std::string();
  if (present) {
    HEYI_TRY(row, base::ParseJson(*present));
    known = row.StringAt("text");
  }
  if ((present || is_built_in) && known != text) {
    return Error(ErrorKind::kConflict, "exchange.map-version-taken", {}, fmt::format("{} {}", map.name(), map.version()));
  }
  HEYI_TRY(active, snapshot->Fact(kActiveSpace, key));
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(MapLeaf(context, "map-install", fact_key));
  if (!present && !is_built_in) {
    JsonValue row = JsonValue::Object();
    row.Set("file", JsonValue::OfString(map.file()));
    row.Set("text", JsonValue::OfString(text));
    row.Set("client", JsonValue::OfString(context.caller.client));
    row.Set("installed", JsonValue::OfInteger(context.clock.NowMs()));
    draft.facts.push_back({std::string(kMapSpace), fact_key, base::WriteJson(row)});
    draft.fact_conditions.push_back({std::string(kMapSpace), fact_key, std::nullopt});
  }
  if (in_force) {
    draft.facts.push_back({std::string(kActiveSpace), key, is_built_in ? std::nullopt : std::optional(map.version())});
    draft.fact_conditions.push_back({std::string(kActiveSpace), key, active});
  }
  Installed installed{map.department(), map.message_type(), map.version(), in_force, 0};
  if (!draft.facts.empty()) {
    HEYI_TRY(receipt, services_.store.CommitAndWait(std::move(draft)));
    static_cast<void>(receipt);
  }
  if (in_force) maps_.Replace(maps_.Current()->With(std::make_shared<const PairMap>(std::move(map))));
  installed.taken_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
  return installed;
}

base::Result<MapShelf::Installed> MapShelf::Activate(std::string_view department, std::string_view type, std::string_view version,
                                                     const base::Context& context) {
  HEYI_TRY(text, Text(department, type, version));
  return Install(text, true, context);
}

base::Result<std::vector<MapShelf::Version>> MapShelf::Versions(std::string_view department, std::string_view type) const {
  const std::string key = MapKey(department, type), prefix = key + "/";
  const auto snapshot = services_.store.Now();
  HEYI_TRY(active, snapshot->Fact(kActiveSpace, key));
  std::vector<Version> versions;
  if (const PairMap* built_in = BuiltIn(department, type)) versions.push_back({built_in->version(), "", 0, !active});
  HEYI_CHECK(snapshot->Facts(kMapSpace, prefix, [&](std::string_view row_key, std::string_view value) {
    if (!row_key.starts_with(prefix)) return false;
    const auto row = base::ParseJson(std::string(value));
    if (!row.ok()) return true;
    const std::string version(row_key.substr(prefix.size()));
    versions.push_back({version, std::string(row->StringAt("client")),
                        std::strtoll(std::string(row->StringAt("installed")).c_str(), nullptr, 10), active == version});
    return true;
  }));
  return versions;
}

base::Result<std::string> MapShelf::Text(std::string_view department, std::string_view type, std::string_view version) const {
  const PairMap* built_in = BuiltIn(department, type);
  if (built_in != nullptr && built_in->version() == version) return built_in->text();
  const std::string key = MapKey(department, type) + "/" + std::string(version);
  HEYI_TRY(fact, services_.store.Now()->Fact(kMapSpace, key));
  if (!fact) return Error(ErrorKind::kNotFound, "exchange.unknown-map", {}, key);
  HEYI_TRY(row, base::ParseJson(*fact));
  return std::string(row.StringAt("text"));
}

}  // namespace heyi::exchange
