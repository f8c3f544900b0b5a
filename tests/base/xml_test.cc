#include "base/xml/reader.h"

#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/xml/escape.h"
#include "base/xml/tree.h"

namespace heyi::base {
namespace {

// Writes what it hears: `<{ns}name {ns}a=value …>` text `</>`; and checks that starts and ends pair.
class Script : public XmlEvents {
 public:
  void StartElement(std::string_view ns, std::string_view name, std::span<const XmlAttribute> attributes, size_t begin) override {
    text += "<";
    AddName(ns, name);
    for (const XmlAttribute& attribute : attributes) {
      text += " ";
      AddName(attribute.ns, attribute.name);
      text.append("=").append(attribute.value);
    }
    text += ">";
    begins.push_back(begin);
    ++open;
  }
  void EndElement(size_t end) override {
    text += "</>";
    ends.push_back(end);
    --open;
    EXPECT_GE(open, 0);
  }
  void Text(std::string_view piece, size_t) override { text += piece; }

  std::string text;
  std::vector<size_t> begins, ends;
  int open = 0;

 private:
  void AddName(std::string_view ns, std::string_view name) {
    if (!ns.empty()) text.append("{").append(ns).append("}");
    text += name;
  }
};

std::string RuleOf(std::string_view text, const XmlLimits& limits = {}) {
  Script script;
  const Result<Done> read = ReadXml(text, script, limits);
  if (read.ok()) {
    EXPECT_EQ(script.open, 0);
    return "";
  }
  EXPECT_EQ(read.error().kind, ErrorKind::kMalformed);
  return read.error().outcome.issues().at(0).rule;
}

std::string Heard(std::string_view text) {
  Script script;
  EXPECT_TRUE(ReadXml(text, script).ok()) << text;
  return script.text;
}

TEST(Xml, TellsElementsAttributesAndText) {
  EXPECT_EQ(Heard("<a/>"), "<a></>");
  EXPECT_EQ(Heard("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><!--c--><a b='1' c=\"x\"> t<?pi x?><b/> </a>\n"), "<a b=1 c=x> t<b></> </>");
  EXPECT_EQ(Heard("<a b='&lt;&#65;&#x4e2d;&amp;&quot;&apos;\n\t'>&gt;<![CDATA[<&]]>é</a>"), "<a b=<A中&\"'  >><&é</>");
  EXPECT_EQ(Heard("<?xml version='1.0' encoding='US-ASCII'?><a/>"), "<a></>");
}

TEST(Xml, ResolvesNamespaces) {
  EXPECT_EQ(Heard("<a xmlns='u' b='1'><p:c xmlns:p='v' p:d='2'/><e xmlns=''/></a>"), "<{u}a b=1><{v}c {v}d=2></><e></></>");
  EXPECT_EQ(Heard("<a xml:lang='zh'/>"), "<a {http://www.w3.org/XML/1998/namespace}lang=zh>" "</>");
  for (const char* text : {"<p:a/>", "<a p:b='1'/>", "<a xmlns:p=''/>", "<a xmlns:xml='u'/>", "<a xmlns:xmlns='u'/>", "<a xmlns='http://www.w3.org/2000/xmlns/'/>"}) {
    EXPECT_EQ(RuleOf(text), "xml.namespace") << text;
  }
  EXPECT_EQ(RuleOf("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>"), "xml.syntax");
}

// What most leave out: `name(prefix=ns)` before the element, and comments.
class Whole : public Script {
 public:
  void Declaration(std::string_view prefix, std::string_view ns) override {
    text.append("(").append(prefix).append("=").append(ns).append(")");
  }
  void Comment(std::string_view comment, size_t begin) override {
    text.append("!").append(comment);
    begins.push_back(begin);
  }
};

TEST(Xml, TellsDeclarationsAndCommentsToWhoAsks) {
  Whole whole;
  ASSERT_TRUE(ReadXml("<!--x--><a xmlns='u' xmlns:p='v' p:b='1'>s<!--y-->t<c xmlns=''/></a>", whole).ok());
  EXPECT_EQ(whole.text, "!x(=u)(p=v)<{u}a {v}b=1>s!yt(=)<c></></>");
  EXPECT_EQ(whole.begins, (std::vector<size_t>{0, 8, 42, 51}));
}

TEST(Xml, KnowsWhereElementsStood) {
  const std::string text = "\xef\xbb\xbf <a>é<b x='1'/><c>t</c></a >";
  Script script;
  ASSERT_TRUE(ReadXml(text, script).ok());
  EXPECT_EQ(text.substr(script.begins[1], script.ends[0] - script.begins[1]), "<b x='1'/>");
  EXPECT_EQ(text.substr(script.begins[2], script.ends[1] - script.begins[2]), "<c>t</c>");
  EXPECT_EQ(text.substr(script.begins[0], script.ends[2] - script.begins[0]), "<a>é<b x='1'/><c>t</c></a >");
}

TEST(Xml, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"", " ", "<", "<a", "<a>", "</a>", "<a></b>", "<a/><b/>", "x<a/>", "<a/>x", "<a b=1/>", "<a b='1' b='2'/>", "<a b='<'/>",
                           "<a>&</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>]]></a>", "<a><!-- -- --></a>", "<a>\x01</a>",
                           " <?xml version='1.0'?><a/>", "<?xml version='1.1'?><a/>", "<?xml encoding='utf-8'?><a/>", "<a:b:c xmlns:a='u'/>", "<A></a>"}) {
    EXPECT_EQ(RuleOf(text), "xml.syntax") << text;
  }
  EXPECT_EQ(RuleOf(std::string_view("<a>\0</a>", 8)), "xml.syntax");
  EXPECT_EQ(RuleOf(std::string_view("<a/>\0", 5)), "xml.syntax");
  EXPECT_EQ(RuleOf("<a>\xc0\xaf</a>"), "xml.syntax");
  EXPECT_EQ(RuleOf("<a>\xed\xa0\x80</a>"), "xml.syntax");
  EXPECT_EQ(RuleOf("<a>\xff</a>"), "xml.syntax");
  EXPECT_EQ(RuleOf("<a>\xf4\x90\x80\x80</a>"), "xml.syntax");
}

