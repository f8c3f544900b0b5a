// Layering: a room includes only the rooms that docs/rooms.txt allows, and a third-party header stands only where it
// belongs. Debian puts all headers into one directory and CMake hides none of them, so only this test sees it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/house/source_tree.h"

namespace heyi::house {
namespace {

struct Rooms {
  std::map<std::string, std::set<std::string>> allowed;                 // room -> rooms; "*" = all
  std::vector<std::pair<std::string, std::vector<std::string>>> placed;  // header prefix -> rooms or folders
};

Rooms ReadRooms(const std::filesystem::path& root) {
  Rooms rooms;
  std::istringstream lines(ReadText(root / "docs/rooms.txt"));
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::vector<std::string> words = Words(line.substr(colon + 1));
    if (line.starts_with('@')) {
      rooms.placed.emplace_back(line.substr(1, colon - 1), words);
    } else {
      rooms.allowed[line.substr(0, colon)] = {words.begin(), words.end()};
    }
  }
  return rooms;
}

bool Below(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

// "path:line includes what", one each include line that breaks the table.
std::vector<std::string> Violations(const std::filesystem::path& root) {
  const Rooms rooms = ReadRooms(root);
  std::vector<std::string> found;
  for (const auto& [room, allowed] : rooms.allowed) {
    for (const SourceFile& file : SourcesIn(root, room)) {
      std::istringstream lines(file.text);
      size_t number = 0;
      for (std::string line; std::getline(lines, line);) {
        ++number;
        const size_t start = line.find_first_not_of(" \t");
        if (start == std::string::npos || line[start] != '#') continue;
        const size_t word = line.find("include", start);
        const size_t open = line.find_first_of("\"<", start);
        if (word == std::string::npos || open == std::string::npos || word > open) continue;
        const size_t close = line.find_first_of("\">", open + 1);
        const std::string header = line.substr(open + 1, close - open - 1);
        bool good = true;
        if (line[open] == '"') {
          const std::string other = header.substr(0, header.find('/'));
          const bool generated = header.find('/') == std::string::npos && header.ends_with(".inc");
          good = generated || other == room || (rooms.allowed.contains(other) && (allowed.contains(other) || allowed.contains("*")));
        } else {
          for (const auto& [prefix, places] : rooms.placed) {
            if (!header.starts_with(prefix)) continue;
            good = std::any_of(places.begin(), places.end(), [&](const std::string& place) { return Below(file.path, place); });
          }
        }
        if (!good) found.push_back(file.path + ":" + std::to_string(number) + " includes " + header);
      }
    }
  }
  return found;
}

TEST(Layering, HoldsInTheWholeTree) {
  const std::filesystem::path root = HEYI_SOURCE_DIR;
  const Rooms rooms = ReadRooms(root);
  ASSERT_EQ(rooms.allowed.size(), 14u);
  ASSERT_FALSE(rooms.placed.empty());
  EXPECT_EQ(Violations(root), std::vector<std::string>());
}

TEST(Layering, EveryRoomOfTheTableIsThereAndNoRoomIsItsOwnUser) {
  for (const auto& [room, allowed] : ReadRooms(HEYI_SOURCE_DIR).allowed) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(HEYI_SOURCE_DIR) / room)) << room;
    EXPECT_FALSE(allowed.contains(room)) << room;
  }
}

// A tree that breaks the rules in each way that there is, and keeps them in each other way.
TEST(Layering, BitesExactlyWhereItShould) {
  EXPECT_EQ(Violations(HEYI_SOURCE_DIR "/tests/data/house/layering"),
            (std::vector<std::string>{"low/bad.cc:4 includes high/top.h", "low/bad.cc:5 includes sqlite/db.h", "low/bad.cc:6 includes tests/x.h",
                                      "low/bad.cc:7 includes top.h"}));
}

}  // namespace
}  // namespace heyi::house
