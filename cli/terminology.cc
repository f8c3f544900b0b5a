// heyi terminology import: a code system from a list of codes, as a bureau publishes it.
//
// The list is checked whole before anything is written. It goes through the running server, or with --offline straight
// into a data directory that no server has open; there the server's bound on bodies does not apply.
#include <fmt/format.h>

#include <cstdio>

#include "base/charset.h"
#include "base/text.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/in_process.h"
#include "cli/local.h"
#include "cli/report_error.h"
#include "conformance/terminology/code_list.h"

namespace heyi::cli {
namespace {

constexpr std::string_view kImportOptions[] = {"url", "version", "name", "title", "encoding", "server", "data"};
constexpr std::string_view kImportFlags[] = {"offline"};
constexpr const char* kImportUsage =
    "usage: heyi terminology import FILE.csv|FILE.ndjson --url URL --version V [--name NAME] [--title TITLE] [--encoding utf-8|gb18030]\n"
    "                               [--server URL] [--data DIR] [--offline]\n";

// "icd10-insurance" of "https://example.org/CodeSystem/icd10-insurance", as a name of letters, digits and _.
std::string NameOf(std::string_view url) {
  std::string name;
  for (char c : url.substr(url.rfind('/') + 1)) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    name.push_back(kept ? c : '_');
  }
  return name.empty() || (name[0] >= '0' && name[0] <= '9') ? "CodeSystem_" + name : name;
}

base::Result<std::string> Decoded(std::string text, const std::string& encoding) {
  if (encoding != "gb18030") return text;
  std::string utf8;
  base::CharsetConverter converter(base::Charset::kGb18030);
  if (!converter.ToUtf8(text, &utf8)) return base::Error(base::ErrorKind::kInvalid, "cli.encoding", {}, encoding);
  return utf8;
}

std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '~';
    out.append(plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c)));
  }
  return out;
}

// Its status and, unless it is 200 or 201, what was answered.
base::Result<int> WriteOffline(const std::string& directory, const std::string& address, std::string body) {
  HEYI_TRY(parameters, LoadParameters(PackPath()));
  HEYI_TRY(house, InProcess::Open(parameters, directory));
  const interaction::Response response = house->Ask("PUT", address, std::move(body));
  if (response.status >= 300) std::fprintf(stderr, "%s\n", response.body.c_str());
  return response.status;
}

base::Result<int> WriteByServer(const Arguments& arguments, const std::string& address, std::string body) {
  const Client client(arguments.Option("server", "http://127.0.0.1:8080"), ReadToken(arguments.Option("data", "data") + "/operator.token"));
  HEYI_TRY(answer, client.Put("/fhir/" + address, std::move(body)));
  if (answer.status >= 300) std::fprintf(stderr, "%s\n", answer.body.c_str());
  return answer.status;
}

}  // namespace

int RunTerminologyImport(int count, const char* const* words) {
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kImportOptions, kImportFlags, &arguments);
  if (!parsed || arguments.positional().size() != 2 || arguments.positional()[0] != "import" || !arguments.Has("url")) {
    std::fprintf(stderr, "%s", kImportUsage);
    return 2;
  }
  const std::string& path = arguments.positional()[1];
  const std::string url = arguments.Option("url", ""), version = arguments.Option("version", "");
  const auto format = path.ends_with(".ndjson") || path.ends_with(".jsonl") ? conformance::CodeListFormat::kNdjson : conformance::CodeListFormat::kCsv;
  auto text = ReadText(path);
  if (!text.ok()) return ReportError(text.error());
  auto decoded = Decoded(*std::move(text), base::AsciiLower(arguments.Option("encoding", "utf-8")));
  if (!decoded.ok()) return ReportError(decoded.error());
  const conformance::CodeListHead head{url, version, arguments.Option("name", NameOf(url)), arguments.Option("title", "")};
  const auto progress = [](size_t lines) {
    std::printf("\r%zu lines read", lines);
    std::fflush(stdout);
  };
  auto system = conformance::CodeSystemOfList(*std::move(decoded), format, head, progress);
  if (!system.ok()) {
    std::printf("\n");
    return ReportError(system.error());
  }
  const size_t codes = (*system)["concept"].items().size();
  std::string body = base::WriteJson(*system);
  std::printf("\r%zu codes, %.1f MB; writing …", codes, static_cast<double>(body.size()) / 1e6);
  std::fflush(stdout);
  const std::string address = fmt::format("CodeSystem?url={}{}", Escaped(url), version.empty() ? "" : "&version=" + Escaped(version));
  const base::Result<int> status = arguments.Has("offline") ? WriteOffline(arguments.Option("data", "data"), address, std::move(body))
                                                            : WriteByServer(arguments, address, std::move(body));
  std::printf("\n");
  if (!status.ok()) return ReportError(status.error());
  if (*status >= 300) return 1;
  std::printf("%s %s|%s: %zu codes\n", *status == 201 ? "made" : "renewed", url.c_str(), version.c_str(), codes);
  return 0;
}

}  // namespace heyi::cli
