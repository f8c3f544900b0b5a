#include "cli/witness.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "base/file.h"
#include "cli/command.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

// Does the server still say what it said `then`? Fills `now` with what it says.
bool Holds(const Client& client, const JsonValue& line, std::string_view then, std::string* now) {
  const std::string_view path = line.StringAt("path");
  const auto asked = [&](const base::Result<Client::Answer>& answer) {
    *now = answer.ok() ? fmt::format("{} {}", answer->status, answer->body) : "no answer";
    return answer.ok() && answer->status / 100 == 2 ? answer->body : std::string();
  };
  if (path.starts_with("/exchange/")) return asked(client.Post(path, std::string(line.StringAt("body")))) == then;
  const auto json = base::ParseJson(std::string(then));
  if (!json.ok()) return false;
  const auto stands = [&](const JsonValue& resource) {
    const std::string version = asked(client.Get(fmt::format("/fhir/{}/{}/_history/{}", resource.StringAt("resourceType"), resource.StringAt("id"),
                                                             resource["meta"].StringAt("versionId"))));
    return !version.empty() && then.find(version) != std::string_view::npos;
  };
  if (json->StringAt("resourceType") != "Bundle") return stands(*json);
  for (const JsonValue& entry : (*json)["entry"].items()) {
    if (!stands(entry["resource"])) return false;
  }
  return true;
}

}  // namespace

void Witness::Record(std::string_view method, std::string_view path, std::string_view body, std::string_view answer) {
  JsonValue line = JsonValue::Object();
  line.Set("method", JsonValue::OfString(method));
  line.Set("path", JsonValue::OfString(path));
  line.Set("body", JsonValue::OfString(body));
  line.Set("answer", JsonValue::OfString(answer));
  const std::lock_guard lock(mutex_);
  std::ofstream(path_, std::ios::app) << base::WriteJson(line) << '\n';
}

base::Result<Testimony> HoldAgainst(const Client& client, const std::string& path) {
  Testimony testimony;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    HEYI_TRY(line, base::ParseJson(text));
    const std::string then(line.StringAt("answer"));
    std::string now;
    if (Holds(client, line, then, &now)) {
      ++testimony.held;
    } else if (testimony.broken++ == 0) {
      testimony.first_broken = fmt::format("{} {}\n  then {}\n  now  {}", line.StringAt("method"), line.StringAt("path"), then, now);
    }
  }
  return testimony;
}

int RunWitness(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "file"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data") || !arguments.Has("file")) {
    std::fprintf(stderr, "usage: heyi witness --data DIR --file WITNESS [--server URL]\n");
    return 2;
  }
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "") + "/operator.token"));
  const auto testimony = HoldAgainst(client, arguments.Option("file", ""));
  if (!testimony.ok()) return ReportError(testimony.error());
  std::printf("%d acknowledgements held, %d broken\n%s%s", testimony->held, testimony->broken, testimony->first_broken.c_str(),
              testimony->broken > 0 ? "\n" : "");
  return testimony->broken == 0 ? 0 : 1;
}

}  // namespace heyi::cli