TEST(Xml, SaysWhere) {
  Script script;
  const auto read = ReadXml("<a>\n  <b></c>\n</a>", script);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().outcome.issues()[0].detail, "mismatched tag at 2:8 (byte 11)");
}

TEST(Xml, RefusesAnyDoctypeBeforeItExpandsAnything) {
  std::string laughs = "<!DOCTYPE lolz [<!ENTITY a 'ha'>";
  for (char c = 'b'; c < 'z'; ++c) {
    laughs.append("<!ENTITY ").append(1, c).append(" '");
    for (int i = 0; i < 10; ++i) laughs.append("&").append(1, static_cast<char>(c - 1)).append(";");
    laughs += "'>";
  }
  laughs += "]><a>&y;</a>";
  for (const std::string& text : {laughs, std::string("<!DOCTYPE a><a/>"), std::string("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"),
                                  std::string("<!DOCTYPE a [<!ENTITY e SYSTEM 'http://127.0.0.1:1/x'>]><a>&e;</a>"),
                                  std::string("<?xml version='1.0'?><!-- c --><!DOCTYPE html PUBLIC '-//W3C' 'u'><a/>"), std::string("<!DOCTYPE a [<!ENTITY % p 'x'> %p;")}) {
    Script script;
    const auto read = ReadXml(text, script);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().outcome.issues()[0].rule, "xml.doctype") << text.substr(0, 60);
    EXPECT_EQ(script.text, "");
  }
  for (const char* text : {"<a>&nbsp;</a>", "<a b='&e;'/>", "<a>&y;</a>"}) EXPECT_EQ(RuleOf(text), "xml.entity") << text;
}

TEST(Xml, TakesUtf8Only) {
  const auto wide = [](std::string_view text, bool big, bool mark) {
    std::string bytes = mark ? (big ? "\xfe\xff" : "\xff\xfe") : "";
    for (const char c : text) bytes.append(1, big ? '\0' : c).append(1, big ? c : '\0');
    return bytes;
  };
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) EXPECT_EQ(RuleOf(wide("<?xml version='1.0' encoding='UTF-16'?><a/>", big, mark)), "xml.encoding");
  }
  EXPECT_EQ(RuleOf(std::string_view("\0\0\0<\0\0\0a", 8)), "xml.encoding");
  for (const char* name : {"GB18030", "gbk", "ISO-8859-1", "UTF-16", "UTF-7", "utf8", "x"}) {
    EXPECT_EQ(RuleOf(std::string("<?xml version='1.0' encoding='") + name + "'?><a/>"), "xml.encoding") << name;
  }
  EXPECT_EQ(RuleOf("<?xml version='1.0' encoding='us-ascii'?><a>é</a>"), "xml.encoding");
}

