// heyi channels: the ways in and out of a running server, and what operators order of them (docs/channels.md).
#include <fmt/format.h>

#include <cstdio>

#include "base/text.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

constexpr const char* kChannelsUsage =
    "usage: heyi channels ls\n"
    "       heyi channels rows NAME [--state waiting|quarantined|dead|dropped] [--order KEY]\n"
    "       heyi channels pause NAME | resume NAME\n"
    "       heyi channels redeliver NAME ID… | redeliver NAME --state dead|quarantined [--limit N]\n"
    "       heyi channels drop NAME ID… --reason TEXT\n"
    "       [--data DIR] [--server URL]\n";

int ChannelsRefused(const base::Result<Client::Answer>& answer) {
  if (!answer.ok()) return ReportError(answer.error());
  std::fprintf(stderr, "heyi: %d %s\n", answer->status, answer->body.c_str());
  return 1;
}

int ListChannels(const Client& client) {
  const auto answer = client.Get("/exchange/channels");
  if (!answer.ok() || answer->status != 200) return ChannelsRefused(answer);
  for (const JsonValue& row : answer->json["channels"].items()) {
    const auto text = [&](std::string_view name) { return std::string(row.StringAt(name)); };
    const bool out = text("direction") == "out";
    std::string line = fmt::format("{:<20} {:<3} {:<6} {:<6} since {}  waiting {}", text("name"), text("direction"), text("kind"), text("state"),
                                   text("since"), text("waiting"));
    if (!text("oldestWaiting").empty()) line += fmt::format(" (oldest {})", text("oldestWaiting"));
    line += out ? fmt::format("  delivered {}  dead {}  quarantined {}", text("delivered"), text("dead"), text("quarantined"))
                : fmt::format("  taken {}  refused {}", text("taken"), text("refused"));
    std::printf("%s  %s\n", line.c_str(), text("place").c_str());
    if (!text("lastError").empty()) std::printf("  %s  %s\n", text("lastErrorAt").c_str(), text("lastError").c_str());
  }
  return 0;
}

// For a value in an address: everything that means something there is escaped.
std::string QueryEscaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '/';
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

int ListRows(const Client& client, const std::string& at, const Arguments& arguments) {
  std::string after;
  do {
    const auto answer = client.Get(fmt::format("{}/rows?state={}&order={}&after={}", at, QueryEscaped(arguments.Option("state", "waiting")),
                                               QueryEscaped(arguments.Option("order", "")), after));
    if (!answer.ok() || answer->status != 200) return ChannelsRefused(answer);
    for (const JsonValue& row : answer->json["rows"].items()) {
      const auto text = [&](std::string_view name) { return std::string(row.StringAt(name)); };
      std::printf("%s  %s  %s  %s  %s\n", text("id").c_str(), text("made").c_str(), text("type").c_str(), text("order").c_str(), text("resource").c_str());
      if (!text("reason").empty()) std::printf("  %s  %s  %s\n", text("severity").c_str(), text("owner").c_str(), text("reason").c_str());
    }
    after = answer->json.StringAt("next");
  } while (!after.empty());
  return 0;
}

int Order(const Client& client, const std::string& address, const JsonValue& order) {
  const auto answer = client.Post(address, base::WriteJson(order));
  if (!answer.ok() || answer->status != 200) return ChannelsRefused(answer);
  std::printf("%s\n", answer->body.c_str());
  return 0;
}

}  // namespace

int RunChannels(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "state", "order", "limit", "reason"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, {}, &arguments);
  const std::vector<std::string>& left = arguments.positional();
  const std::string verb = left.empty() ? "" : left[0];
  const size_t named = left.size();
  const bool rows_given = named > 2, by_state = named == 2 && arguments.Has("state");
  uint64_t limit = 1'000;
  const bool right = (verb == "ls" && named == 1) || (named == 2 && (verb == "rows" || verb == "pause" || verb == "resume")) ||
                     (verb == "redeliver" && (rows_given || by_state)) || (verb == "drop" && rows_given && arguments.Has("reason"));
  if (!parsed || !right || (arguments.Has("limit") && !base::ParseUnsigned(arguments.Option("limit", ""), &limit))) {
    std::fputs(kChannelsUsage, stderr);
    return 2;
  }
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
  if (verb == "ls") return ListChannels(client);
  const std::string at = "/exchange/channels/" + QueryEscaped(left[1]);
  if (verb == "rows") return ListRows(client, at, arguments);
  JsonValue order = JsonValue::Object();
  if (rows_given) {
    JsonValue ids = JsonValue::Array();
    for (size_t i = 2; i < named; ++i) ids.Append(JsonValue::OfString(left[i]));
    order.Set("rows", std::move(ids));
  } else if (verb == "redeliver") {
    order.Set("state", JsonValue::OfString(arguments.Option("state", "")));
    order.Set("limit", JsonValue::OfInteger(static_cast<int64_t>(limit)));
  }
  if (verb == "drop") order.Set("reason", JsonValue::OfString(arguments.Option("reason", "")));
  return Order(client, at + "/" + verb, order);
}

}  // namespace heyi::cli
