#include "net/uri.h"

#include <gtest/gtest.h>

namespace heyi::net {
namespace {

// Segments joined by " | ", then the pairs; or the rule.
std::string Show(std::string_view text) {
  const base::Result<Target> target = ParseTarget(text);
  if (!target.ok()) {
    EXPECT_EQ(target.error().kind, base::ErrorKind::kMalformed);
    return "! " + target.error().outcome.issues().at(0).rule;
  }
  std::string shown;
  for (const std::string& segment : target->segments) shown += (shown.empty() ? "" : " | ") + segment;
  for (const auto& [name, value] : target->query) shown += " ? " + name + " = " + value;
  return shown;
}

TEST(Uri, SplitsAndDecodes) {
  EXPECT_EQ(Show("/"), "");
  EXPECT_EQ(Show("/fhir/Patient/1"), "fhir | Patient | 1");
  EXPECT_EQ(Show("/fhir/"), "fhir");
  EXPECT_EQ(Show("/a%20b/%E5%92%8C+%7C"), "a b | 和+|");
  EXPECT_EQ(Show("/Patient?"), "Patient");
  EXPECT_EQ(Show("/Patient?name=a+b%2Bc&&x&y=&z=1=2&name=d"),
            "Patient ? name = a b+c ? x =  ? y =  ? z = 1=2 ? name = d");
  EXPECT_EQ(Show("/P?identifier=urn:x|1&a/b=../c"), "P ? identifier = urn:x|1 ? a/b = ../c");
  EXPECT_EQ(Show("/P?name=%F0%A0%AE%B7"), "P ? name = 𠮷");
}

TEST(Uri, RefusesPathsThatMeanSomethingElse) {  // U01
  for (const char* text : {"", "x", "?a=b", "//", "//a", "/a//b", "/a//", "/./a", "/a/..", "/../a",
                           "/Patient/%2e%2e/x", "/%2E/a", "/..%2fx", "/a%2Fb", "/%00", "/a%00b", "/%C0%AF",
                           "/%C0%AE%C0%AE/x", "/%", "/a%2", "/%zz", "/%+1", "/%%20"}) {
    EXPECT_EQ(Show(text), "! http.target") << text;
  }
}

TEST(Uri, RefusesValuesThatAreNoText) {  // U19
  for (const char* text : {"/P?name=%ED%A0%80", "/P?name=%FF", "/P?name=%00", "/P?na%00me=x", "/P?name=%",
                           "/P?name=%4", "/P?%GG=1", "/P?name=%F4%90%80%80", "/P?name=%E5%92"}) {
    EXPECT_EQ(Show(text), "! http.target") << text;
  }
  EXPECT_FALSE(PercentDecode(std::string_view("a\0b", 3)).ok());
  EXPECT_EQ(*PercentDecode("a+b%20c"), "a+b c");
}

TEST(Uri, BoundsTheNumberOfPairs) {
  std::string form;
  for (size_t i = 0; i < kQueryPairsMax; ++i) form += "a&";
  EXPECT_EQ(ParseQuery(form)->size(), kQueryPairsMax);
  EXPECT_FALSE(ParseQuery(form + "a").ok());
}

}  // namespace
}  // namespace heyi::net
