#include "server/channels/channels_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapters/message.h"
#include "base/text.h"
#include "net/outbound_url.h"

namespace heyi::server {
namespace {

using base::JsonValue;
using exchange::ChannelKind;

constexpr std::string_view kCallerSettings[] = {"client", "organization", "department", "role", "purpose"};
constexpr uint64_t kTimeoutMsMax = 600'000;
constexpr uint64_t kFileBytesMax = 64u << 20;

// Reads the section and gathers what is wrong with it.
class ChannelsReader {
 public:
  ChannelsReader(std::string_view text, Config& config) : text_(text), config_(config) {}

  base::Outcome Read(const JsonValue& section) {
    constexpr std::string_view kDirections[] = {"inbound", "outbound"};
    OnlyKnown(section, "channels", kDirections);
    names_["http"] = "channels";  // always there
    for (const std::string_view direction : kDirections) {
      const JsonValue& rows = section[direction];
      const std::string place = fmt::format("channels.{}", direction);
      if (!rows.is_null() && !rows.is_array()) Wrong(rows, place, "server.channel-value", "a list");
      if (rows.items().size() > exchange::kChannelsMax) Wrong(rows, place, "server.channel-value", fmt::format("at most {} channels", exchange::kChannelsMax));
      for (size_t i = 0; i < std::min(rows.items().size(), exchange::kChannelsMax); ++i) {
        const std::string row_place = fmt::format("{}[{}]", place, i);
        direction == "inbound" ? ReadInbound(rows.items()[i], row_place) : ReadOutbound(rows.items()[i], row_place);
      }
    }
    return std::move(outcome_);
  }

 private:
  void Wrong(const JsonValue& value, const std::string& place, std::string_view rule, std::string_view detail) {
    const size_t begin = std::min(value.begin(), text_.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(begin), '\n');
    outcome_.Add(rule, fmt::format("{} (line {})", place, line), detail);
  }

  void OnlyKnown(const JsonValue& object, const std::string& place, std::span<const std::string_view> known) {
    for (const auto& [name, value] : object.members()) {
      if (std::find(known.begin(), known.end(), name) == known.end()) Wrong(value, fmt::format("{}.{}", place, name), "server.channel-setting", name);
    }
  }

  std::string Needed(const JsonValue& row, const std::string& place, std::string_view name) {
    if (row.StringAt(name).empty()) Wrong(row, place, "server.channel-missing", name);
    return std::string(row.StringAt(name));
  }

  uint32_t Number(const JsonValue& row, const std::string& place, std::string_view name, uint32_t otherwise, uint64_t least, uint64_t most) {
    const JsonValue* value = row.Find(name);
    if (value == nullptr) return otherwise;
    uint64_t number = 0;
    if (!value->is_number() || !base::ParseUnsigned(value->text(), &number) || number < least || number > most) {
      Wrong(*value, fmt::format("{}.{}", place, name), "server.channel-value", fmt::format("{} - {}", least, most));
      return otherwise;
    }
    return static_cast<uint32_t>(number);
  }

  std::string Name(const JsonValue& row, const std::string& place) {
    std::string name = Needed(row, place, "name");
    if (name.empty()) return name;
    if (!exchange::IsChannelName(name)) Wrong(row["name"], place + ".name", "server.channel-value", "a-z, 0-9, -");
    const auto [used, is_new] = names_.emplace(name, place);
    if (!is_new) Wrong(row["name"], place + ".name", "server.channel-twice", fmt::format("{} ({})", name, used->second));
    return name;
  }

  // HOST:PORT. Nothing where it is none.
  bool HostAndPort(const JsonValue& row, const std::string& place, std::string_view name, bool any_port, std::string* host, uint16_t* port) {
    const std::string text = Needed(row, place, name);
    if (text.empty()) return false;
    const size_t colon = text.rfind(':');
    uint64_t number = 0;
    if (colon == std::string::npos || colon == 0 || !base::ParseUnsigned(text.substr(colon + 1), &number) || number > 65'535 || (number == 0 && !any_port)) {
      Wrong(row[name], fmt::format("{}.{}", place, name), "server.channel-value", "HOST:PORT");
      return false;
    }
    *host = text.substr(0, colon);
    *port = static_cast<uint16_t>(number);
    return true;
  }

  base::Caller Caller(const JsonValue& row, const std::string& place) {
    base::Caller caller;
    caller.organization = row.StringAt("organization");
    caller.client = Needed(row, place, "client");
    caller.department = Needed(row, place, "department");
    caller.role = Needed(row, place, "role");
    caller.purpose = Needed(row, place, "purpose");
    return caller;
  }

