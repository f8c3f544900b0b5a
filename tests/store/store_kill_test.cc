// Processes that die at every fault point of journal and store: every acknowledged commit is there, none is there
// twice, and the views are what the journal makes of them. The child is this program again, with HEYI_KILL_AT set.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

std::string PatientJson(int i, int version) {
  return R"({"resourceType":"Patient","id":"p)" + std::to_string(i) + R"(","gender":"female","identifier":[{"system":"urn:bed","value":")" +
         std::to_string(i) + R"("},{"system":"urn:v","value":")" + std::to_string(version) + "\"}]}";
}

TEST(StoreKill, DISABLED_Child) {
  const char* directory = std::getenv("HEYI_KILL_DIRECTORY");
  if (directory == nullptr) return;
  TestWorld test;
  auto store = test.Open(directory);
  ASSERT_NE(store, nullptr);
  const int told = ::open((std::string(directory) + ".told").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ASSERT_GE(told, 0);
  for (int n = 0; n < 30; ++n) {
    CommitDraft draft;
    draft.leaf = "leaf " + std::to_string(n);
    draft.facts = {{"inbox", std::to_string(n), "done"}};
    auto write = store->PrepareWrite(*store->Now(), TreeOf(PatientJson(n % 7, n)), 0);
    ASSERT_TRUE(write.ok());
    draft.writes.push_back(std::move(*write));
    const auto receipt = store->CommitAndWait(std::move(draft));
    ASSERT_TRUE(receipt.ok()) << RuleOf(receipt);
    ASSERT_EQ(::write(told, ".", 1), 1);  // one byte a commit
  }
}

int RunChild(const std::string& directory, const std::string& kill_at) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("HEYI_KILL_AT", kill_at.c_str(), 1);
    ::setenv("HEYI_KILL_DIRECTORY", directory.c_str(), 1);
    ::dup2(::open("/dev/null", O_WRONLY), 1);
    ::execl("/proc/self/exe", "child", "--gtest_filter=StoreKill.DISABLED_Child", "--gtest_also_run_disabled_tests", nullptr);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(StoreKill, KeepsWhatItAcknowledged) {
  const std::vector<fhir::SearchRequest> queries = {
      Ask("Patient", {{"gender", "female"}, {"_total", "accurate"}}), Ask("Patient", {{"identifier", "urn:v|5"}}),
      Ask("Patient", {{"_sort", "-_lastUpdated"}, {"_count", "3"}})};
  for (const char* point : {"journal.append", "journal.torn", "journal.before-sync", "journal.synced", "store.appended",
                            "store.view-write", "store.published"}) {
    for (const int pass : {1, 2, 13}) {
      const std::string kill_at = std::string(point) + ":" + std::to_string(pass);
      SCOPED_TRACE(kill_at);
      TestDirectory directory;
      const std::string at = directory / "s";
      int runs = 0;
      for (; runs < 2; ++runs) {  // the second child begins where the first one died
        const int status = RunChild(at, kill_at);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
      }
      const size_t told = ReadAll(at + ".told").size();
      const auto look = [&](OpenReport* report) {
        TestWorld test;
        const auto store = test.Open(at, report);
        // Every commit is one entry with a leaf of its own number in its run; acknowledged ones are there, and at most
        // one more a run: the one that was being told of.
        size_t entries = 0;
        EXPECT_TRUE(store->Follow(1, [&](const EntryView& entry) -> base::Result<bool> {
          EXPECT_EQ(entry.bodies.size(), 1u);
          ++entries;
          return true;
        }).ok());
        EXPECT_GE(entries, told);
        EXPECT_LE(entries, told + 2);
        EXPECT_EQ(**store->Now()->Fact("gender", "entries"), std::to_string(entries));
        size_t versions = 0;
        for (int i = 0; i < 7; ++i) versions += store->Now()->History(TypeNamed("Patient"), "p" + std::to_string(i), 0, 99)->size();
        EXPECT_EQ(versions, entries) << "none lost, none twice";
        return Everything(*store, queries, {});
      };
      if (told == 0 && !std::filesystem::exists(at + "/views")) continue;
      OpenReport report;
      TestWorld peek;
      if (peek.Open(at)->Now()->t() == 0) continue;  // died before anything was kept, and nothing was told
      const std::string kept = look(&report);
      EXPECT_FALSE(report.rebuilt) << report.why;
      std::filesystem::remove_all(at + "/views");
      const std::string made_again = look(&report);
      EXPECT_TRUE(report.rebuilt);
      EXPECT_EQ("", FirstDifference(made_again, kept));
    }
  }
}

}  // namespace
}  // namespace heyi::store
