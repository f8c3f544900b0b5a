// HL7's examples: the pairs that stand in both formats, and every JSON example by way of XML and back.
#include "tests/fhir/xml_support.h"

namespace heyi::fhir {
namespace {

std::string TextOf(const std::filesystem::path& file) {
  auto text = base::ReadFile(file.string());
  EXPECT_TRUE(text.ok()) << file;
  return text.ok() ? std::move(*text) : std::string();
}

// Every tree is the same after it was written as XML and read again; and XML written twice is the same bytes.
void CheckThereAndBack(const Tree& tree, const std::filesystem::path& file) {
  const std::string xml = WriteXml(tree);
  const auto again = ParseXmlResource(xml, TestDefinitions());
  ASSERT_TRUE(again.ok()) << file << ": " << Shown(again.error().outcome);
  EXPECT_EQ(TreeDifference(tree.root(), again->root(), {}), "") << file;
  EXPECT_EQ(WriteXml(*again), xml) << file;
}

TEST(XmlCorpora, PairsAreTheSameTreesBothWays) {
  const auto directory = CorporaDirectory() / "r4-examples" / "pairs-4.0.0";
  const auto files = FilesIn(directory, ".xml");
  if (files.empty()) GTEST_SKIP() << "no " << directory << ": set HEYI_CORPORA";
  size_t same = 0;
  for (const auto& file : files) {
    auto json_file = file;
    json_file.replace_extension(".json");
    const auto from_xml = ParseXmlResource(TextOf(file), TestDefinitions());
    const auto from_json = ParseResource(TextOf(json_file), TestDefinitions());
    ASSERT_TRUE(from_json.ok()) << json_file;
    ASSERT_TRUE(from_xml.ok()) << file << ": " << Shown(from_xml.error().outcome);
    // The narratives and a security label in meta differ in the files themselves.
    const std::string difference = TreeDifference(from_xml->root(), from_json->root(), {.narratives = false, .meta = false});
    EXPECT_EQ(difference, "") << file;
    same += difference.empty() ? 1 : 0;
    CheckThereAndBack(*from_xml, file);
    CheckThereAndBack(*from_json, json_file);
    const auto through_json = ParseResource(WriteJson(*from_xml), TestDefinitions());
    ASSERT_TRUE(through_json.ok()) << file << ": " << Shown(through_json.error().outcome);
    EXPECT_EQ(TreeDifference(from_xml->root(), through_json->root(), {}), "") << file;
  }
  std::printf("%zu of %zu pairs the same\n", same, files.size());
}

TEST(XmlCorpora, ExamplesThereAndBack) {
  auto files = FilesIn(CorporaDirectory() / "r4-examples" / "json-4.0.1", ".json");
  for (const auto& file : FilesIn(HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples", ".json")) {
    const char first = file.filename().string()[0];
    if (first >= 'A' && first <= 'Z') files.push_back(file);
  }
  if (files.empty()) GTEST_SKIP() << "neither corpora nor node_modules are there";
  for (const auto& file : files) {
    const auto tree = ParseResource(TextOf(file), TestDefinitions());
    ASSERT_TRUE(tree.ok()) << file;
    CheckThereAndBack(*tree, file);
  }
  std::printf("%zu examples\n", files.size());
}

}  // namespace
}  // namespace heyi::fhir
