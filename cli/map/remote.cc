#include <fmt/format.h>

#include <cstdio>

#include "cli/client.h"
#include "cli/local.h"
#include "cli/map/map.h"
#include "cli/report_error.h"

namespace heyi::cli {
namespace {

using base::JsonValue;

void PrintList(const JsonValue& answer) {
  for (const JsonValue& map : answer["maps"].items()) {
    std::vector<std::string> types, versions;
    for (const JsonValue& type : map["types"].items()) types.push_back(type.text());
    for (const JsonValue& version : map["versions"].items()) {
      versions.push_back(std::string(version.StringAt("version")) + (version["in_force"].is_true() ? "*" : ""));
    }
    fmt::print("{:<14} {:<28} {:<20} {}\n", map.StringAt("department"), fmt::format("{}", fmt::join(types, " ")), map.StringAt("name"), fmt::join(versions, " "));
  }
}

void PrintReplay(const JsonValue& answer) {
  for (const JsonValue& message : answer["differences"].items()) {
    fmt::print("# {}\n", message.StringAt("message"));
    for (const char* list : {"issues", "unread"}) {
      for (const JsonValue& one : message[list]["before"].items()) fmt::print("  - {} {}\n", list, one.text());
      for (const JsonValue& one : message[list]["after"].items()) fmt::print("  + {} {}\n", list, one.text());
    }
    for (const JsonValue& resource : message["resources"].items()) {
      for (const JsonValue& value : resource["values"].items()) {
        fmt::print("  {} {}: \"{}\" -> \"{}\"\n", resource.StringAt("resource"), value.StringAt("path"), value.StringAt("before"), value.StringAt("after"));
      }
    }
  }
  fmt::print("{} messages: {} the same, {} different, {} would fail{}\n", answer.StringAt("messages"), answer.StringAt("same"), answer.StringAt("different"),
             answer.StringAt("failing"), answer["more"].is_true() ? ", and more were not looked at" : "");
}

}  // namespace

int MapRemote(const std::string& verb, const Arguments& arguments) {
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
  const std::vector<std::string>& words = arguments.positional();
  base::Result<Client::Answer> answer = base::Error(base::ErrorKind::kInternal, "internal.failed");
  if (verb == "ls") {
    answer = client.Get("/exchange/maps");
  } else if (verb == "show") {
    answer = client.Get(fmt::format("/exchange/maps/{}/{}?version={}", words[1], words[2], arguments.Option("version", "")));
  } else if (verb == "activate") {
    JsonValue body = JsonValue::Object();
    body.Set("version", JsonValue::OfString(words[3]));
    answer = client.Post(fmt::format("/exchange/maps/{}/{}", words[1], words[2]), base::WriteJson(body));
  } else {
    const auto text = ReadText(words[1]);
    if (!text.ok()) return ReportError(text.error());
    JsonValue body = JsonValue::Object();
    body.Set("text", JsonValue::OfString(*text));
    if (verb == "replay") body.Set("limit", JsonValue::OfString(arguments.Option("limit", "0")));
    answer = client.Post(verb == "replay" ? "/exchange/maps/replay" : "/exchange/maps", base::WriteJson(body));
  }
  if (!answer.ok()) return ReportError(answer.error());
  if (answer->status != 200) {
    std::fprintf(stderr, "heyi: %d %s\n", answer->status, answer->body.c_str());
    return 1;
  }
  if (verb == "ls") PrintList(answer->json);
  else if (verb == "replay") PrintReplay(answer->json);
  else if (verb == "show") std::printf("%s", std::string(answer->json.StringAt("text")).c_str());
  else fmt::print("{} {} version {}, in force: {}, {} ms\n", answer->json.StringAt("department"), answer->json.StringAt("type"),
                  answer->json.StringAt("version"), answer->json["in_force"].is_true() ? "yes" : "no", answer->json.StringAt("taken_ms"));
  return 0;
}

}  // namespace heyi::cli
