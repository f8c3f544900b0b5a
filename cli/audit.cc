// heyi audit report: who exchanged what about an elder, told by the running server.
#include <cstdio>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/report_error.h"

namespace heyi::cli {

int RunAuditReport(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "elder"};
  Arguments arguments;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("elder") || !arguments.Has("data") ||
      arguments.positional() != std::vector<std::string>{"report"}) {
    std::fprintf(stderr, "usage: heyi audit report --data DIR --elder PATIENT-ID [--server URL]\n");
    return 2;
  }
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "") + "/tokens/auditor.token"));
  const auto answer = client.Get("/fhir/Patient/" + arguments.Option("elder", "") + "/$audit-report");
  if (!answer.ok()) return ReportError(answer.error());
  if (answer->status != 200) {
    std::fprintf(stderr, "heyi: %d %s\n", answer->status, answer->body.c_str());
    return 1;
  }
  for (const base::JsonValue& parameter : answer->json["parameter"].items()) {
    if (parameter.StringAt("name") == "report") std::printf("%s", parameter["valueString"].text().c_str());
  }
  return 0;
}

}  // namespace heyi::cli
