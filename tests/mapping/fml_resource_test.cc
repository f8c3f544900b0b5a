// StructureMap resources: R4's and R5's form, what is refused, what R4 has no place for; instances as XML.
#include <gtest/gtest.h>

#include "fhir/json/write.h"
#include "mapping/fml/engine.h"
#include "mapping/fml/json.h"
#include "mapping/fml/parse.h"
#include "mapping/fml/print.h"
#include "tests/mapping/mapping_testing.h"

namespace heyi::mapping {
namespace {

base::JsonValue Json(const std::string& text) {
  auto json = base::ParseJson(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? std::move(*json) : base::JsonValue();
}

// A map of one rule, given as JSON.
std::string WithRule(const std::string& rule) {
  return R"({"resourceType":"StructureMap","url":"urn:m","name":"M","status":"draft","group":[{"name":"G","typeMode":"none","input":[{"name":"a","mode":"source"},{"name":"b","mode":"target"}],"rule":[)" +
         rule + "]}]}";
}

std::string RuleText(const std::string& rule) {
  const auto map = ReadStructureMap(Json(WithRule(rule)));
  if (!map.ok()) return "error " + Lines(map.error().outcome).at(0);
  const std::string text = PrintFml(*map);
  const size_t begin = text.find("{\n") + 4;
  return text.substr(begin, text.rfind(";\n") + 1 - begin);
}

TEST(FmlResource, R4AndR5AreRead) {
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","element":"x","variable":"vvv"}],"target":[{"context":"b","contextType":"variable","element":"y","variable":"vvv","transform":"create"}]})"),
            "a.x -> b.y \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","element":"value[x]","type":"string","min":1,"max":"*","listMode":"not_last","variable":"v","condition":"v = 1","check":"true","logMessage":"'l'","defaultValueInteger":5}]})"),
            "a.value : string 1..* default (5) not_last as v where (v = 1) check (true) log ('l') \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","element":"x","defaultValueDate":"2024-01"}]})"), "a.x default (@2024-01) \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","element":"x","defaultValueDateTime":"2024-01-02"}]})"), "a.x default (@2024-01-02T) \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","element":"x","defaultValue":"1 + 1"}]})"), "a.x default (1 + 1) \"r\";") << "R5";
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a"}],"target":[{"context":"b","element":"y","listMode":["collate"],"transform":"append","parameter":[{"valueId":"a"},{"valueString":"x"},{"valueDecimal":1.50},{"valueBoolean":true}]}]})"),
            "a -> b.y = append(a, 'x', 1.50, true) single \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a"}],"target":[{"context":"b","element":"y","listMode":["share"],"listRuleId":"s","transform":"evaluate","parameter":[{"valueString":"a.x & 'y'"}]}],"dependent":[{"name":"H","variable":["a","b"]}]})"),
            "a -> b.y = (a.x & 'y') share s then H(a, b) \"r\";");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a"}],"dependent":[{"name":"H","parameter":[{"valueId":"a"},{"valueString":"x"},{"valueDate":"2024-01-02"}]}]})"),
            "a then H(a, 'x', @2024-01-02) \"r\";") << "R5";
}

TEST(FmlResource, BrokenOnesAreRefusedWithTheirPlace) {
  EXPECT_EQ(RuleText(R"({"name":"r"})"), "error fml.resource @ StructureMap.group[0].rule[0]");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{}]})"), "error fml.resource @ StructureMap.group[0].rule[0].source[0]");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","listMode":"some"}]})"), "error fml.resource @ StructureMap.group[0].rule[0].source[0]");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","max":"many"}]})"), "error fml.resource @ StructureMap.group[0].rule[0].source[0]");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a"}],"target":[{"transform":"copy","parameter":[{}]}]})"), "error fml.resource @ StructureMap.group[0].rule[0].target[0].parameter[0]");
  EXPECT_EQ(RuleText(R"({"name":"r","source":[{"context":"a","defaultValueCoding":{"code":"x"}}]})"), "error fml.resource @ StructureMap.group[0].rule[0].source[0]");
  std::string deep = R"({"name":"r","source":[{"context":"a"}]})";
  for (int i = 0; i < 50; ++i) deep = R"({"name":"r","source":[{"context":"a"}],"rule":[)" + deep + "]}";
  EXPECT_NE(RuleText(deep).substr(0, 5), "error");
  EXPECT_FALSE(ReadStructureMap(Json(R"({"resourceType":"ConceptMap"})")).ok());
  EXPECT_FALSE(ReadStructureMap(Json(R"({"resourceType":"StructureMap","url":"urn:m"})")).ok());
}

