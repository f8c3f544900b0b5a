#include "tests/fhir/xml_support.h"

namespace heyi::fhir {
namespace {

constexpr std::string_view kHead = R"(<?xml version="1.0" encoding="UTF-8"?>)";

std::string Written(const std::string& json) {
  const std::string xml = WriteXml(MustParse(json));
  EXPECT_TRUE(xml.starts_with(kHead));
  return xml.substr(kHead.size());
}

TEST(WriteXml, PutsElementsInTheOrderOfTheDefinitions) {
  EXPECT_EQ(Written(R"({"birthDate":"1950","name":[{"given":["b"],"text":"t","id":"n"}],"id":"1","resourceType":"Patient","_birthDate":{"extension":[{"valueCode":"c","url":"u"}],"id":"d"},"meta":{"tag":[{"code":"x","system":"s"}]}})"),
            R"(<Patient xmlns="http://hl7.org/fhir"><id value="1"/><meta><tag><system value="s"/><code value="x"/></tag></meta>)"
            R"(<name id="n"><text value="t"/><given value="b"/></name><birthDate value="1950" id="d"><extension url="u"><valueCode value="c"/></extension></birthDate></Patient>)");
  EXPECT_EQ(Written(R"({"_deceasedBoolean":{"id":"x"},"resourceType":"Patient"})"), R"(<Patient xmlns="http://hl7.org/fhir"><deceasedBoolean id="x"/></Patient>)");
}

TEST(WriteXml, NestsResourcesWithoutRepeatingTheNamespace) {
  EXPECT_EQ(Written(R"({"resourceType":"Patient","contained":[{"resourceType":"Person","id":"p"},{"resourceType":"Basic"}]})"),
            R"(<Patient xmlns="http://hl7.org/fhir"><contained><Person><id value="p"/></Person></contained><contained><Basic/></contained></Patient>)");
  std::string inner;
  const Tree tree = MustParse(R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","active":true}}]})");
  AppendXml(tree.root().Member("entry").first_child().Member("resource"), inner);
  EXPECT_EQ(inner, R"(<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>)");
}

std::string DivOf(const std::string& div_in_json) {
  const std::string xml = Written(R"({"resourceType":"Basic","text":{"status":"generated","div":")" + div_in_json + R"("}})");
  const size_t begin = xml.find("<div"), end = xml.rfind("</div>");
  EXPECT_TRUE(ParseXmlResource(xml, TestDefinitions()).ok()) << xml;
  return begin == std::string::npos ? "" : xml.substr(begin, end + 6 - begin);
}

TEST(WriteXml, EmitsXhtmlAndWhatIsNoneAsText) {
  constexpr std::string_view kOpen = R"(<div xmlns="http://www.w3.org/1999/xhtml">)";
  EXPECT_EQ(DivOf("<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\"><p>a &amp; b</p></div>"), std::string(kOpen) + "<p>a &amp; b</p></div>");
  EXPECT_EQ(DivOf("<div><p>no namespace</p></div>"), std::string(kOpen) + "<p>no namespace</p></div>");
  EXPECT_EQ(DivOf("<?xml version='1.0'?><div>x</div>"), std::string(kOpen) + "x</div>");
  EXPECT_EQ(DivOf("<div><p></div>"), std::string(kOpen) + "&lt;div&gt;&lt;p&gt;&lt;/div&gt;</div>");
  EXPECT_EQ(DivOf("just text"), std::string(kOpen) + "just text</div>");
  EXPECT_EQ(DivOf("<p>x</p>"), std::string(kOpen) + "&lt;p&gt;x&lt;/p&gt;</div>");
  EXPECT_EQ(DivOf("<div>x</div></text><active value='true'/><text>"), std::string(kOpen) + "&lt;div&gt;x&lt;/div&gt;&lt;/text&gt;&lt;active value='true'/&gt;&lt;text&gt;</div>");
  EXPECT_EQ(DivOf("<!DOCTYPE div><div>x</div>"), std::string(kOpen) + "&lt;!DOCTYPE div&gt;&lt;div&gt;x&lt;/div&gt;</div>");
  EXPECT_EQ(DivOf("<div><svg xmlns='urn:svg'/></div>"), std::string(kOpen) + "&lt;div&gt;&lt;svg xmlns='urn:svg'/&gt;&lt;/div&gt;</div>");
}

TEST(WriteXml, WhatXmlCannotCarryIsReplaced) {
  EXPECT_EQ(Written("{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"a\\u0001b\\ufffe\\u001f\"}]}"),
            "<Patient xmlns=\"http://hl7.org/fhir\"><name><text value=\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\"/></name></Patient>");
}

TEST(WriteXml, DeepTreesCostNoCallDepth) {
  Tree tree;
  tree.SetRoot(TestDefinitions().FindResource("Questionnaire"));
  NodeIndex at = 0;
  for (int i = 0; i < 100'000; ++i) at = tree.AddItem(tree.Ensure(at, "item"), NodeKind::kObject);
  tree.AddMember(at, "linkId", NodeKind::kString, "x");
  const std::string xml = WriteXml(tree);
  EXPECT_NE(xml.find("<item><linkId value=\"x\"/></item>"), std::string::npos);
  EXPECT_TRUE(xml.ends_with("</item></Questionnaire>"));
}

}  // namespace
}  // namespace heyi::fhir
