// XML Patch: what operations and selectors do to any XML (tests/data/fhir/xml_patch.tsv) and to resources
// (xml_patch_resources.tsv), and that no patch costs more than its limits. HL7's cases run in `heyi corpora patch-r4`.
#include <fmt/format.h>

#include "base/text.h"
#include "fhir/patch/xml_patch.h"
#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

using base::ErrorKind;

std::string Answer(const base::Error& error) {
  const char* status = error.kind == ErrorKind::kMalformed  ? "400"
                       : error.kind == ErrorKind::kInvalid  ? "422"
                       : error.kind == ErrorKind::kTooLarge ? "413"
                                                            : "?";
  return fmt::format("{} {}", status, error.outcome.issues().front().rule);
}

std::string Patched(std::string_view document, std::string_view patch, const PatchLimits& limits = {}) {
  const auto nodes = ReadPatchNodes(document, limits);
  const auto operations = ReadPatchNodes(patch, limits);
  if (!nodes.ok()) return "document: " + Answer(nodes.error());
  if (!operations.ok()) return Answer(operations.error());
  const auto result = ApplyXmlPatch(*nodes, *operations, limits);
  if (!result.ok()) return Answer(result.error());
  PatchWork work(limits.work_max);
  return WritePatchNodes(*result, work).value_or("413 patch.too-costly");
}

std::string InDiff(std::string_view operations) { return fmt::format(R"(<diff xmlns:f="http://hl7.org/fhir">{}</diff>)", operations); }

std::vector<std::vector<std::string>> Rows(const char* name) {
  std::vector<std::vector<std::string>> rows;
  const auto text = base::ReadFile(fmt::format(HEYI_SOURCE_DIR "/tests/data/fhir/{}", name));
  EXPECT_TRUE(text.ok());
  for (std::string_view line : base::Split(text.ok() ? std::string_view(*text) : std::string_view(), '\n')) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string_view field : base::Split(line, '\t')) row.emplace_back(field);
    EXPECT_EQ(row.size(), 4u) << line;
    row.resize(4);
  }
  EXPECT_GT(rows.size(), 10u);
  return rows;
}

TEST(XmlPatch, AnyXml) {
  for (const auto& row : Rows("xml_patch.tsv")) EXPECT_EQ(Patched(row[1], InDiff(row[2])), row[3]) << row[0];
}

TEST(XmlPatch, Resources) {
  for (const auto& row : Rows("xml_patch_resources.tsv")) {
    auto resource = ParseXmlResource(row[1], TestDefinitions());
    ASSERT_TRUE(resource.ok()) << row[0];
    const std::string before = WriteJson(*resource);
    const auto result = ApplyXmlPatch(*resource, row[2], TestDefinitions());
    if (!result.ok()) {
      EXPECT_EQ(Answer(result.error()), row[3]) << row[0];
    } else {
      const auto wanted = ParseXmlResource(row[3], TestDefinitions());
      EXPECT_EQ(WriteXml(*result), wanted.ok() ? WriteXml(*wanted) : row[3]) << row[0];
    }
    EXPECT_EQ(WriteJson(*resource), before) << row[0];
  }
}

TEST(XmlPatch, TheDefaultNamespaceOfThePatchIsThatOfNamesInSelectors) {
  const std::string_view document = R"(<doc xmlns="urn:d"><a k="1"/></doc>)";
  EXPECT_EQ(Patched(document, R"(<p:patch xmlns="urn:d" xmlns:p="urn:ietf:rfc:7351"><p:replace sel="doc/a/@k">2</p:replace></p:patch>)"),
            R"(<doc xmlns="urn:d"><a k="2"/></doc>)");
  EXPECT_EQ(Patched(document, R"(<p:patch xmlns:p="urn:ietf:rfc:7351"><p:replace sel="doc/a/@k">2</p:replace></p:patch>)"), "422 patch.no-target");
}

TEST(XmlPatch, TellsWhichOperation) {
  const PatchLimits limits;
  const auto document = ReadPatchNodes("<doc><a/></doc>", limits);
  const auto patch = ReadPatchNodes(InDiff(R"(<remove sel="doc/a"/><remove sel="doc/b"/>)"), limits);
  ASSERT_TRUE(document.ok() && patch.ok());
  const auto result = ApplyXmlPatch(*document, *patch, limits);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().outcome.issues().front().detail, "doc/b (operation 1)");
}

TEST(XmlPatch, WhatXmlCannotSayIsNotLost) {
  const std::string patch = InDiff(R"(<remove sel="f:Patient/f:active"/>)");
  for (const char* member : {R"("name":[{"text":"a\u0001b"}])", R"("text":{"status":"generated","div":"no div"})"}) {
    const Tree resource = MustParse(fmt::format(R"({{"resourceType":"Patient","active":true,{}}})", member));
    const auto result = ApplyXmlPatch(resource, patch, TestDefinitions());
    ASSERT_FALSE(result.ok()) << member;
    EXPECT_EQ(Answer(result.error()), "422 patch.xml-form") << member;
  }
  const Tree resource = MustParse("{\"resourceType\":\"Patient\",\"active\":true,\"name\":[{\"text\":\"a\xef\xbf\xbd\"}]}");
  EXPECT_TRUE(ApplyXmlPatch(resource, patch, TestDefinitions()).ok());
}

struct Limit {
  const char* name;
  std::string document, operation;
  size_t times;
};

class XmlPatchLimits : public ::testing::TestWithParam<Limit> {};

// Each asks for much with little; none may be done, and none may take long.
TEST_P(XmlPatchLimits, AreHeld) {
  std::string operations;
  for (size_t i = 0; i < GetParam().times; ++i) operations += GetParam().operation;
  EXPECT_EQ(Patched(GetParam().document, InDiff(operations)), "413 patch.too-costly");
}

std::string Times(size_t count, std::string_view part) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string Declarations(size_t count) {
  std::string text = "<doc";
  for (size_t i = 0; i < count; ++i) text += fmt::format(" xmlns:p{0}='urn:{0}'", i);
  return text + ">" + Times(count, "<a xmlns='urn:x'/>") + "<b/></doc>";
}

INSTANTIATE_TEST_SUITE_P(
    Cases, XmlPatchLimits,
    ::testing::Values(Limit{"operations", "<doc/>", R"(<add sel="doc" pos="prepend"/>)", 10'001},
                      Limit{"depth", "<a><a><a/></a></a>", R"(<add sel="a/a/a">)" + Times(126, "<a>") + Times(126, "</a>") + "</add>", 1},
                      Limit{"nodes", "<doc/>", R"(<add sel="doc">)" + Times(600'000, "<a/>") + "</add>", 2},
                      Limit{"bytes", "<doc a=''/>", R"(<replace sel="doc/@a">)" + std::string(4 << 20, 'x') + "</replace>", 9},
                      Limit{"selector", "<doc/>", R"(<remove sel=")" + Times(2'000, "*/") + Times(100, "a") + R"("/>)", 1},
                      Limit{"searching", "<doc>" + Times(5'000, "<a/>") + "</doc>", R"(<replace sel="doc/a[5000]"><a/></replace>)", 5'000},
                      Limit{"comparing", "<doc>" + Times(5'000, "<a><b>x</b></a>") + "<a><b>y</b></a></doc>",
                            R"(<replace sel="doc/a[b='y'][.='y']"><a><b>y</b></a></replace>)", 5'000},
                      Limit{"declarations", Declarations(10'000), R"(<remove sel="doc/b"/>)", 1}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace heyi::fhir
