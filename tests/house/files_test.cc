// Files: small enough to be read at one sitting.
#include <gtest/gtest.h>

#include "tests/house/source_tree.h"

namespace heyi::house {
namespace {

constexpr size_t kLinesMax = 600, kMedianMax = 300;
constexpr const char* kProduct[] = {"base",  "fhir",    "net",         "store",    "conformance", "policy", "audit",
                                    "adapters", "mapping", "interaction", "exchange", "care",        "server", "cli"};

size_t Lines(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

TEST(Files, NoneIsTooLong) {
  std::vector<std::string> folders(std::begin(kProduct), std::end(kProduct));
  folders.insert(folders.end(), {"tests", "tools", "bench"});
  for (const std::string& folder : folders) {
    for (const SourceFile& file : SourcesIn(HEYI_SOURCE_DIR, folder)) {
      EXPECT_LE(Lines(file.text), kLinesMax) << file.path << ": look for the second idea";
    }
  }
}

TEST(Files, AreShortInTheMiddle) {
  std::vector<size_t> lines;
  for (const char* folder : kProduct) {
    for (const SourceFile& file : SourcesIn(HEYI_SOURCE_DIR, folder)) lines.push_back(Lines(file.text));
  }
  ASSERT_GT(lines.size(), 50u);
  std::nth_element(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(lines.size() / 2), lines.end());
  EXPECT_LE(lines[lines.size() / 2], kMedianMax);
}

}  // namespace
}  // namespace heyi::house