  std::string Folder(const JsonValue& row, const std::string& place) {
    std::string directory = Needed(row, place, "directory");
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    if (directory.empty()) return directory;
    if (!directory.starts_with('/')) Wrong(row["directory"], place + ".directory", "server.channel-value", "/…");
    const auto [used, is_new] = folders_.emplace(directory, place);
    if (!is_new) Wrong(row["directory"], place + ".directory", "server.channel-twice", fmt::format("{} ({})", directory, used->second));
    return directory;
  }

  template <size_t n>
  static std::vector<std::string_view> WithCaller(const std::string_view (&own)[n]) {
    std::vector<std::string_view> all(std::begin(own), std::end(own));
    all.insert(all.end(), std::begin(kCallerSettings), std::end(kCallerSettings));
    return all;
  }

  void ReadInbound(const JsonValue& row, const std::string& place) {
    const std::string_view kind = row.StringAt("kind");
    if (kind == "mllp") return ReadListener(row, place);
    if (kind == "folder") return ReadWatch(row, place);
    if (kind.empty()) return Wrong(row, place, "server.channel-missing", "kind");
    Wrong(row["kind"], place + ".kind", "server.channel-value", "mllp | folder");  // http is always there
  }

  void ReadListener(const JsonValue& row, const std::string& place) {
    constexpr std::string_view kSettings[] = {"name", "kind", "listen"};
    OnlyKnown(row, place, WithCaller(kSettings));
    MllpListener listener;
    listener.name = Name(row, place);
    listener.caller = Caller(row, place);
    if (HostAndPort(row, place, "listen", /*any_port=*/true, &listener.host, &listener.port) && listener.port != 0) {
      const auto [used, is_new] = ports_.emplace(listener.port, place);
      if (!is_new) Wrong(row["listen"], place + ".listen", "server.channel-twice", fmt::format("{} ({})", listener.port, used->second));
    }
    config_.mllp.push_back(std::move(listener));
  }

  void ReadWatch(const JsonValue& row, const std::string& place) {
    constexpr std::string_view kSettings[] = {"name", "kind", "directory", "format", "file_bytes_max", "tell_after_ms"};
    OnlyKnown(row, place, WithCaller(kSettings));
    FolderWatch watch;
    watch.name = Name(row, place);
    watch.directory = Folder(row, place);
    watch.caller = Caller(row, place);
    watch.format = row.StringAt("format").empty() ? watch.caller.department : row.StringAt("format");
    if (!watch.format.empty() && adapters::AdapterOf(watch.format) == nullptr) Wrong(row, place + ".format", "server.channel-value", kFormats);
    watch.file_bytes_max = Number(row, place, "file_bytes_max", 4u << 20, 1, kFileBytesMax);
    watch.tell_after_ms = Number(row, place, "tell_after_ms", watch.tell_after_ms, 1, 86'400'000);
    config_.folders.push_back(std::move(watch));
  }

  void ReadOutbound(const JsonValue& row, const std::string& place) {
    exchange::Route route;
    route.name = Name(row, place);
    route.department = Needed(row, place, "department");
    if (!route.department.empty() && adapters::AdapterOf(route.department) == nullptr) Wrong(row["department"], place + ".department", "server.channel-value", kFormats);
    // Every channel of a department gets all that goes to it, and hospitals must not read each other's patients.
    if (route.department == "health") {
      const auto other = std::find_if(config_.outbound.begin(), config_.outbound.end(), [](const exchange::Route& one) { return one.department == "health"; });
      if (other != config_.outbound.end()) Wrong(row["department"], place + ".department", "server.channel-hospitals", other->name);
    }
    const std::string_view kind = row.StringAt("kind");
    std::vector<std::string_view> settings = {"name", "kind", "department", "retry", "breaker"};
    if (kind == "http") {
      settings.insert(settings.end(), {"url", "idempotent", "connect_timeout_ms", "answer_timeout_ms", "connections"});
      route.kind = ChannelKind::kHttp;
      ReadUrl(row, place, route);
    } else if (kind == "mllp") {
      settings.insert(settings.end(), {"host", "idempotent", "connect_timeout_ms", "answer_timeout_ms", "connections"});
      route.kind = ChannelKind::kMllp;
      route.connections = 1;  // most such receivers take one message at a time
      ReadReceiver(row, place, route);
    } else if (kind == "folder") {
      settings.emplace_back("directory");  // writing a file again does no harm
      route.kind = ChannelKind::kFolder;
      route.connections = 1;
      route.idempotent = true;
      route.directory = Folder(row, place);
    } else if (kind.empty()) {
      return Wrong(row, place, "server.channel-missing", "kind");
    } else {
      return Wrong(row["kind"], place + ".kind", "server.channel-value", "http | mllp | folder");
    }
    OnlyKnown(row, place, settings);
    if (const JsonValue* idempotent = row.Find("idempotent"); idempotent != nullptr) {
      if (idempotent->kind() != JsonValue::Kind::kBool) Wrong(*idempotent, place + ".idempotent", "server.channel-value", "true | false");
      route.idempotent = route.idempotent || idempotent->is_true();
    }
    route.connect_timeout_ms = Number(row, place, "connect_timeout_ms", route.connect_timeout_ms, 1, kTimeoutMsMax);
    route.answer_timeout_ms = Number(row, place, "answer_timeout_ms", route.answer_timeout_ms, 1, kTimeoutMsMax);
    route.connections = Number(row, place, "connections", route.connections, 1, exchange::kConnectionsMax);
    ReadRules(row, place, route);
    config_.outbound.push_back(std::move(route));
  }

