#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"

namespace heyi::cli {
namespace {

constexpr Command kCommands[] = {
    {"serve", "serve --data DIR --listen HOST:PORT [--config FILE]", "serve until SIGTERM", RunServe},
    {"district", "district --data DIR --server URL", "load the invented district into a running server", RunDistrict},
    {"story", "story --data DIR --server URL [--receiver PORT]", "play the story against a running server", RunStory},
    {"witness", "witness --data DIR --file WITNESS --server URL", "hold what story --witness wrote down against a running server", RunWitness},
    {"messages", "messages ls [FILTER…] | show DEPARTMENT/SENDER/ID | replay [--dry-run] DEPARTMENT/SENDER/ID…", "what departments have sent, and what became of it", RunMessages},
    {"map", "map check|explain|run|diff|export|ls|show|replay|install|activate …", "pair maps: what they do, and new ones without a stop", RunMap},
    {"channels", "channels ls | rows|pause|resume|redeliver|drop NAME …", "what goes in and out, where it is stuck, and orders about it", RunChannels},
    {"import", "import FILE.ndjson…", "send resources to a running server, 100 a transaction", RunImport},
    {"terminology", "terminology import FILE --url URL --version V", "make a code system of a list of codes (CSV or NDJSON)", RunTerminologyImport},
    {"export", "export --out DIR [TYPE…]", "write a running server's resources as NDJSON", RunExport},
    {"validate", "validate FILE… [--profile URL] [--data DIR] [--structure]", "check resources in files, without a server", RunValidate},
    {"package", "package install|ls|remove …", "implementation guides for the validator and the terminology", RunPackage},
    {"fhirpath", "fhirpath EXPRESSION [FILE]", "evaluate an expression on a resource", RunFhirPath},
    {"token", "token ls | add … | revoke …", "bearer tokens of a data directory", RunToken},
    {"config", "config check [FILE]", "check a configuration", RunConfig},
    {"completion", "completion", "print a completion script for bash", RunCompletion},
    {"audit", "audit report --data DIR --server URL --elder PATIENT-ID", "who exchanged what about this elder", RunAuditReport},
    {"check", "check --data DIR", "read both journals whole, every checksum", RunCheck},
    {"corpora", "corpora [NAME…] [--dir DIR] [--out FILE]", "run public test cases", RunCorpora},
};

}  // namespace

std::span<const Command> Commands() { return kCommands; }

bool Arguments::Parse(int count, const char* const* words, std::span<const std::string_view> options, std::span<const std::string_view> flags,
                      Arguments* out) {
  const auto known = [](std::span<const std::string_view> names, std::string_view name) {
    for (std::string_view one : names) {
      if (one == name) return true;
    }
    return false;
  };
  for (int i = 0; i < count; ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      out->positional_.emplace_back(word);
    } else if (known(flags, word.substr(2))) {
      out->options_[std::string(word.substr(2))] = "";
    } else if (known(options, word.substr(2)) && i + 1 < count) {
      out->options_[std::string(word.substr(2))] = words[++i];
    } else {
      return false;
    }
  }
  return true;
}

std::string Arguments::Option(std::string_view name, std::string_view otherwise) const {
  const auto found = options_.find(std::string(name));
  return found == options_.end() ? std::string(otherwise) : found->second;
}

std::string PackPath() {
  if (const char* given = std::getenv("HEYI_PACK")) return given;
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (program.parent_path() / "heyi-r4.pack").string();
}

std::string ReadToken(const std::string& path) {
  const base::Result<std::string> text = base::ReadFile(path);
  return text.ok() ? std::string(base::Trim(*text)) : std::string();
}

}  // namespace heyi::cli