TEST(FmlResource, WhatR4HasNoPlaceForComesBack) {
  const auto map = ParseFml("m", R"(
map "urn:m" = "M"
/// experimental = true
/// jurisdiction =
/// jurisdiction.coding =
/// jurisdiction.coding.code = 'CN'
/// jurisdiction.coding =
/// jurisdiction.coding.code = 'DE'
/// contact =
/// contact.name = 'Nobody'
let one = 'a' & 'b';
group G(source a, target b) {
  a.x default (one & 'c') as v -> b.y = append(v, @2024-01-02, '', (v.length() + 1)) "r";
  a.x as v then H(v, b, 'lit', 5) "s";
}
group H(source a, target b, source c, source d) {
}
)");
  ASSERT_TRUE(map.ok());
  const auto tree = StructureMapTree(*map, TestDefinitions());
  ASSERT_TRUE(tree.ok()) << base::EnglishText(tree.error().outcome.issues()[0]);
  EXPECT_EQ(tree->root().Member("jurisdiction").ChildCount(), 1u);
  EXPECT_EQ(tree->root().Member("jurisdiction").Child(0).Member("coding").ChildCount(), 2u);
  const auto back = ReadStructureMap(*tree);
  ASSERT_TRUE(back.ok());
  StructureMap draft = *map;
  draft.status = "draft";  // what a map without one is
  EXPECT_TRUE(*back == draft) << PrintFml(*back) << "\n--\n" << PrintFml(draft);
}

TEST(FmlResource, InstancesAsXml) {
  MemoryFmlSource knowledge;
  knowledge.AddResource(Json(R"({"resourceType":"StructureDefinition","url":"urn:model:doc","name":"Doc","type":"Doc","kind":"logical",
    "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/elementdefinition-namespace","valueUri":"urn:doc"}],
    "differential":{"element":[{"path":"Doc"},{"path":"Doc.title","max":"1"},{"path":"Doc.title.data","max":"1","representation":["xmlText"],"type":[{"code":"string"}]},
    {"path":"Doc.code","max":"*"},{"path":"Doc.code.code","max":"1","representation":["xmlAttr"],"type":[{"code":"code"}]},{"path":"Doc.note","max":"*","type":[{"code":"string"}]},
    {"path":"Doc.held","max":"1","type":[{"code":"Basic"}]},{"path":"Doc.value","max":"*","representation":["typeAttr"],"type":[{"code":"Quantity"},{"code":"Coding"}]}]}})"));
  const auto map = ParseFml("m", R"(
uses "urn:model:doc" alias Doc as target
group G(source src : Patient, target tgt : Doc) {
  src.id as v -> tgt.note = v, tgt.code as c, c.code = 'a"b', tgt.title as t, t.data = 'x < y', tgt.held = create('Basic') as b, b.id = v, tgt.value = qty(1, 'kg'), tgt.value = c('urn:s', 'x');
})");
  ASSERT_TRUE(map.ok());
  const auto compiled = CompiledMap::Compile(*map, TestDefinitions(), knowledge);
  ASSERT_TRUE(compiled.ok());
  const auto source = ReadJsonInstance(std::string(R"({"resourceType":"Patient","id":"1"})"), compiled->models(), nullptr);
  ASSERT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  const auto answer = compiled->Run(roots, {});
  ASSERT_TRUE(answer.ok()) << base::EnglishText(answer.error().outcome.issues()[0]);
  const std::string xml = WriteXmlInstance(answer->targets[0], compiled->models());
  EXPECT_EQ(xml, "<Doc xmlns=\"urn:doc\"><title>x &lt; y</title><code code=\"a&quot;b\"/><note value=\"1\"/>"
                 "<held><Basic xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Basic></held>"
                 "<value xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Quantity\"><value value=\"1\"/><unit value=\"kg\"/></value>"
                 "<value xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Coding\"><system value=\"urn:s\"/><code value=\"x\"/></value></Doc>");
  // And read again as the same instance.
  const auto again = ReadXmlInstance(xml, compiled->models(), compiled->models().ByInstanceName("Doc"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(WriteXmlInstance(*again, compiled->models()), xml);
  const fhir::Node root = again->tree.root();
  EXPECT_EQ(root.Member("valueQuantity").Child(1).type()->name, "Coding") << "one list, each item of its own type";
  std::string json;
  fhir::AppendJson(root, json);
  EXPECT_EQ(json.substr(0, json.find(",\"valueQuantity")) + "}", R"({"resourceType":"Doc","title":{"data":"x < y"},"code":[{"code":"a\"b"}],"note":["1"],"held":{"resourceType":"Basic","id":"1"}})");
}

TEST(FmlResource, NamesThatAreNoXmlNames) {
  const auto map = ParseFml("m", "group G(source src, target tgt) { src.a as v -> tgt.`1 <x>` as o, o.`b&` = v; }");
  ASSERT_TRUE(map.ok());
  const auto compiled = CompiledMap::Compile(*map, TestDefinitions(), MemoryFmlSource());
  ASSERT_TRUE(compiled.ok());
  const auto source = ReadJsonInstance(std::string(R"({"a":"<&>"})"), compiled->models(), nullptr);
  ASSERT_TRUE(source.ok());
  const std::vector<fhir::Node> roots = {source->tree.root()};
  const auto answer = compiled->Run(roots, {});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(WriteXmlInstance(answer->targets[0], compiled->models()),
            "<instance xmlns=\"http://hl7.org/fhir\"><_1__x_><b_ value=\"&lt;&amp;&gt;\"/></_1__x_></instance>");
}

}  // namespace
}  // namespace heyi::mapping
