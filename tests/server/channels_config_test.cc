// The section `channels` of the configuration: rows of tests/data/server/channels.tsv, and what the machine says of them.
#include "server/channels/channels_config.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/text.h"

namespace heyi::server {
namespace {

std::string Whole(std::string_view section) {
  return "{\"outbound_allowed\":[\"http://allowed.example/\",\"mllp://hospital.example:2575\"],\"channels\":" + std::string(section) + "}";
}

TEST(ChannelsConfig, EveryRow) {
  const std::string table = *base::ReadFile(HEYI_SOURCE_DIR "/tests/data/server/channels.tsv");
  size_t rows = 0;
  for (const std::string_view line : base::Split(table, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const auto columns = base::Split(line, '\t');
    ASSERT_EQ(columns.size(), 3u) << line;
    SCOPED_TRACE(std::string(columns[0]));
    ++rows;
    const auto config = ParseConfig(Whole(columns[0]));
    std::string rules, place = "-";
    if (!config.ok()) {
      for (const base::Issue& issue : config.error().outcome.issues()) rules += (rules.empty() ? "" : " ") + issue.rule;
      place = config.error().outcome.issues().front().expression;
    }
    EXPECT_EQ(rules.empty() ? "-" : rules, columns[1]);
    EXPECT_EQ(place, columns[2]);
  }
  EXPECT_GT(rows, 25u);
}

TEST(ChannelsConfig, TheLineIsTheOneInTheFile) {
  const auto config = ParseConfig("{\n  \"channels\": {\n    \"outbound\": [\n      {\"name\": \"a\", \"kind\": \"http\", \"department\": \"civil-affairs\",\n"
                                  "       \"url\": \"http://other.example/\"}\n    ]\n  }\n}\n");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().outcome.issues().front().expression, "channels.outbound[0].url (line 5)");
}

TEST(ChannelsConfig, OldSectionsAreUnknown) {
  for (const char* old : {"destinations", "mllp"}) {
    const auto config = ParseConfig("{\"" + std::string(old) + "\":[]}");
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(config.error().outcome.issues().front().expression, old);
  }
}

TEST(ChannelsConfig, TheTrialConfigurationExplainsItself) {
  char name[] = "/tmp/heyi-config-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  base::SystemRandom random;
  ASSERT_TRUE(WriteTrialConfig(directory, 1, random).ok());
  auto config = LoadConfig(directory + "/config.json");
  ASSERT_TRUE(config.ok());
  const auto lines = ExplainChannels(*config);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[2].find("civil-affairs（出站，HTTP）"), std::string::npos) << lines[2];
  config->folders.push_back({"files", directory + "/nowhere", "health", {}});
  config->outbound.push_back({});
  config->outbound.back().kind = exchange::ChannelKind::kFolder;
  config->outbound.back().directory = directory;
  config->mllp.push_back({"there", "192.0.2.1", 2575, {}});  // TEST-NET-1: no machine's own
  const base::Outcome outcome = CheckChannels(*config);
  ASSERT_EQ(outcome.issues().size(), 2u);
  EXPECT_EQ(outcome.issues()[1].rule, "server.channel-port");
  EXPECT_EQ(outcome.issues().front().rule, "server.channel-folder");
  EXPECT_EQ(outcome.issues().front().expression, "files");
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace heyi::server
