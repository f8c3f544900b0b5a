// The cases of tests/data/rest and tests/data/http: each block a request and what must come back.
//
//   ### what is shown
//   POST /Patient                  method and target; header lines may follow
//   {"resourceType":"Patient"}     body, until the arrow
//   => 201                         status; lines behind it:
//   ETag: W/"1"                    a header of the answer
//   meta.versionId = 1             a value of the answer's JSON; MEMBER.MEMBER[0]…
//   count 2                        entries of a Bundle
//   contains TEXT, lacks TEXT      in the body
//   save NAME MEMBER.MEMBER[0]…    keeps a value; {{NAME}} stands for it later
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "base/text.h"

namespace heyi::testing {

struct Block {
  std::string title, method, target, body;
  std::map<std::string, std::string> headers;
  int status = 0;
  std::vector<std::string> wants;
  int line = 0;
};

inline std::vector<Block> ReadBlocks(const std::filesystem::path& path) {
  std::vector<Block> blocks;
  std::ifstream file(path);
  std::string line;
  enum { kTitle, kRequest, kBody, kWants } state = kTitle;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("### ")) {
      blocks.push_back({line.substr(4), "", "", "", {}, 0, {}, number});
      state = kRequest;
    } else if (blocks.empty() || line.empty() || line.starts_with("# ")) {
      continue;
    } else if (line.starts_with("=> ")) {
      blocks.back().status = std::stoi(line.substr(3));
      state = kWants;
    } else if (state == kRequest) {
      std::istringstream(line) >> blocks.back().method >> blocks.back().target;
      state = kBody;
    } else if (state == kBody && blocks.back().body.empty() && line.find(": ") != std::string::npos && line[0] >= 'A' && line[0] <= 'Z') {
      blocks.back().headers[line.substr(0, line.find(": "))] = line.substr(line.find(": ") + 2);
    } else if (state == kBody) {
      blocks.back().body += line + "\n";
    } else {
      blocks.back().wants.push_back(line);
    }
  }
  return blocks;
}

inline std::string Filled(std::string text, const std::map<std::string, std::string>& saved) {
  for (const auto& [name, value] : saved) {
    const std::string mark = "{{" + name + "}}";
    for (size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), value);
  }
  return text;
}

// "entry[0].resource.id"
inline std::string ValueAt(const base::JsonValue& root, std::string_view path) {
  const base::JsonValue* value = &root;
  for (std::string_view step : base::Split(path, '.')) {
    const size_t bracket = step.find('[');
    value = &(*value)[step.substr(0, bracket)];
    if (bracket != std::string_view::npos) {
      const size_t index = std::stoul(std::string(step.substr(bracket + 1)));
      if (index >= value->items().size()) return "";
      value = &value->items()[index];
    }
  }
  return value->text();
}

// An answer, whichever way it came.
struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // as the file names them; absent ones are empty
  std::string body;
};

inline void Check(const Block& block, const Answer& response, std::map<std::string, std::string>& saved) {
  EXPECT_EQ(response.status, block.status) << response.body;
  const auto json = base::ParseJson(response.body);
  for (const std::string& line : block.wants) {
    const std::string want = Filled(line, saved);
    if (want.starts_with("contains ")) {
      EXPECT_NE(response.body.find(want.substr(9)), std::string::npos) << want << "\n" << response.body;
    } else if (want.starts_with("lacks ")) {
      EXPECT_EQ(response.body.find(want.substr(6)), std::string::npos) << want << "\n" << response.body;
    } else if (want.starts_with("save ")) {
      std::string verb, name, path;
      std::istringstream(want) >> verb >> name >> path;
      saved[name] = json.ok() ? ValueAt(*json, path) : "";
      EXPECT_FALSE(saved[name].empty()) << want << "\n" << response.body;
    } else if (want.starts_with("count ")) {
      EXPECT_EQ(std::to_string((*json)["entry"].items().size()), want.substr(6)) << response.body;
    } else if (const size_t colon = want.find(": "); colon != std::string::npos && want[0] >= 'A' && want[0] <= 'Z' && want.find(' ') > colon) {
      const auto header = response.headers.find(want.substr(0, colon));
      EXPECT_EQ(header == response.headers.end() ? "" : header->second, want.substr(colon + 2)) << want;
    } else if (want.find(" = ") != std::string::npos) {
      const size_t equals = want.find(" = ");
      EXPECT_EQ(json.ok() ? ValueAt(*json, want.substr(0, equals)) : "", want.substr(equals + 3)) << response.body;
    } else {
      ADD_FAILURE() << "not understood: " << want;
    }
  }
}

// The names of the files in tests/data/<folder>.
inline std::vector<std::string> RestFiles(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(HEYI_SOURCE_DIR "/tests/data/" + folder)) {
    if (entry.path().extension() == ".rest") names.push_back(entry.path().stem().string());
  }
  return names;
}

}  // namespace heyi::testing