TEST(Xml, HoldsItsLimits) {
  std::string deep, many = "<a ", siblings = "<a>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  for (int i = 0; i < 200'000; ++i) many.append("a").append(std::to_string(i)).append("='' ");
  EXPECT_EQ(RuleOf(deep), "xml.too-deep");
  EXPECT_EQ(RuleOf(many + "/>"), "xml.too-many-attributes");
  EXPECT_EQ(RuleOf("<a><b><c/></b></a>", {.depth_max = 3}), "");
  EXPECT_EQ(RuleOf("<a><b><c/></b></a>", {.depth_max = 2}), "xml.too-deep");
  EXPECT_EQ(RuleOf("<a b='' c=''/>", {.attributes_max = 2}), "");
  EXPECT_EQ(RuleOf("<a b='' c=''/>", {.attributes_max = 1}), "xml.too-many-attributes");
  EXPECT_EQ(RuleOf("<a b=''>t\nu&lt;<c/></a>", {.nodes_max = 4}), "");
  EXPECT_EQ(RuleOf("<a b=''>t<c/></a>", {.nodes_max = 3}), "xml.too-long");
  EXPECT_EQ(RuleOf("<a>t</a>", {.nodes_max = 1}), "xml.too-long");
  EXPECT_EQ(RuleOf("<a/>", {.bytes_max = 3}), "xml.too-long");
}

TEST(Xml, WhatIsWrittenIsReadAgain) {
  std::string all;
  for (int c = 1; c < 0x80; ++c) all += static_cast<char>(c);
  all += "中é\xef\xbf\xbd𠮷";
  const auto round = [](std::string_view text) {
    std::string xml = "<a b=\"";
    AppendXmlAttribute(xml, text);
    xml += "\">";
    AppendXmlText(xml, text);
    return Heard(xml + "</a>");
  };
  std::string kept;
  for (const char c : all) kept += static_cast<signed char>(c) < 0 || c >= 0x20 || c == '\t' || c == '\n' || c == '\r' ? std::string(1, c) : "\xef\xbf\xbd";
  EXPECT_EQ(round(all), "<a b=" + kept + ">" + kept + "</>");
  EXPECT_EQ(round("]]>"), "<a b=]]>>]]></>");
  EXPECT_EQ(round("\xef\xbf\xbe" "x\xef\xbf\xbf"), "<a b=\xef\xbf\xbdx\xef\xbf\xbd>\xef\xbf\xbdx\xef\xbf\xbd</>");
  EXPECT_EQ(round("a\xff" "b\xc3"), "<a b=a\xef\xbf\xbd" "b\xef\xbf\xbd>a\xef\xbf\xbd" "b\xef\xbf\xbd</>");
}

TEST(XmlTree, KeepsOrderTextAndPlaces) {
  const std::string text = "<?xml-stylesheet href='x'?><a xmlns='u' b = \"1\" xmlns:p='v' p:c='2'> x <d/>y<![CDATA[<]]><p:d>z</p:d></a>";
  const auto document = ParseXml(text);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->instructions, std::vector<std::string>{"xml-stylesheet"});
  const XmlNode& root = document->root;
  EXPECT_EQ(root.AttributeText("b"), "1");
  EXPECT_EQ(root.AttributeText("c"), "");
  EXPECT_EQ(root.OwnText(), "x y<");
  ASSERT_EQ(root.children.size(), 4u);
  EXPECT_EQ(root.Find("v", "d"), &root.children[3]);
  EXPECT_EQ(root.Find("u", "d"), &root.children[1]);
  EXPECT_EQ(root.Find("u", "e"), nullptr);
  EXPECT_EQ(text.substr(root.children[3].begin, root.children[3].end - root.children[3].begin), "<p:d>z</p:d>");
  EXPECT_EQ(text.substr(AttributeValueAt(text, root.begin, "b"), 1), "1");
  EXPECT_EQ(text.substr(AttributeValueAt(text, root.begin, "p:c"), 1), "2");
  EXPECT_EQ(AttributeValueAt(text, root.begin, "e"), root.begin);
  EXPECT_EQ(AttributeValueAt("<a b='x' c", 0, "c"), 0u);
}

TEST(Xml, DamagedTextsNeverCrash) {
  const std::string good = "<?xml version='1.0' encoding='UTF-8'?><a xmlns='u' xmlns:p='v' p:b='&#65;'><!-- c --><![CDATA[x]]><p:c>é&lt;</p:c><?pi?></a>";
  for (size_t size = 0; size < good.size(); ++size) EXPECT_NE(RuleOf(std::string_view(good).substr(0, size)), "") << size;
  SeededRandom random(11);
  constexpr std::string_view kPieces[] = {"<", ">", "&", ";", "<!DOCTYPE a", "]]>", "<![CDATA[", "--", "xmlns", "=", "'", ":", "\0", "\xff", "<?"};
  size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    uint16_t dice[4];
    random.Fill(dice, sizeof dice);
    std::string text = good;
    const size_t at = dice[1] % text.size();
    switch (dice[2] % 3) {
      case 0: text.erase(at, dice[3] % 9); break;
      case 1: text.insert(at, kPieces[dice[3] % std::size(kPieces)]); break;
      default: text[at] = static_cast<char>(dice[3]); break;
    }
    if (RuleOf(text).empty()) ++taken;
  }
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace heyi::base
