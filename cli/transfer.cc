// heyi import and heyi export: NDJSON files in and out of a running server.
//
// Import sends transactions of PUTs, 100 resources each, so a repeated import writes the same ids again; a resource
// without an id is POSTed. Export pages through each type on one snapshot.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

constexpr size_t kPerTransaction = 100;

Client OperatorOf(const Arguments& arguments) {
  return Client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
}

// "Bundle.entry" of one resource; `text` stays as it is, so numbers keep their digits.
base::Result<std::string> EntryOf(std::string_view text) {
  HEYI_TRY(resource, base::ParseJson(std::string(text)));
  const std::string_view type = resource.StringAt("resourceType"), id = resource.StringAt("id");
  return fmt::format(R"({{"resource":{},"request":{{"method":"{}","url":"{}{}{}"}}}})", text, id.empty() ? "POST" : "PUT", type,
                     id.empty() ? "" : "/", id);
}

class Import {
 public:
  explicit Import(const Client& client) : client_(client) {}

  bool Take(std::string_view line, const std::string& place) {
    auto entry = EntryOf(line);
    if (!entry.ok()) {
      std::fprintf(stderr, "%s: %s\n", place.c_str(), base::EnglishText(entry.error().outcome.issues().front()).c_str());
      return false;
    }
    if (entries_.empty()) first_ = place;
    entries_ += (entries_.empty() ? "" : ",") + *entry;
    return ++waiting_ < kPerTransaction || Flush();
  }

  bool Flush() {
    if (waiting_ == 0) return true;
    const auto answer = client_.Post("/fhir", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + entries_ + "]}");
    if (!answer.ok() || answer->status != 200) {
      std::fprintf(stderr, "from %s on: %s\n", first_.c_str(), answer.ok() ? answer->body.c_str() : "no answer");
      return false;
    }
    done_ += waiting_;
    std::printf("\r%zu resources", done_);
    std::fflush(stdout);
    entries_.clear();
    waiting_ = 0;
    return true;
  }

 private:
  const Client& client_;
  std::string entries_, first_;
  size_t waiting_ = 0, done_ = 0;
};

// Writes every resource of `type`; returns how many, or nothing after a failure that has been told.
std::optional<size_t> ExportType(const Client& client, const std::string& type, const std::string& path) {
  std::ofstream file;
  size_t written = 0;
  for (std::string next = "/fhir/" + type + "?_count=1000"; !next.empty();) {
    const auto answer = client.Get(next);
    if (!answer.ok() || answer->status != 200) {
      std::fprintf(stderr, "%s: %s\n", type.c_str(), answer.ok() ? answer->body.c_str() : "no answer");
      return std::nullopt;
    }
    for (const JsonValue& entry : answer->json["entry"].items()) {
      if (!file.is_open()) file.open(path);
      file << base::WriteJson(entry["resource"]) << '\n';
      ++written;
    }
    next.clear();
    for (const JsonValue& link : answer->json["link"].items()) {
      if (link.StringAt("relation") == "next") next = link.StringAt("url").substr(client.server().size());
    }
  }
  file.close();
  if (file.fail() && written > 0) {
    std::fprintf(stderr, "%s: cannot write\n", path.c_str());
    return std::nullopt;
  }
  return written;
}

// The types that the server serves.
std::vector<std::string> AllTypes(const Client& client) {
  std::vector<std::string> types;
  const auto answer = client.Get("/fhir/metadata");
  if (!answer.ok() || answer->json["rest"].items().empty()) return types;
  for (const JsonValue& row : answer->json["rest"].items()[0]["resource"].items()) {
    if (row.StringAt("type") != "AuditEvent") types.emplace_back(row.StringAt("type"));
  }
  return types;
}

}  // namespace

int RunImport(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || arguments.positional().empty()) {
    std::fprintf(stderr, "usage: heyi import [--data DIR] [--server URL] FILE.ndjson|FILE.json|-…\n");
    return 2;
  }
  const Client client = OperatorOf(arguments);
  Import import(client);
  for (const std::string& path : arguments.positional()) {
    const auto text = ReadText(path);
    if (!text.ok()) return ReportError(text.error());
    if (path.ends_with(".json")) {
      if (!import.Take(base::Trim(*text), path)) return 1;
      continue;
    }
    size_t number = 0;
    for (const std::string_view line : base::Split(*text, '\n')) {
      ++number;
      if (!base::Trim(line).empty() && !import.Take(base::Trim(line), fmt::format("{}:{}", path, number))) return 1;
    }
  }
  if (!import.Flush()) return 1;
  std::printf("\n");
  return 0;
}

int RunExport(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "out"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("out")) {
    std::fprintf(stderr, "usage: heyi export --out DIR [--data DIR] [--server URL] [TYPE…]\n");
    return 2;
  }
  const std::string out = arguments.Option("out", "");
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  const Client client = OperatorOf(arguments);
  const std::vector<std::string> types = arguments.positional().empty() ? AllTypes(client) : arguments.positional();
  if (types.empty()) {
    std::fprintf(stderr, "heyi: no answer from %s\n", client.server().c_str());
    return 1;
  }
  for (const std::string& type : types) {
    const auto written = ExportType(client, type, out + "/" + type + ".ndjson");
    if (!written) return 1;
    if (*written > 0) std::printf("%s %zu\n", type.c_str(), *written);
  }
  return 0;
}

}  // namespace heyi::cli
