#include "cli/corpora/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"

extern char** environ;

namespace heyi::cli {
namespace {

constexpr size_t kPipeBytes = 65'536;

// Everything that comes out of the pipe until its other end is closed.
std::string Drain(int from) {
  std::string bytes;
  std::string buffer(kPipeBytes, '\0');
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.append(buffer, 0, static_cast<size_t>(got));
  }
}

// No shell in between: the path is an argument as it is.
base::Result<std::string> Unpack(const std::string& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Unusable(fmt::format("pipe: {}", std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string words[] = {"bzip2", "-dc", "--", path};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t child = 0;
  const int refused = ::posix_spawnp(&child, "bzip2", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string bytes = refused == 0 ? Drain(ends[0]) : std::string();
  ::close(ends[0]);
  if (refused != 0) return Unusable(fmt::format("bzip2: {}", std::strerror(refused)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Unusable(fmt::format("bzip2 cannot unpack {}", path));
  return bytes;
}

}  // namespace

base::Error Unusable(std::string_view why) { return base::Error(base::ErrorKind::kUnavailable, "corpora.unusable", {}, why); }

std::vector<std::string> FileNames(const std::string& directory, std::string_view ending) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(ending)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

base::Result<std::string> ReadUnpacked(const std::string& path) { return path.ends_with(".bz2") ? Unpack(path) : base::ReadFile(path); }

base::Result<base::JsonValue> ReadCases(const std::string& path) {
  HEYI_TRY(text, ReadUnpacked(path));
  auto cases = base::ParseJson(std::move(text));
  if (!cases.ok()) return Unusable(fmt::format("{}: {}", path, Briefly(cases.error().outcome)));
  return cases;
}

std::string Briefly(const base::Outcome& outcome) {
  if (outcome.empty()) return {};
  const base::Issue& issue = outcome.issues().front();
  std::string text = issue.rule;
  if (!issue.expression.empty()) text += " at " + issue.expression;
  if (!issue.detail.empty()) text += ": " + issue.detail;
  return text;
}

std::string Briefly(const interaction::Response& response) {
  std::string text = fmt::format("{} {}", response.status, response.leaf.rule);
  const auto outcome = base::ParseJson(response.body);
  if (!outcome.ok() || (*outcome)["issue"].items().empty()) return text;
  const base::JsonValue& issue = (*outcome)["issue"].items().front();
  if (!issue["expression"].items().empty()) text += " at " + issue["expression"].items().front().text();
  text.append(": ").append(issue["details"].StringAt("text"));
  return text;
}

}  // namespace heyi::cli