  void ReadUrl(const JsonValue& row, const std::string& place, exchange::Route& route) {
    route.url = Needed(row, place, "url");
    if (route.url.empty()) return;
    const auto normal = net::NormalizeUrl(route.url);
    if (!normal.ok()) return Wrong(row["url"], place + ".url", "server.channel-value", "http://… | https://…");
    const bool allowed = std::any_of(config_.outbound_allowed.begin(), config_.outbound_allowed.end(),
                                     [&](const std::string& prefix) { return net::IsUnder(*normal, prefix); });
    if (!allowed) Wrong(row["url"], place + ".url", "server.channel-not-allowed", route.url);
  }

  void ReadReceiver(const JsonValue& row, const std::string& place, exchange::Route& route) {
    if (route.department != "health") Wrong(row, place + ".department", "server.channel-value", "health");  // MLLP carries HL7 v2 only
    if (!HostAndPort(row, place, "host", /*any_port=*/false, &route.host, &route.port)) return;
    const std::string address = fmt::format("mllp://{}:{}", route.host, route.port);
    const bool allowed = std::find(config_.outbound_allowed.begin(), config_.outbound_allowed.end(), address) != config_.outbound_allowed.end();
    if (!allowed) Wrong(row["host"], place + ".host", "server.channel-not-allowed", address);
  }

  void ReadRules(const JsonValue& row, const std::string& place, exchange::Route& route) {
    constexpr std::string_view kRetry[] = {"first_ms", "max_ms"}, kBreaker[] = {"failures", "pause_ms", "pause_max_ms"};
    const JsonValue &retry = row["retry"], &breaker = row["breaker"];
    const std::string retry_place = place + ".retry", breaker_place = place + ".breaker";
    OnlyKnown(retry, retry_place, kRetry);
    OnlyKnown(breaker, breaker_place, kBreaker);
    route.retry.first_ms = Number(retry, retry_place, "first_ms", route.retry.first_ms, 1, kTimeoutMsMax);
    route.retry.max_ms = Number(retry, retry_place, "max_ms", std::max(route.retry.max_ms, route.retry.first_ms), 1, 86'400'000);
    if (route.retry.max_ms < route.retry.first_ms) Wrong(retry, retry_place + ".max_ms", "server.channel-value", ">= first_ms");
    route.breaker.failures = Number(breaker, breaker_place, "failures", route.breaker.failures, 1, 1'000);
    route.breaker.pause_ms = Number(breaker, breaker_place, "pause_ms", route.breaker.pause_ms, 1, kTimeoutMsMax);
    route.breaker.pause_max_ms = Number(breaker, breaker_place, "pause_max_ms", std::max(route.breaker.pause_max_ms, route.breaker.pause_ms), 1, 86'400'000);
    if (route.breaker.pause_max_ms < route.breaker.pause_ms) Wrong(breaker, breaker_place + ".pause_max_ms", "server.channel-value", ">= pause_ms");
  }

  static constexpr std::string_view kFormats = "civil-affairs | health | health-cda | insurance";

  const std::string_view text_;
  Config& config_;
  base::Outcome outcome_;
  std::map<std::string, std::string> names_, folders_;  // and where they were used first
  std::map<uint16_t, std::string> ports_;
};

}  // namespace

base::Result<base::Done> ReadChannels(const JsonValue& root, std::string_view text, Config& config) {
  const JsonValue& section = root["channels"];
  if (section.is_null()) return base::Done{};
  if (!section.is_object()) return base::Error(base::ErrorKind::kInvalid, "server.config", "channels", "not an object");
  base::Outcome outcome = ChannelsReader(text, config).Read(section);
  if (!outcome.empty()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome));
  return base::Done{};
}

std::vector<exchange::InboundChannel> InboundChannels(const Config& config) {
  std::vector<exchange::InboundChannel> channels{{"http", ChannelKind::kHttp, "/exchange/DEPARTMENT"}};
  for (const MllpListener& listener : config.mllp) channels.push_back({listener.name, ChannelKind::kMllp, fmt::format("{}:{}", listener.host, listener.port)});
  for (const FolderWatch& watch : config.folders) channels.push_back({watch.name, ChannelKind::kFolder, watch.directory});
  return channels;
}

}  // namespace heyi::server
