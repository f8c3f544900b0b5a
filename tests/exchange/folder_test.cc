// Watched folders: what is taken, what waits, and what nobody can make us touch.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/file.h"
#include "exchange/folder/watched_folder.h"

namespace heyi::exchange {
namespace {

namespace fs = std::filesystem;
using Fate = WatchedFolder::Fate;

TEST(Manifest, ReadsItsLines) {
  const std::string digest(64, 'a');
  const auto right = ReadManifestLine("护理-1.msg\t" + std::string(64, 'A') + "\t12\r");
  ASSERT_TRUE(right);
  EXPECT_EQ(right->name, "护理-1.msg");
  EXPECT_EQ(right->sha256, digest);
  EXPECT_EQ(WriteManifestLine(*right), "护理-1.msg\t" + digest + "\t12");
  for (const std::string& wrong : {std::string("a.msg"), "a.msg " + digest + " 12", "a.msg\t" + digest + "\t-1", "a.msg\t" + digest + "\t12\tx", "\t" + digest + "\t1",
                                   "../a\t" + digest + "\t1", ".a\t" + digest + "\t1", "a/b\t" + digest + "\t1", "a\\b\t" + digest + "\t1",
                                   "a.msg\t" + digest.substr(1) + "\t1", "a.msg\t" + digest.substr(1) + "g\t1", "\xff\t" + digest + "\t1",
                                   std::string(201, 'n') + "\t" + digest + "\t1", "a\x01\t" + digest + "\t1"}) {
    EXPECT_FALSE(ReadManifestLine(wrong)) << wrong;
  }
  const Manifest manifest = Manifest::Parse("# ours\n\nb\t" + digest + "\t1\nnonsense\na\t" + digest + "\t2\nb\t" + digest + "\t3\nc\t" + digest + "\t4");
  EXPECT_EQ(manifest.Find("b")->line.size, 3u) << "the later holds";
  EXPECT_LT(manifest.Find("a")->number, manifest.Find("b")->number);
  EXPECT_EQ(manifest.Find("c"), nullptr) << "its line is being written";
  EXPECT_EQ(manifest.wrong_lines(), 1u);
}

class Folder : public ::testing::Test {
 protected:
  Folder() {
    char name[] = "/tmp/heyi-folder-XXXXXX";
    root_ = ::mkdtemp(name);
    directory_ = root_ + "/d";
    fs::create_directory(directory_);
    Open();
  }
  ~Folder() override { fs::remove_all(root_); }

  void Open() {
    auto opened = WatchedFolder::Open({directory_, 1'000, 60'000}, clock_);
    ASSERT_TRUE(opened.ok());
    folder_ = std::move(*opened);
  }

  void Write(const std::string& name, const std::string& bytes) { std::ofstream(directory_ + "/in/" + name, std::ios::binary) << bytes; }
  void Name(const std::string& name, const std::string& bytes) {
    std::ofstream(directory_ + "/in/manifest.tsv", std::ios::app) << WriteManifestLine({name, base::ToHex(base::Sha256(bytes)), bytes.size()}) << "\n";
  }
  void HandIn(const std::string& name, const std::string& bytes) {
    Write(name, bytes);
    Name(name, bytes);
  }

  WatchedFolder::Round Scan() {
    return folder_->Scan([this](std::string bytes, std::string* answer) {
      *answer = "ack of " + bytes;
      if (bytes == "later") return Fate::kLater;
      taken_.push_back(bytes);
      return bytes.starts_with("bad") ? Fate::kRefused : Fate::kDone;
    });
  }
  bool Is(const std::string& path) { return fs::exists(fs::symlink_status(directory_ + "/" + path)); }
  std::string Text(const std::string& path) { return base::ReadFile(directory_ + "/" + path).ok() ? *base::ReadFile(directory_ + "/" + path) : "-"; }

