// Cases that nobody here wrote: HL7's examples and JSONTestSuite.
#include "base/json/value.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

// Every example is taken, and written back as the same JSON with the same member order and number text; a copy too.
void CheckExamples(const std::vector<std::filesystem::path>& files) {
  size_t bytes = 0;
  for (const auto& file : files) {
    auto text = base::ReadFile(file.string());
    ASSERT_TRUE(text.ok()) << file;
    bytes += text->size();
    const auto json = base::ParseJson(*text);
    ASSERT_TRUE(json.ok()) << file;
    const auto tree = ParseResource(*text, TestDefinitions());
    if (!tree.ok()) {
      for (const std::string& line : Briefly(tree.error().outcome)) ADD_FAILURE() << file << ": " << line;
      continue;
    }
    const std::string written = WriteJson(*tree);
    EXPECT_EQ(written, base::WriteJson(*json)) << file;
    EXPECT_EQ(WriteJson(tree->Clone()), written) << file;
    const StoredJson stored = WriteStored(*tree);
    std::string spliced;
    AppendSpliced(stored.bytes, stored.slot, 1, "2026-11-24T11:41:29.123+08:00", spliced);
    const auto again = ParseResource(spliced, TestDefinitions());
    ASSERT_TRUE(again.ok()) << file;
    EXPECT_EQ(WriteStored(*again).bytes, stored.bytes) << file;
  }
  std::printf("%zu files, %zu bytes\n", files.size(), bytes);
}

TEST(Corpora, NpmPackageExamples) {
  auto files = FilesIn(HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples", ".json");
  std::erase_if(files, [](const auto& file) {
    const char first = file.filename().string()[0];
    return first < 'A' || first > 'Z';  // package.json, ig-r4.json
  });
  if (files.empty()) GTEST_SKIP() << "no node_modules/hl7.fhir.r4.examples: run `npm ci`";
  CheckExamples(files);
}

TEST(Corpora, R4Examples) {
  const auto directory = CorporaDirectory() / "r4-examples";
  auto files = FilesIn(directory / "json-4.0.1", ".json");
  if (files.empty()) GTEST_SKIP() << "no " << directory << ": set HEYI_CORPORA";
  CheckExamples(files);
}

TEST(Corpora, R4PairsAreRead) {
  const auto directory = CorporaDirectory() / "r4-examples" / "pairs-4.0.0";
  const auto files = FilesIn(directory, ".json");
  if (files.empty()) GTEST_SKIP() << "no " << directory << ": set HEYI_CORPORA";
  CheckExamples(files);
}

TEST(Corpora, JsonTestSuite) {
  const auto directory = CorporaDirectory() / "json-torture" / "test_parsing";
  const auto files = FilesIn(directory, ".json");
  if (files.empty()) GTEST_SKIP() << "no " << directory << ": set HEYI_CORPORA";
  for (const auto& file : files) {
    const auto text = base::ReadFile(file.string());
    ASSERT_TRUE(text.ok());
    // None of these is a resource; what is not JSON must be refused as such, the rest for what it is.
    const auto tree = ParseResource(*text, TestDefinitions());
    ASSERT_FALSE(tree.ok()) << file;
    const std::string& rule = tree.error().outcome.issues()[0].rule;
    const bool broken = file.filename().string().starts_with("n_");
    EXPECT_TRUE(!broken || rule.starts_with("json.")) << file << ": " << rule;
    // The same text as the value of a member: deep inside, nothing may go wrong either.
    const auto inside =
        ParseResource(R"({"resourceType":"Patient","extension":[)" + *text + "]}", TestDefinitions());
    EXPECT_FALSE(inside.ok() && broken) << file;
  }
}

}  // namespace
}  // namespace heyi::fhir
