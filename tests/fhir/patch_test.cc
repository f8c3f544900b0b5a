// Patches: what each operation does to primitives, lists and choices (tests/data/fhir/patch.json), and that no patch costs
// more than its limits. HL7's and JSON Patch's own cases run in `heyi corpora patch-r4`.
#include <fmt/format.h>

#include "base/json/value.h"
#include "fhir/patch/json_patch.h"
#include "fhir/patch/path_patch.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

using base::ErrorKind;
using base::JsonValue;

JsonValue Json(std::string text) {
  auto parsed = base::ParseJson(std::move(text));
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? *parsed : JsonValue();
}

std::string RuleOf(const base::Error& error) { return error.outcome.issues().front().rule; }

base::Result<Tree> PathPatched(const JsonValue& resource, const JsonValue& parts, const PatchLimits& limits = {}) {
  auto tree = ParseResource(base::WriteJson(resource), TestDefinitions());
  std::string operations;
  for (const JsonValue& operation : parts.items()) {
    operations += fmt::format(R"({}{{"name":"operation","part":{}}})", operations.empty() ? "" : ",", base::WriteJson(operation));
  }
  auto patch = ParseResource(fmt::format(R"({{"resourceType":"Parameters","parameter":[{}]}})", operations), TestDefinitions());
  if (!tree.ok() || !patch.ok()) return base::Error(ErrorKind::kInternal, "internal.failed", {}, "a case that cannot be read");
  const LocalEvalContext context(1'795'000'000'000);
  return ApplyPathPatch(std::move(*tree), *patch, TestDefinitions(), context, limits);
}

TEST(PathPatch, Cases) {
  auto text = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/fhir/patch.json");
  ASSERT_TRUE(text.ok());
  const JsonValue cases = Json(*text);
  ASSERT_FALSE(cases.items().empty());
  for (const JsonValue& one : cases.items()) {
    SCOPED_TRACE(one.StringAt("name"));
    const auto result = PathPatched(one["resource"], one["operations"]);
    if (const JsonValue* rule = one.Find("rule")) {
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(RuleOf(result.error()), rule->text());
    } else {
      ASSERT_TRUE(result.ok()) << RuleOf(result.error());
      EXPECT_EQ(WriteJson(*result), base::WriteJson(one["result"]));
    }
  }
}

TEST(PathPatch, TooManyOperations) {
  JsonValue parts = JsonValue::Array();
  for (int i = 0; i < 3; ++i) parts.Append(Json(R"([{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.active"}])"));
  PatchLimits limits;
  limits.path_operations_max = 2;
  const JsonValue patient = Json(R"({"resourceType":"Patient"})");
  const auto refused = PathPatched(patient, parts, limits);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooLarge);
  limits.path_operations_max = 3;
  EXPECT_TRUE(PathPatched(patient, parts, limits).ok());
}

struct Limit {
  const char* name;
  std::string document, operation;
  size_t times;
};

class JsonPatchLimits : public ::testing::TestWithParam<Limit> {};

// Each asks for much with little; none may be done, and none may take long.
TEST_P(JsonPatchLimits, AreHeld) {
  std::string patch;
  for (size_t i = 0; i < GetParam().times; ++i) patch += (i == 0 ? "[" : ",") + GetParam().operation;
  const auto result = ApplyJsonPatch(Json(GetParam().document), Json(patch + "]"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(RuleOf(result.error()), "patch.too-costly");
}

std::string ListOf(size_t count) {
  std::string text = "[0";
  for (size_t i = 1; i < count; ++i) text += ",0";
  return text + "]";
}

std::string ObjectOf(size_t count) {
  std::string text = R"({"m":0)";
  for (size_t i = 1; i < count; ++i) text += fmt::format(R"(,"m{}":0)", i);
  return text + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Cases, JsonPatchLimits,
    ::testing::Values(Limit{"operations", "{}", R"({"op":"add","path":"/a","value":1})", 100'000},
                      Limit{"doubling", R"({"a":[1]})", R"({"op":"copy","from":"/a","path":"/a/-"})", 100},
                      Limit{"depth", R"({"a":{}})", R"({"op":"copy","from":"/a","path":"/a/a"})", 500},
                      Limit{"shifting", fmt::format(R"({{"a":{}}})", ListOf(100'000)), R"({"op":"add","path":"/a/0","value":1})", 5'000},
                      Limit{"comparing", fmt::format(R"({{"a":{}}})", ObjectOf(5'000)),
                            fmt::format(R"({{"op":"test","path":"/a","value":{}}})", ObjectOf(5'000)), 2},
                      Limit{"text", fmt::format(R"({{"a":"{}"}})", std::string(1 << 20, 'x')), R"({"op":"copy","from":"/a","path":"/b"})", 100}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(JsonPatch, ADocumentStaysBelowItsDepthWhenPartsMove) {
  std::string deep = "1";
  for (int i = 0; i < 100; ++i) deep = "[" + deep + "]";
  const JsonValue document = Json(fmt::format(R"({{"a":{0},"b":{0}}})", deep));
  std::string path = "/b";
  for (int i = 0; i < 60; ++i) path += "/0";
  const auto result = ApplyJsonPatch(document, Json(fmt::format(R"([{{"op":"move","from":"/a","path":"{}/-"}}])", path)));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace heyi::fhir
