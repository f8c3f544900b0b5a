// Processes that die in the middle of an append, at every fault point: what they were told is durable is there.
// The child is this program again, with HEYI_KILL_AT set.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "tests/store/journal_testing.h"

namespace heyi::store {
namespace {

TEST(JournalKill, DISABLED_Child) {
  const char* directory = std::getenv("HEYI_KILL_DIRECTORY");
  if (directory == nullptr) return;
  TestJournal j;
  ASSERT_TRUE(j.Open(directory).ok());
  const int told = ::open((std::string(directory) + ".told").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ASSERT_GE(told, 0);
  for (int i = 0; i < 40; ++i) {
    const std::string last = std::to_string(j.journal->last_t());
    ASSERT_TRUE(j.Append({j.Draft("child", std::string(100, 'c')), j.Draft("child", last)}).ok());
    ASSERT_EQ(::write(told, "..", 2), 2);  // one byte an entry
  }
}

int RunChild(const std::string& directory, const std::string& kill_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("HEYI_KILL_AT", kill_at.c_str(), 1);
    ::setenv("HEYI_KILL_DIRECTORY", directory.c_str(), 1);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, 1);
    ::execl("/proc/self/exe", "child", "--gtest_filter=JournalKill.DISABLED_Child", "--gtest_also_run_disabled_tests",
            nullptr);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(JournalKill, LosesNothingItWasToldOf) {
  TestDirectory directory;
  const std::string at = directory / "a";
  int kills = 0;
  uint64_t torn_bytes = 0;
  for (const char* point : {"journal.append", "journal.torn", "journal.before-sync", "journal.synced"}) {
    for (const int pass : {1, 2, 7, 23}) {
      const std::string kill_at = fmt::format("{}:{}", point, pass);
      SCOPED_TRACE(kill_at);
      const int status = RunChild(at, kill_at);
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
      ++kills;
      const size_t told = ReadAll(at + ".told").size();
      TestJournal j;
      const auto opened = j.Open(at);
      ASSERT_TRUE(opened.ok()) << DetailOf(opened);
      torn_bytes += j.report.torn_bytes;
      const uint64_t last = j.journal->last_t();
      ASSERT_GE(last, told);
      ASSERT_LE(last, told + 2);
      ASSERT_EQ(last % 2, 0u);  // a group is there whole or not at all
      ASSERT_EQ(j.report.torn_bytes > 0, std::string(point) == "journal.torn");
      const bool unwritten = kill_at.starts_with("journal.append") || kill_at.starts_with("journal.torn");
      ASSERT_EQ(last, told + (unwritten ? 0u : 2u));
      for (const Held& held : j.All()) {
        ASSERT_EQ(std::get<6>(held.bodies.at(0)), held.t % 2 == 1 ? std::string(100, 'c') : std::to_string(held.t - 2));
      }
      WriteAll(at + ".told", std::string(last, '.'));
    }
  }
  EXPECT_EQ(kills, 16);
  EXPECT_GT(torn_bytes, 400u);
  const auto verified = VerifyJournal(at, nullptr, nullptr);
  EXPECT_TRUE(verified.ok()) << DetailOf(verified);
}

}  // namespace
}  // namespace heyi::store
