#include "mapping/pair/lexer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

bool Parts(char c) { return c == ' ' || c == '\t' || c == '\r' || c == ','; }

// The token that begins at `at`, which is moved behind it; false where a quote or a bracket stays open.
bool ReadToken(std::string_view line, size_t& at, std::string& token) {
  if (line[at] == '"') {
    const size_t end = line.find('"', at + 1);
    if (end == std::string_view::npos) return false;
    token = line.substr(at, end - at);
    at = end + 1;
    return true;
  }
  int depth = 0;
  const size_t start = at;
  for (; at < line.size() && (depth > 0 || !Parts(line[at])); ++at) {
    if (line[at] == '[') ++depth;
    if (line[at] == ']' && depth > 0) --depth;
  }
  token = line.substr(start, at - start);
  return depth == 0;
}

}  // namespace

std::vector<Line> ReadLines(std::string_view file, std::string_view text, base::Outcome& outcome) {
  std::vector<Line> lines;
  int number = 0;
  for (std::string_view line : base::Split(text, '\n')) {
    ++number;
    Line read{number, {}};
    for (size_t at = 0; at < line.size();) {
      if (Parts(line[at])) {
        ++at;
        continue;
      }
      if (line[at] == '#') break;
      std::string token;
      if (!ReadToken(line, at, token)) {
        outcome.Add("map.syntax", fmt::format("{}:{}", file, number), line);
        read.tokens.clear();
        break;
      }
      read.tokens.push_back(std::move(token));
    }
    if (!read.tokens.empty()) lines.push_back(std::move(read));
    if (lines.size() > kMapLinesMax) {
      outcome.Add("map.syntax", fmt::format("{}:{}", file, number), fmt::format("more than {} lines", kMapLinesMax));
      break;
    }
  }
  return lines;
}

}  // namespace heyi::mapping
