#include "tests/mapping/fml_testing.h"

#include <fstream>

namespace heyi::mapping {

std::vector<FmlCase> ReadFmlCases(const std::filesystem::path& path) {
  std::vector<FmlCase> cases;
  std::ifstream file(path);
  std::string line;
  std::string* part = nullptr;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("### ")) {
      FmlCase& made = cases.emplace_back();
      made.title = line.substr(4);
      made.line = number;
      part = &made.map;
    } else if (cases.empty()) {
      continue;
    } else if (line.starts_with("-- ")) {
      cases.back().parts.push_back({line.substr(3), {}});
      part = &cases.back().parts.back().text;
    } else if (line.starts_with("==")) {
      cases.back().want = line.size() > 3 ? line.substr(3) + "\n" : "";
      part = &cases.back().want;
    } else {
      *part += line + "\n";
    }
  }
  return cases;
}

}  // namespace heyi::mapping
