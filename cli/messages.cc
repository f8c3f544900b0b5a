// heyi messages: what departments have sent and what became of it, told by the running server.
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

int List(const Client& client, const Arguments& arguments) {
  std::string after;
  do {
    const auto answer = client.Get(fmt::format("/exchange/messages?state={}&after={}", arguments.Option("state", ""), after));
    if (!answer.ok() || answer->status != 200) return Refused(answer);
    for (const JsonValue& row : answer->json["messages"].items()) {
      const base::TimeMs received = std::strtoll(std::string(row.StringAt("received")).c_str(), nullptr, 10);
      std::printf("%-9s %s  %s  %s\n", std::string(row.StringAt("state")).c_str(), base::FormatInstant(received).c_str(),
                  std::string(row.StringAt("key")).c_str(), std::string(row.StringAt("rule")).c_str());
    }
    after = answer->json.StringAt("next");
  } while (!after.empty());
  return 0;
}

int Show(const Client& client, const std::string& key) {
  const auto answer = client.Get("/exchange/messages/" + key);
  if (!answer.ok() || answer->status != 200) return Refused(answer);
  for (const char* name : {"state", "rule", "client", "sha256", "message", "answer", "lineage", "unread"}) {
    const std::string value(answer->json.StringAt(name));
    if (!value.empty()) std::printf("%s: %s\n", name, value.c_str());
  }
  return 0;
}

}  // namespace

int RunMessages(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "state"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, {}, &arguments);
  const std::vector<std::string>& left = arguments.positional();
  const bool list = left.size() == 1 && left[0] == "ls", show = left.size() == 2 && left[0] == "show";
  if (!parsed || (!list && !show)) {
    std::fprintf(stderr, "usage: heyi messages ls [--state received|done|parked|refused] | show DEPARTMENT/SENDER/ID   [--data DIR] [--server URL]\n");
    return 2;
  }
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
  return list ? List(client, arguments) : Show(client, left[1]);
}

}  // namespace heyi::cli
