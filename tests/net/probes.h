// The table of raw requests in tests/data/net/probes.tsv.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "net/http.h"

namespace heyi::net {

struct Probe {
  std::string name;  // "H07 xchunked-and-length"
  std::vector<int> statuses;
  std::string end;  // keep | close | fin
  std::string bytes;
};

inline std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      const size_t star = text.find('*', i);
      size_t close = star, depth = 1;
      while (depth > 0 && ++close < text.size()) {
        if (text[close] == '{') ++depth;
        if (text[close] == '}') --depth;
      }
      const std::string once = Unescape(text.substr(star + 1, close - star - 1));
      for (int n = std::atoi(std::string(text.substr(i + 1, star - i - 1)).c_str()); n > 0; --n) out += once;
      i = close;
    } else if (text[i] == '\\') {
      switch (text[++i]) {
        case 'r': out += '\r'; break;
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case '0': out += '\0'; break;
        case '\\': out += '\\'; break;
        case 'x': out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)); i += 2; break;
        default: ADD_FAILURE() << "unknown escape in " << text;
      }
    } else {
      out += text[i];
    }
  }
  return out;
}

inline const std::vector<Probe>& Probes() {
  static const std::vector<Probe> probes = [] {
    std::vector<Probe> all;
    std::ifstream file(HEYI_SOURCE_DIR "/tests/data/net/probes.tsv");
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line.starts_with('#')) continue;
      const auto columns = base::Split(line, '\t');
      EXPECT_EQ(columns.size(), 5u) << line;
      Probe probe{std::string(columns[0]) + " " + std::string(columns[1]), {}, std::string(columns[3]),
                  Unescape(columns[4])};
      for (std::string_view status : base::Split(columns[2], ' ')) {
        if (status != "-") probe.statuses.push_back(std::stoi(std::string(status)));
      }
      all.push_back(std::move(probe));
    }
    EXPECT_GT(all.size(), 150u);
    return all;
  }();
  return probes;
}

inline constexpr uint64_t kProbeBodyBytesMax = 64 * 1024;

}  // namespace heyi::net
