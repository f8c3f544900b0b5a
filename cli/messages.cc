// heyi messages: what departments have sent and what became of it, and messages run once more, by the running server.
#include <fmt/format.h>

#include <cstdio>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

int Refused(const base::Result<Client::Answer>& answer) {
  if (!answer.ok()) return ReportError(answer.error());
  std::fprintf(stderr, "heyi: %d %s\n", answer->status, answer->body.c_str());
  return 1;
}

// In an address, everything but what is never escaped.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

int List(const Client& client, const Arguments& arguments) {
  std::string query, after;
  for (const char* name : {"state", "department", "sender", "type", "elder", "from", "to"}) {
    query += fmt::format("{}={}&", name, Escaped(arguments.Option(name, "")));
  }
  do {
    const auto answer = client.Get(fmt::format("/exchange/messages?{}after={}", query, Escaped(after)));
    if (!answer.ok() || answer->status != 200) return Refused(answer);
    for (const JsonValue& row : answer->json["messages"].items()) {
      const base::TimeMs received = std::strtoll(std::string(row.StringAt("received")).c_str(), nullptr, 10);
      fmt::print("{:<9} {}  {}  {}  {}\n", row.StringAt("state"), base::FormatInstant(received), row.StringAt("key"), row.StringAt("type"),
                 row.StringAt("rule"));
    }
    after = answer->json.StringAt("next");
  } while (!after.empty());
  return 0;
}

void PrintIssues(const JsonValue& issues) {
  for (const JsonValue& issue : issues.items()) {
    fmt::print("  {} {} at {}: {} / {}\n", issue.StringAt("severity"), issue.StringAt("rule"), issue.StringAt("expression"), issue.StringAt("en"),
               issue.StringAt("zh"));
  }
}

int Show(const Client& client, const std::string& key) {
  std::string path;
  for (size_t start = 0; start <= key.size();) {
    const size_t slash = std::min(key.find('/', start), key.size());
    path += "/" + Escaped(key.substr(start, slash - start));
    start = slash + 1;
  }
  const auto answer = client.Get("/exchange/messages" + path);
  if (!answer.ok() || answer->status != 200) return Refused(answer);
  const JsonValue& shown = answer->json;
  for (const char* name : {"type", "state", "rule", "client", "sha256", "runs", "message", "answer", "lineage", "outranked", "unread"}) {
    const std::string value(shown.StringAt(name));
    if (!value.empty()) fmt::print("{}: {}\n", name, value);
  }
  for (const JsonValue& change : shown["history"].items()) fmt::print("history: {} {}\n", change.StringAt("at"), change.StringAt("state"));
  for (const JsonValue& output : shown["outputs"].items()) fmt::print("output: {}\n", output.text());
  for (const JsonValue& row : shown["outbox"].items()) fmt::print("{}: {}\n", row.StringAt("space"), row.StringAt("key"));
  const JsonValue& parked = shown["parked"];
  if (!parked.is_object()) return 0;
  fmt::print("parked: {}, to be mended by {}, tried {} times\n", parked.StringAt("rule"), parked.StringAt("owner"), parked.StringAt("tries"));
  PrintIssues(parked["issues"]);
  for (const JsonValue& wait : parked["waits"].items()) fmt::print("  waits for {}\n", wait.text());
  return 0;
}

int Replay(const Client& client, const Arguments& arguments) {
  JsonValue order = JsonValue::Object();
  JsonValue keys = JsonValue::Array();
  for (size_t i = 1; i < arguments.positional().size(); ++i) keys.Append(JsonValue::OfString(arguments.positional()[i]));
  order.Set("keys", std::move(keys));
  for (const char* name : {"state", "type", "limit"}) {
    if (arguments.Has(name)) order.Set(name, JsonValue::OfString(arguments.Option(name, "")));
  }
  order.Set("dry_run", JsonValue::OfBool(arguments.Has("dry-run")));
  const auto answer = client.Post("/exchange/messages/replay", base::WriteJson(order));
  if (!answer.ok() || answer->status != 200) return Refused(answer);
  for (const JsonValue& message : answer->json["messages"].items()) {
    fmt::print("{}: {} -> {}\n", message.StringAt("key"), message.StringAt("before"), message.StringAt("after"));
    PrintIssues(message["issues"]);
    for (const JsonValue& output : message["outputs"].items()) fmt::print("  {}\n", output.text());
    for (const JsonValue& difference : message["differences"].items()) {
      fmt::print("  {} {}: \"{}\" -> \"{}\"\n", difference.StringAt("resource"), difference.StringAt("path"), difference.StringAt("old"),
                 difference.StringAt("new"));
    }
  }
  return 0;
}

}  // namespace

int RunMessages(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "state", "department", "sender", "type", "elder", "from", "to", "limit"};
  constexpr std::string_view kFlags[] = {"dry-run"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, kFlags, &arguments);
  const std::vector<std::string>& left = arguments.positional();
  const bool list = left.size() == 1 && left[0] == "ls", show = left.size() == 2 && left[0] == "show";
  const bool replay = !left.empty() && left[0] == "replay" && (left.size() > 1 || arguments.Has("state"));
  if (!parsed || (!list && !show && !replay)) {
    std::fprintf(stderr,
                 "usage: heyi messages ls [--state received|done|parked|refused|expired] [--department D] [--sender S] [--type T]\n"
                 "                        [--elder ID] [--from TIME] [--to TIME]\n"
                 "       heyi messages show DEPARTMENT/SENDER/ID\n"
                 "       heyi messages replay [--dry-run] DEPARTMENT/SENDER/ID… | replay [--dry-run] --state STATE [--type T] [--limit N]\n"
                 "       each with [--data DIR] [--server URL]\n");
    return 2;
  }
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
  return list ? List(client, arguments) : show ? Show(client, left[1]) : Replay(client, arguments);
}

}  // namespace heyi::cli
