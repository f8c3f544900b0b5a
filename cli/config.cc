// heyi config check, and heyi token: the configuration of a data directory. A running server reads it when it starts.
#include <fmt/format.h>

#include <cstdio>

#include "base/digest.h"
#include "base/file.h"
#include "base/ids.h"
#include "cli/command.h"
#include "cli/report_error.h"
#include "policy/policy.h"
#include "server/channels/channels_config.h"
#include "server/config.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

std::string ConfigPath(const Arguments& arguments) { return arguments.Option("data", "data") + "/config.json"; }

int ListTokens(const JsonValue& config) {
  for (const JsonValue& row : config["tokens"].items()) {
    std::printf("%s  %-24s %-14s %-12s %-8s %s\n", std::string(row.StringAt("sha256").substr(0, 12)).c_str(), std::string(row.StringAt("client")).c_str(),
                std::string(row.StringAt("department")).c_str(), std::string(row.StringAt("role")).c_str(),
                std::string(row.StringAt("purpose")).c_str(), std::string(row.StringAt("organization")).c_str());
  }
  return 0;
}

int Save(const std::string& path, const JsonValue& config) {
  const std::string text = base::WriteJson(config, /*pretty=*/true) + "\n";
  if (auto checked = server::ParseConfig(text); !checked.ok()) return ReportError(checked.error());
  const auto written = base::WriteFileDurably(path, text, 0600);
  return written.ok() ? 0 : ReportError(written.error());
}

// Prints the new token, once: only its digest is kept.
int AddToken(const std::string& path, JsonValue config, const Arguments& arguments) {
  base::SystemRandom random;
  const std::string token = server::NewToken(random);
  JsonValue row = JsonValue::Object();
  row.Set("sha256", JsonValue::OfString(base::ToHex(base::Sha256(token))));
  for (const char* name : {"client", "organization", "department", "role", "purpose"}) row.Set(name, JsonValue::OfString(arguments.Option(name, "")));
  JsonValue* tokens = config.Find("tokens");
  if (tokens == nullptr) {
    config.Set("tokens", JsonValue::Array());
    tokens = config.Find("tokens");
  }
  tokens->Append(std::move(row));
  if (const int status = Save(path, config); status != 0) return status;
  std::printf("%s\n", token.c_str());
  return 0;
}

int RevokeToken(const std::string& path, JsonValue config, const std::string& client) {
  JsonValue* tokens = config.Find("tokens");
  const size_t revoked = tokens == nullptr ? 0 : std::erase_if(tokens->items(), [&](const JsonValue& row) { return row.StringAt("client") == client; });
  if (revoked == 0) {
    std::fprintf(stderr, "heyi: no token of client %s\n", client.c_str());
    return 1;
  }
  return Save(path, config);
}

// What is wrong, where, in both languages.
int ReportChannels(const base::Outcome& outcome) {
  for (const base::Issue& issue : outcome.issues()) {
    std::fprintf(stderr, "heyi: %s: %s / %s [%s]\n", issue.expression.c_str(), base::ChineseText(issue).c_str(), base::EnglishText(issue).c_str(), issue.rule.c_str());
  }
  return 1;
}

}  // namespace

int RunConfig(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, {}, &arguments);
  const std::vector<std::string>& words_left = arguments.positional();
  if (!parsed || words_left.empty() || words_left[0] != "check" || words_left.size() > 2) {
    std::fprintf(stderr, "usage: heyi config check [FILE | --data DIR]\n");
    return 2;
  }
  const std::string path = words_left.size() == 2 ? words_left[1] : ConfigPath(arguments);
  const auto config = server::LoadConfig(path);
  if (!config.ok()) return ReportChannels(config.error().outcome);
  if (!config->policy_file.empty()) {
    const auto text = base::ReadFile(config->policy_file);
    if (!text.ok()) return ReportError(text.error());
    const auto policy = policy::Policy::Parse(*text);
    if (!policy.ok()) return ReportError(policy.error());
  }
  for (const std::string& line : server::ExplainChannels(*config)) std::printf("%s\n", line.c_str());
  if (const base::Outcome outcome = server::CheckChannels(*config); !outcome.empty()) return ReportChannels(outcome);
  std::printf("%s: %zu tokens, %zu channels, access leaf %s: fine\n", path.c_str(), config->tokens.size(),
              1 + config->mllp.size() + config->folders.size() + config->outbound.size(), config->access_leaf_lazy ? "lazy" : "synced");
  return 0;
}

int RunToken(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "client", "organization", "department", "role", "purpose"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, {}, &arguments);
  const std::string verb = arguments.positional().size() == 1 ? arguments.positional()[0] : "";
  if (!parsed || (verb != "ls" && verb != "add" && verb != "revoke") || (verb != "ls" && !arguments.Has("client"))) {
    std::fprintf(stderr, "usage: heyi token ls | add --client NAME --department D --role R --purpose P [--organization ID] | revoke --client NAME\n"
                         "       [--data DIR]    a running server knows of it when it starts again\n");
    return 2;
  }
  const std::string path = ConfigPath(arguments);
  auto text = base::ReadFile(path);
  if (!text.ok()) return ReportError(text.error());
  auto config = base::ParseJson(std::move(*text));
  if (!config.ok()) return ReportError(config.error());
  if (verb == "ls") return ListTokens(*config);
  if (verb == "add") return AddToken(path, std::move(*config), arguments);
  return RevokeToken(path, std::move(*config), arguments.Option("client", ""));
}

}  // namespace heyi::cli
