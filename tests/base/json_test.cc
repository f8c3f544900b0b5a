#include <gtest/gtest.h>

#include "base/json/value.h"

namespace heyi::base {
namespace {

std::string RuleOf(std::string text, const JsonLimits& limits = {}) {
  const Result<JsonValue> parsed = ParseJson(std::move(text), limits);
  return parsed.ok() ? "" : parsed.error().outcome.issues().at(0).rule;
}

TEST(Json, KeepsOrderNumbersAndEscapes) {
  const std::string text = R"({"b":1.00,"a":[true,null,-0.0,1e10,12345678901234567890123456789],"s":"é\u0001\"\\/𠮷"})";
  const Result<JsonValue> parsed = ParseJson(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(WriteJson(*parsed), text);
}

TEST(Json, KnowsWhereValuesStood) {
  const std::string text = R"(  {"x":"a\nb", "data": {"k": [1, "é", true]} , "n":12})";
  const Result<JsonValue> parsed = ParseJson(text);
  ASSERT_TRUE(parsed.ok());
  const JsonValue& data = (*parsed)["data"];
  EXPECT_EQ(text.substr(data.begin(), data.end() - data.begin()), R"({"k": [1, "é", true]})");
  const JsonValue& list = data["k"];
  EXPECT_EQ(text.substr(list.begin(), list.end() - list.begin()), R"([1, "é", true])");
  EXPECT_EQ(text.substr((*parsed)["n"].begin(), 2), "12");
  EXPECT_EQ(text.substr(list.items()[2].begin(), 4), "true");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "01", "+1", ".5", "1.", "1e", "nul", "'a'", "[1] [2]",
                           "{\"a\" 1}", "\"\\x\"", "\"\t\"", "[NaN]", "// c\n1", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\xef\xbb\xbf"}) {
    EXPECT_EQ(RuleOf(text), "json.syntax") << text;
  }
  EXPECT_EQ(RuleOf(std::string("1\0", 2)), "json.syntax");
  EXPECT_EQ(RuleOf("\"\xc0\xaf\""), "json.syntax");
  EXPECT_EQ(RuleOf("\"\xed\xa0\x80\""), "json.syntax");
  EXPECT_EQ(RuleOf(R"({"a":"\u0000"})"), "json.nul");
  EXPECT_EQ(RuleOf(R"({"a":{"b":1,"c":2,"b":3}})"), "json.duplicate-key");
}

// Found by tests/fuzz: the reader went on behind the end for what was missing.
TEST(Json, EndsWithinASequence) {
  for (const std::string end : {"\xc3", "\xe5", "\xe5\x92", "\xf0", "\xf0\x9f", "\xf0\x9f\x98", "\xf0\"", "\xe5\""}) {
    EXPECT_EQ(RuleOf("{\"a long enough key that stands on the heap\":\"" + end), "json.syntax");
  }
  EXPECT_EQ(RuleOf("\"\xc3\xa9\""), "");
  EXPECT_EQ(RuleOf("\"\xf0\x9f\x98\x80\""), "");
}

TEST(Json, FindsDuplicatesAmongManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":{\"k1\":0},";
  EXPECT_EQ(RuleOf(text + "\"z\":1}"), "");
  EXPECT_EQ(RuleOf(text + "\"k999\":1}"), "json.duplicate-key");
}

TEST(Json, BoundsDepthAndCount) {
  EXPECT_EQ(RuleOf(std::string(128, '[') + std::string(128, ']')), "");
  EXPECT_EQ(RuleOf(std::string(129, '[') + std::string(129, ']')), "json.too-deep");
  EXPECT_EQ(RuleOf(std::string(1'000'000, '[')), "json.too-deep");
  EXPECT_EQ(RuleOf("[1,2,3]", {.values_max = 3}), "json.too-long");
  EXPECT_EQ(RuleOf("0." + std::string(1000, '1')), "json.number");
  EXPECT_EQ(RuleOf("0." + std::string(100'000, '0') + "1e-2147483600"), "json.number");
}

}  // namespace
}  // namespace heyi::base