  base::ManualClock clock_{1'790'000'000'000};
  std::string root_, directory_;
  std::unique_ptr<WatchedFolder> folder_;
  std::vector<std::string> taken_;
};

TEST_F(Folder, TakesWhatTheManifestHasInItsOrder) {
  HandIn("z.msg", "first");
  HandIn("a.msg", "bad second");
  HandIn("m.msg", "third");
  const auto round = Scan();
  EXPECT_EQ(taken_, (std::vector<std::string>{"first", "bad second", "third"}));
  EXPECT_EQ(round.done, 2u);
  EXPECT_EQ(round.refused, 1u);
  EXPECT_EQ(Text("done/z.msg"), "first");
  EXPECT_EQ(Text("done/z.msg.ack"), "ack of first");
  EXPECT_EQ(Text("refused/a.msg.ack"), "ack of bad second");
  EXPECT_FALSE(Is("in/z.msg"));
  EXPECT_EQ(Scan().done, 0u);
}

TEST_F(Folder, WhatIsNotAsNamedWaitsAndIsToldOf) {
  Write("half.msg", "the first ha");
  Name("half.msg", "the first half and the second");
  Write("other.msg", "12345");
  Name("other.msg", "54321");
  Write("unnamed.msg", "x");
  HandIn("large.msg", std::string(1'001, 'x'));
  HandIn("good.msg", "good");
  auto round = Scan();
  EXPECT_EQ(taken_, std::vector<std::string>{"good"}) << "nobody waits for them";
  EXPECT_EQ(round.waiting, 4u);
  EXPECT_EQ(round.oldest_ms, clock_.NowMs());
  EXPECT_EQ(round.trouble, "") << "not yet";
  clock_.AdvanceMs(60'001);
  round = Scan();
  EXPECT_EQ(round.trouble, "half.msg: 12 bytes, the manifest says 29");
  Write("half.msg", "the first half and the second");
  Name("unnamed.msg", "x");
  Name("other.msg", "12345");
  round = Scan();
  EXPECT_EQ(taken_.size(), 4u);
  EXPECT_EQ(round.waiting, 1u);
  EXPECT_EQ(round.trouble, "large.msg: longer than 1000 bytes");
}

TEST_F(Folder, LeadsNobodyOut) {
  const std::string secret = root_ + "/secret";
  std::ofstream(secret) << "secret";
  fs::create_symlink(secret, directory_ + "/in/link.msg");
  Name("link.msg", "secret");
  fs::create_directory(directory_ + "/in/folder.msg");
  Name("folder.msg", "");
  ASSERT_EQ(::mkfifo((directory_ + "/in/pipe.msg").c_str(), 0600), 0);
  Name("pipe.msg", "");
  Name("../../secret", "secret");
  Name("/etc/hostname", "x");
  HandIn("trap.msg.ack", "an acknowledgement?");
  fs::create_symlink(root_, directory_ + "/in/up");
  EXPECT_EQ(Scan().waiting, 5u);
  EXPECT_TRUE(taken_.empty());
  EXPECT_TRUE(fs::exists(secret));

  // The manifest as a link, and DIR/done turned into one while it is watched.
  HandIn("good.msg", "good");
  fs::rename(directory_ + "/done", directory_ + "/done-before");
  fs::create_symlink(root_, directory_ + "/done");
  EXPECT_EQ(Scan().done, 1u);
  EXPECT_FALSE(fs::exists(root_ + "/good.msg"));
  EXPECT_TRUE(fs::exists(directory_ + "/done-before/good.msg"));
  EXPECT_FALSE(WatchedFolder::Open({directory_}, clock_).ok()) << "a link in the place of done";
  fs::rename(directory_ + "/in/manifest.tsv", root_ + "/manifest.tsv");
  fs::create_symlink(root_ + "/manifest.tsv", directory_ + "/in/manifest.tsv");
  Write("late.msg", "late");
  std::ofstream(root_ + "/manifest.tsv", std::ios::app) << WriteManifestLine({"late.msg", base::ToHex(base::Sha256("late")), 4}) << "\n";
  EXPECT_NE(Scan().trouble, "");
  EXPECT_EQ(taken_.size(), 1u);
}

TEST_F(Folder, APreparedLinkInDoneIsNotWrittenThrough) {
  const std::string victim = root_ + "/victim";
  std::ofstream(victim) << "as it was";
  fs::create_symlink(victim, directory_ + "/done/a.msg.ack");
  fs::create_symlink(victim, directory_ + "/done/.a.msg.ack.part");
  HandIn("a.msg", "one");
  static_cast<void>(Scan());
  EXPECT_EQ(*base::ReadFile(victim), "as it was");
}

TEST_F(Folder, ACrashBetweenTakingAndMovingTakesItAgain) {
  HandIn("a.msg", "one");
  // As it is when the acknowledgement was written and the file not moved.
  std::ofstream(directory_ + "/done/a.msg.ack") << "ack of one";
  Open();
  EXPECT_EQ(Scan().done, 1u);
  EXPECT_EQ(taken_, std::vector<std::string>{"one"});
  EXPECT_EQ(Text("done/a.msg.ack"), "ack of one");
  HandIn("a.msg", "one");
  EXPECT_EQ(Scan().done, 1u) << "the same name again";
  EXPECT_EQ(Text("done/a.msg~2"), "one");
  EXPECT_EQ(Text("done/a.msg~2.ack"), "ack of one");
}

TEST_F(Folder, UnnamedFilesHideNoneThatIsNamed) {
  for (int i = 0; i < 3'000; ++i) Write("junk" + std::to_string(i), "x");
  HandIn("good.msg", "good");
  const auto round = Scan();
  EXPECT_EQ(taken_, std::vector<std::string>{"good"});
  EXPECT_EQ(round.waiting, 3'000u);
}

TEST_F(Folder, LaterEndsTheRound) {
  HandIn("1.msg", "one");
  HandIn("2.msg", "later");
  HandIn("3.msg", "three");
  const auto round = Scan();
  EXPECT_TRUE(round.later);
  EXPECT_EQ(taken_, std::vector<std::string>{"one"});
  EXPECT_EQ(round.waiting, 2u);
  EXPECT_TRUE(Is("in/2.msg"));
}

TEST_F(Folder, ATornManifestLineIsEndedBeforeTheNext) {
  const auto in = Directory::Open(directory_ + "/in");
  ASSERT_TRUE(in.ok());
  std::ofstream(directory_ + "/in/manifest.tsv") << "a.msg\tabc";
  ASSERT_TRUE(in->Append("manifest.tsv", "b.msg\t1\t2").ok());
  EXPECT_EQ(Text("in/manifest.tsv"), "a.msg\tabc\nb.msg\t1\t2\n");
  fs::resize_file(directory_ + "/in/manifest.tsv", (8u << 20) + 1);
  EXPECT_NE(Scan().trouble, "") << "longer than a manifest may be";
}

}  // namespace
}  // namespace heyi::exchange
