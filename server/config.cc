#include "server/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "adapters/identifiers.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "server/channels/channels_config.h"

namespace heyi::server {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr std::string_view kKnownSettings[] = {"district", "area_code", "hub_code", "tokens", "channels", "outbound_allowed", "policy_file",
                                               "release_file", "routes_file", "access_leaf", "validation", "subscriptions", "retention"};

Error Wrong(std::string_view place, std::string_view detail) {
  return Error(ErrorKind::kInvalid, "server.config", std::string(place), detail);
}

// {"on_write": "structure"|"reject"|"tag"|"warn", "profiles": {"Patient": ["https://…"]}}
base::Result<base::Done> ReadWriteRules(const JsonValue& row, interaction::WriteRules& rules) {
  using Mode = interaction::WriteRules::Mode;
  constexpr std::pair<std::string_view, Mode> kModes[] = {
      {"", Mode::kStructure}, {"structure", Mode::kStructure}, {"reject", Mode::kReject}, {"tag", Mode::kTag}, {"warn", Mode::kWarn}};
  const std::string_view named = row.StringAt("on_write");
  const auto mode = std::find_if(std::begin(kModes), std::end(kModes), [&](const auto& one) { return one.first == named; });
  if (mode == std::end(kModes)) return Wrong("validation.on_write", "structure, reject, tag or warn");
  rules.mode = mode->second;
  for (const auto& [type, profiles] : row["profiles"].members()) {
    for (const JsonValue& profile : profiles.items()) rules.profiles[type].push_back(profile.text());
  }
  return base::Done{};
}

// {"raw_days": 365, …}; what is not named is kept for ever.
base::Result<base::Done> ReadRetention(const JsonValue& row, exchange::Retention& retention) {
  constexpr std::pair<std::string_view, uint32_t exchange::Retention::*> kStages[] = {
      {"raw_days", &exchange::Retention::raw_days},           {"parked_days", &exchange::Retention::parked_days},
      {"dead_days", &exchange::Retention::dead_days},         {"delivered_days", &exchange::Retention::delivered_days},
      {"lineage_days", &exchange::Retention::lineage_days},   {"repeat_days", &exchange::Retention::repeat_days}};
  for (const auto& [name, value] : row.members()) {
    const auto stage = std::find_if(std::begin(kStages), std::end(kStages), [&](const auto& one) { return one.first == name; });
    uint64_t days = 0;
    if (stage == std::end(kStages)) return Wrong("retention." + name, "unknown setting");
    if (!base::ParseUnsigned(value.text(), &days) || days > 36'500) return Wrong("retention." + name, "days, 0 = for ever");
    retention.*(stage->second) = static_cast<uint32_t>(days);
  }
  if (retention.repeat_days != 0 && retention.repeat_days < retention.raw_days) return Wrong("retention.repeat_days", "not below raw_days");
  return base::Done{};
}

// {"subscriptions_max": 200, "give_up_ms": 86400000, …}: whole numbers, as exchange/subscription/limits.h names them.
base::Result<base::Done> ReadSubscriptionLimits(const JsonValue& row, exchange::SubscriptionLimits& limits) {
  struct Setting {
    std::string_view name;
    uint32_t* value;
    uint32_t max;
  };
  const Setting settings[] = {{"subscriptions_max", &limits.subscriptions_max, 10'000}, {"events_kept", &limits.events_kept, 1'000'000},
                              {"batch_events", &limits.batch_events, 1'000},           {"workers", &limits.workers, 64},
                              {"retry_first_ms", &limits.retry_first_ms, 3'600'000},   {"retry_max_ms", &limits.retry_max_ms, 3'600'000},
                              {"handshake_ms", &limits.handshake_ms, 86'400'000},      {"give_up_ms", &limits.give_up_ms, 2'000'000'000},
                              {"timeout_ms", &limits.timeout_ms, 600'000}};
  for (const auto& [name, value] : row.members()) {
    const auto setting = std::find_if(std::begin(settings), std::end(settings), [&](const Setting& one) { return one.name == name; });
    uint64_t number = 0;
    if (setting == std::end(settings) || !base::ParseUnsigned(value.text(), &number) || number == 0 || number > setting->max) {
      return Wrong("subscriptions." + name, "no such setting, or not a number that it takes");
    }
    *setting->value = static_cast<uint32_t>(number);
  }
  return base::Done{};
}

base::Result<TokenGrant> ReadGrant(const JsonValue& row, std::string_view place) {
  TokenGrant grant;
  grant.token_sha256 = row.StringAt("sha256");
  if (grant.token_sha256.size() != 64) return Wrong(place, "sha256 is not 64 hex digits");
  HEYI_TRY(caller, ReadCaller(row, place));
  grant.caller = std::move(caller);
  return grant;
}

void SetCaller(JsonValue& row, std::string_view client, std::string_view organization, std::string_view department, std::string_view role,
               std::string_view purpose) {
  row.Set("client", JsonValue::OfString(client));
  row.Set("organization", JsonValue::OfString(organization));
  row.Set("department", JsonValue::OfString(department));
  row.Set("role", JsonValue::OfString(role));
  row.Set("purpose", JsonValue::OfString(purpose));
}

struct TrialCaller {
  std::string_view name, organization, department, role, purpose;
};

constexpr std::string_view kHubCode = "12310199MB0000011";  // an invented credit code but for its check character

// Organizations are the invented district's (cli/district.cc gives them the same codes).
constexpr TrialCaller kTrialCallers[] = {
    {"operator", "", "operator", "operator", "HOPERAT"},
    {"civil-affairs", "", "civil-affairs", "officer", "COC"},
    {"care-home", "", "civil-affairs", "care-worker", "TREAT"},
    {"hospital", "", "health", "clinician", "TREAT"},
    {"internet-hospital", "", "health", "clinician", "TREAT"},
    {"insurance", "", "insurance", "officer", "HPAYMT"},
    {"auditor", "", "audit", "auditor", "HCOMPL"},
};

}  // namespace

base::Result<base::Caller> ReadCaller(const JsonValue& row, std::string_view place) {
  base::Caller caller;
  caller.client = row.StringAt("client");
  caller.organization = row.StringAt("organization");
  caller.department = row.StringAt("department");
  caller.role = row.StringAt("role");
  caller.purpose = row.StringAt("purpose");
  if (caller.client.empty() || caller.department.empty() || caller.role.empty() || caller.purpose.empty()) {
    return Wrong(place, "client, department, role and purpose are needed");
  }
  return caller;
}

base::Result<Config> ParseConfig(std::string text) {
  HEYI_TRY(root, base::ParseJson(text));
  if (!root.is_object()) return Wrong("", "not an object");
  for (const auto& [name, value] : root.members()) {
    if (std::find(std::begin(kKnownSettings), std::end(kKnownSettings), name) == std::end(kKnownSettings)) return Wrong(name, "unknown setting");
  }
  Config config;
  config.district_name = root.StringAt("district");
  config.area_code = root.StringAt("area_code");
  config.hub_code = root.StringAt("hub_code");
  config.policy_file = root.StringAt("policy_file");
  config.release_file = root.StringAt("release_file");
  config.routes_file = root.StringAt("routes_file");
  HEYI_CHECK(ReadWriteRules(root["validation"], config.on_write));
  HEYI_CHECK(ReadRetention(root["retention"], config.retention));
  HEYI_CHECK(ReadSubscriptionLimits(root["subscriptions"], config.subscriptions));
  const std::string_view access = root.StringAt("access_leaf");
  if (!access.empty() && access != "synced" && access != "lazy") return Wrong("access_leaf", "synced or lazy");
  config.access_leaf_lazy = access == "lazy";
  size_t position = 0;
  for (const JsonValue& row : root["tokens"].items()) {
    HEYI_TRY(grant, ReadGrant(row, fmt::format("tokens[{}]", position++)));
    config.tokens.push_back(std::move(grant));
  }
  for (const JsonValue& row : root["outbound_allowed"].items()) config.outbound_allowed.push_back(row.text());
  HEYI_CHECK(ReadChannels(root, text, config));
  return config;
}

base::Result<Config> LoadConfig(const std::string& path) {
  HEYI_TRY(text, base::ReadFile(path));
  return ParseConfig(std::move(text));
}

std::string NewToken(base::Random& random) {
  std::string secret(24, '\0');
  random.Fill(secret.data(), secret.size());
  return base::ToBase64Url(secret);
}

base::Result<base::Done> WriteTrialConfig(const std::string& directory, uint16_t receiver_port, base::Random& random) {
  std::error_code failed;
  std::filesystem::create_directories(directory + "/tokens", failed);
  JsonValue root = JsonValue::Object();
  root.Set("district", JsonValue::OfString("示例区"));
  root.Set("area_code", JsonValue::OfString("310199"));
  root.Set("hub_code", JsonValue::OfString(std::string(kHubCode) + adapters::CreditCodeCheckCharacter(kHubCode)));
  root.Set("access_leaf", JsonValue::OfString("synced"));
  JsonValue tokens = JsonValue::Array();
  for (const TrialCaller& trial : kTrialCallers) {
    const std::string token = NewToken(random);
    const bool is_operator = trial.name == "operator";
    const std::string path = is_operator ? directory + "/operator.token" : fmt::format("{}/tokens/{}.token", directory, trial.name);
    HEYI_CHECK(base::WriteFileDurably(path, token + "\n", 0600));
    JsonValue row = JsonValue::Object();
    row.Set("sha256", JsonValue::OfString(base::ToHex(base::Sha256(token))));
    SetCaller(row, fmt::format("trial-{}", trial.name), trial.organization, trial.department, trial.role, trial.purpose);
    tokens.Append(std::move(row));
  }
  root.Set("tokens", std::move(tokens));
  const std::string receiver = fmt::format("http://127.0.0.1:{}/", receiver_port);
  JsonValue civil = JsonValue::Object();
  civil.Set("name", JsonValue::OfString("civil-affairs"));
  civil.Set("kind", JsonValue::OfString("http"));
  civil.Set("department", JsonValue::OfString("civil-affairs"));
  civil.Set("url", JsonValue::OfString(receiver + "civil"));
  civil.Set("idempotent", JsonValue::OfBool(true));
  JsonValue outbound = JsonValue::Array();
  outbound.Append(std::move(civil));
  JsonValue mllp = JsonValue::Object();
  mllp.Set("name", JsonValue::OfString("hospital-mllp"));
  mllp.Set("kind", JsonValue::OfString("mllp"));
  mllp.Set("listen", JsonValue::OfString(fmt::format("127.0.0.1:{}", receiver_port + 1)));
  SetCaller(mllp, "trial-hospital-mllp", "", "health", "clinician", "TREAT");
  JsonValue inbound = JsonValue::Array();
  inbound.Append(std::move(mllp));
  JsonValue channels = JsonValue::Object();
  channels.Set("inbound", std::move(inbound));
  channels.Set("outbound", std::move(outbound));
  root.Set("channels", std::move(channels));
  JsonValue allowed = JsonValue::Array();
  allowed.Append(JsonValue::OfString(receiver));
  root.Set("outbound_allowed", std::move(allowed));
  return base::WriteFileDurably(directory + "/config.json", base::WriteJson(root, /*pretty=*/true) + "\n", 0600);
}

}  // namespace heyi::server
