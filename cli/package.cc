// heyi package: implementation guides and other FHIR packages for the server's validator and terminology.
// https://hl7.org/fhir/packages.html
//
// A package becomes one library file in DATA/packages; a running server takes it at its next start.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "cli/command.h"
#include "cli/report_error.h"
#include "cli/scratch_directory.h"
#include "conformance/library/library.h"
#include "conformance/library/package.h"

namespace heyi::cli {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kPackageUsage =
    "usage: heyi package install FILE.tgz|NAME@VERSION [--data DIR]\n"
    "       heyi package ls [--data DIR]\n"
    "       heyi package remove NAME@VERSION [--data DIR]\n";

std::string PathOf(const std::string& data, std::string_view name, std::string_view version) {
  return fmt::format("{}/packages/{}@{}.definitions", data, name, version);
}

bool IsPlainName(std::string_view text) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '+';
    if (!plain) return false;
  }
  return !text.empty() && text.front() != '.' && text.front() != '-';
}

// `npm pack` puts the archive of a published package into `directory`; nothing of the package is run.
Result<std::string> Fetch(const std::string& name, const std::string& directory) {
  const size_t at = name.find('@');
  const bool plain = at != std::string::npos && IsPlainName(name.substr(0, at)) && IsPlainName(name.substr(at + 1));
  if (!plain) return Error(ErrorKind::kInvalid, "package.fetch", {}, name);
  const pid_t child = ::fork();
  if (child == 0) {
    const char* const words[] = {"npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", directory.c_str(), name.c_str(), nullptr};
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(127);
    ::execvp("npm", const_cast<char* const*>(words));
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) < 0 || status != 0) return Error(ErrorKind::kNotFound, "package.fetch", {}, name);
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".tgz") return file.path().string();
  }
  return Error(ErrorKind::kNotFound, "package.fetch", {}, name);
}

int Install(const std::string& what, const std::string& data) {
  const auto scratch = ScratchDirectory::Make();
  if (!scratch.ok()) return ReportError(scratch.error());
  std::string path = what;
  if (!what.ends_with(".tgz")) {
    auto fetched = Fetch(what, scratch->path());
    if (!fetched.ok()) return ReportError(fetched.error());
    path = std::move(*fetched);
  }
  const auto bytes = base::ReadFile(path);
  if (!bytes.ok()) return ReportError(bytes.error());
  auto content = conformance::ReadPackage(*bytes);
  if (!content.ok()) return ReportError(content.error());
  if (!IsPlainName(content->name) || !IsPlainName(content->version)) {
    return ReportError(Error(ErrorKind::kInvalid, "package.manifest", {}, content->name + "@" + content->version));
  }
  std::error_code failed;
  std::filesystem::create_directories(data + "/packages", failed);
  const size_t count = content->resources.size();
  const std::string library = conformance::WriteLibrary(content->name, content->version, std::move(content->resources));
  const auto written = base::WriteFileDurably(PathOf(data, content->name, content->version), library);
  if (!written.ok()) return ReportError(written.error());
  fmt::print("{}@{}: {} definitions, {} other files passed over\n", content->name, content->version, count, content->passed_over);
  for (const std::string& dependency : content->dependencies) {
    if (!dependency.starts_with("hl7.fhir.r4.core@")) fmt::print("  names {}, which is not fetched by itself\n", dependency);
  }
  return 0;
}

int List(const std::string& data) {
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(data + "/packages", none)) {
    if (file.path().extension() != ".definitions") continue;
    const auto library = conformance::Library::Open(file.path().string());
    if (!library.ok()) return ReportError(library.error());
    fmt::print("{}@{} {} definitions\n", (*library)->package(), (*library)->package_version(), (*library)->size());
  }
  return 0;
}

int Remove(const std::string& what, const std::string& data) {
  const size_t at = what.find('@');
  const bool named = at != std::string::npos && IsPlainName(what.substr(0, at)) && IsPlainName(what.substr(at + 1));
  std::error_code failed;
  if (named && std::filesystem::remove(PathOf(data, what.substr(0, at), what.substr(at + 1)), failed)) return 0;
  return ReportError(Error(ErrorKind::kNotFound, "package.fetch", {}, what));
}

}  // namespace

int RunPackage(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data"};
  Arguments arguments;
  const bool parsed = Arguments::Parse(count, words, kOptions, {}, &arguments);
  const std::string data = arguments.Option("data", "data");
  const auto& rest = arguments.positional();
  if (parsed && rest.size() == 2 && rest[0] == "install") return Install(rest[1], data);
  if (parsed && rest.size() == 1 && rest[0] == "ls") return List(data);
  if (parsed && rest.size() == 2 && rest[0] == "remove") return Remove(rest[1], data);
  std::fputs(std::string(kPackageUsage).c_str(), stderr);
  return 2;
}

}  // namespace heyi::cli
