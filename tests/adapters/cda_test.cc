// Shared documents of WS/T 500: what is read of them, what is forgiven and what is not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/health/cda/document.h"
#include "adapters/health/cda/narrative.h"
#include "adapters/health/cda/record.h"
#include "adapters/limits.h"
#include "adapters/message.h"
#include "base/charset.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;

const std::string kFolder = HEYI_SOURCE_DIR "/tests/data/adapters/cda/";

std::string ReadText(const std::string& path) {
  base::Result<std::string> text = base::ReadFile(path);
  if (text.ok()) return std::move(*text);
  ADD_FAILURE() << path;
  return {};
}

const std::string& Sample() {
  static const std::string sample = ReadText(kFolder + "C0053.xml");
  return sample;
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), by);
  return text;
}

Message Read(const std::string& raw) {
  base::Result<Message> message = CdaAdapter().Read(raw);
  if (message.ok()) return std::move(*message);
  ADD_FAILURE() << message.error().outcome.issues()[0].rule << " " << message.error().outcome.issues()[0].detail;
  return {};
}

std::string Refusal(const std::string& raw) {
  const base::Result<Message> message = CdaAdapter().Read(raw);
  if (message.ok()) return "";
  std::string lines;
  for (const base::Issue& issue : message.error().outcome.issues()) {
    lines += (lines.empty() ? "" : ", ") + issue.rule + (issue.expression.empty() ? "" : " @ " + issue.expression);
  }
  return lines;
}

// Every value with the bytes that stand at its place.
void CheckPlaces(const JsonValue& value, std::string_view raw, std::string_view field) {
  for (const auto& [name, member] : value.members()) CheckPlaces(member, raw, name);
  for (const JsonValue& item : value.items()) CheckPlaces(item, raw, field);
  if (!value.is_string()) return;
  ASSERT_LT(value.begin(), raw.size()) << field;
  // What is made of several places, or of a place's form, stands at the first of them.
  for (std::string_view made : {"address", "body", "text", "narrative", "narrativeStatus", "section", "sectionNumber", "number", "act", "valueType", "dataElement"}) {
    if (field == made) return;
  }
  EXPECT_TRUE(raw.substr(value.begin()).starts_with(value.text())) << field << " " << value.text() << " but " << raw.substr(value.begin(), 40);
}

TEST(Cda, TellsWhatTheDocumentSays) {
  const Message message = Read(Sample());
  EXPECT_EQ(message.department, "health-cda");
  EXPECT_EQ(message.type, "C0053");
  EXPECT_EQ(message.id, "RN20250011");
  EXPECT_EQ(message.sender, "42500001-4");
  ASSERT_TRUE(message.sent_ms);
  EXPECT_EQ(base::FormatInstant(*message.sent_ms), "2025-03-10T10:15:00.000+08:00");
  const std::string got = base::WriteJson(message.record, true) + "\n";
  const std::string path = kFolder + "C0053.json";
  if (std::getenv("HEYI_UPDATE") != nullptr) {
    ASSERT_TRUE(base::WriteFileDurably(path, got).ok());
  }
  EXPECT_EQ(got, ReadText(path));
  CheckPlaces(message.record, Sample(), "");
}

TEST(Cda, Gb18030IsReadWithItsOwnPlaces) {
  const Message in_utf8 = Read(Sample());
  for (const char* encoding : {"GB18030", "gbk", "GB2312"}) {
    base::CharsetConverter converter(base::Charset::kGb18030);
    const std::string raw = converter.FromUtf8(Replaced(Sample(), "UTF-8", encoding));
    const Message message = Read(raw);
    EXPECT_EQ(base::WriteJson(message.record), base::WriteJson(in_utf8.record));
    for (const char* field : {"documentId", "postalCode", "custodianId", "idCardNo"}) {
      const JsonValue& value = message.record[field];
      EXPECT_EQ(raw.substr(value.begin(), value.text().size()), value.text()) << field;
    }
    std::string name;
    ASSERT_TRUE(converter.ToUtf8(std::string_view(raw).substr(message.record["name"].begin(), 6), &name));
    EXPECT_EQ(name, message.record.StringAt("name"));
  }
  EXPECT_EQ(Refusal("<?xml version=\"1.0\" encoding=\"GB18030\"?><a>\xff\xff</a>"), "cda.encoding");
  EXPECT_EQ(Refusal(Replaced(Sample(), "UTF-8", "UTF-16")), "xml.encoding");
}

// Rows C01 to C04 of the catalogue of bad input.
TEST(Cda, IsStrictWhereItMustBe) {
  const std::string target = Sample().substr(Sample().find("<recordTarget"), Sample().find("</recordTarget>") + 15 - Sample().find("<recordTarget"));
  const std::string head = "<ClinicalDocument ";
  const std::string identity = "<id root=\"2.16.156.10011.1.3\"";
  const struct {
    std::string raw;
    const char* refusal;
  } cases[] = {
      {Replaced(Sample(), head, "<!DOCTYPE ClinicalDocument>" + head), "xml.doctype"},
      {Replaced(Sample(), head, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>" + head), "xml.doctype"},
      {Replaced(Sample(), head, "<?xml-stylesheet type=\"text/xsl\" href=\"http://127.0.0.1:9/a.xsl\"?>" + head), "cda.stylesheet"},
      {Replaced(Sample(), "沈阿珍", "&e;"), "xml.entity"},
      {Replaced(Sample(), target, target + target), "cda.record-target @ cda"},
      {Replaced(Sample(), target, ""), "cda.record-target @ cda"},
      {Replaced(Sample(), identity, "<id root=\"2.16.156.10011.1.19\""), "cda.identity-root @ cda.idCardNo"},
      {Replaced(Sample(), identity, "<id root=\"2.16.156.10011.1.3\" extension=\"310105194507300044\"/>" + identity), "cda.record-target @ cda.idCardNo"},
      {Replaced(Sample(), "<id root=\"2.16.156.10011.1.1\"", "<id root=\"1.2.3\""), "cda.document-root @ cda.documentId"},
      {Replaced(Sample(), "extension=\"RN20250011\"", "extension=\"\""), "adapter.required @ cda.documentId"},
      {Replaced(Sample(), "extension=\"RN20250011\"", "nullFlavor=\"UNK\" extension=\"RN\""), "adapter.required @ cda.documentId"},
      {Replaced(Sample(), "RN20250011", "RN/2025"), "adapter.ascii @ cda.documentId"},
      {Replaced(Sample(), "RN20250011", std::string(65, '1')), "adapter.length @ cda.documentId"},
      {Replaced(Sample(), "urn:hl7-org:v3", "urn:hl7-org:v2"), "cda.no-document"},
      {"<Bundle xmlns=\"http://hl7.org/fhir\"/>", "cda.no-document"},
      {"{}", "xml.syntax"},
      {"", "xml.syntax"},
      {std::string(kMessageBytesMax + 1, ' '), "adapter.too-large"}};
  for (const auto& [raw, refusal] : cases) EXPECT_EQ(Refusal(raw), refusal) << raw.substr(0, 300);
}

TEST(Cda, ForgivesWhatIsOftenWrittenSo) {
  const auto field = [](const std::string& raw, std::string_view name) { return std::string(Read(raw).record.StringAt(name)); };
  std::string misspelt = Replaced(Replaced(Sample(), "<houseNumber>", "<houserNumber>"), "</houseNumber>", "</houserNumber>");
  EXPECT_EQ(field(misspelt, "houseNumber"), "1号");
  EXPECT_EQ(field(Sample(), "address"), "上海市静安区江宁路街道示例路100弄1号");
  EXPECT_EQ(field(Replaced(Sample(), "2.16.156.10011.1.3\"", "2016.156.10011.1.3\""), "idCardNo"), "310105194507300028");
  EXPECT_EQ(field(Replaced(Sample(), "<telecom value=\"021-00000000\"/>", "<telecom nullFlavor=\"NI\" value=\"x\"/>"), "phone"), "");
  EXPECT_EQ(field(Replaced(Sample(), "<birthTime value=\"19450730\"/>", "<birthTime value=\" \"/>"), "birthTime"), "");
  EXPECT_EQ(field(Replaced(Sample(), "<name>沈阿珍</name>", "<name>\n  沈阿珍 </name>"), "name"), "沈阿珍");
  EXPECT_EQ(Read(Replaced(Sample(), "code=\"C0053\"", "code=\"\"")).type, "C0053") << "told by its template";
  EXPECT_EQ(Read(Replaced(Sample(), "<templateId root=\"2.16.156.10011.2.1.1.73\"/>", "")).type, "C0053");
  EXPECT_EQ(Read(Replaced(Sample(), "2.16.156.10011.2.1.1.73", "2.16.156.10011.2.1.1.72")).type, "C0053@2.16.156.10011.2.1.1.72");
  EXPECT_EQ(Read(Replaced(Sample(), "2.16.156.10011.2.1.1.73", "1.2.3")).type, "C0053@1.2.3");
  EXPECT_EQ(Read(Replaced(Sample(), "code=\"C0053\"", "code=\"X0001\"")).type, "X0001");
}

std::string WithBody(std::string_view body) {
  std::string text = Sample();
  const size_t begin = text.find("<structuredBody>");
  const size_t end = text.find("</structuredBody>") + 17;
  return text.replace(begin, end - begin, body);
}

JsonValue EntryOf(std::string_view statement) {
  const Message message = Read(WithBody("<structuredBody><component><section><code code=\"11535-2\"/><entry>" + std::string(statement) + "</entry></section></component></structuredBody>"));
  EXPECT_EQ(message.record["entries"].items().size(), 1u) << statement;
  return message.record["entries"].items().empty() ? JsonValue() : message.record["entries"].items()[0];
}

TEST(Cda, ReadsEntriesByTheirCodeElseByTheirName) {
  const auto element = [](std::string_view code) {
    return std::string(EntryOf("<observation><code " + std::string(code) + "/><value xsi:type=\"ST\">x</value></observation>").StringAt("dataElement"));
  };
  EXPECT_EQ(element("code=\"DE05.01.024.00\" codeSystem=\"1.2.3\""), "DE05.01.024.00");
  EXPECT_EQ(element("code=\" de05.01.024\""), "DE05.01.024.00");
  EXPECT_EQ(element("code=\"DE056.00.193.00\" displayName=\"出院情况\""), "");
  EXPECT_EQ(element("code=\"\" displayName=\"出院诊断-西医诊断编码\""), "DE05.01.024.00");
  EXPECT_EQ(NormalDataElement("DE02.01.009.01"), "DE02.01.009.01");
  EXPECT_EQ(NormalDataElement("DE06.0.319.00"), "");

  const JsonValue coded = EntryOf("<observation><code code=\"DE1\"/><value xsi:type=\"CD\" code=\"I10\" codeSystem=\"urn:oid:2016.156.10011.2.3.3.11\" displayName=\"高血压\"/></observation>");
  EXPECT_EQ(coded.StringAt("valueCode"), "I10");
  EXPECT_EQ(coded.StringAt("valueCodeSystem"), "2.16.156.10011.2.3.3.11");
  EXPECT_EQ(coded.StringAt("value"), "高血压");
  const JsonValue amount = EntryOf("<observation><code code=\"DE1\"/><effectiveTime value=\"202503\"/><value xsi:type=\"PQ\" value=\"9\" unit=\"天\"/></observation>");
  EXPECT_EQ(std::string(amount.StringAt("value")).append(amount.StringAt("unit")), "9天");
  EXPECT_EQ(amount.StringAt("effectiveTime"), "202503");
  const Message unanswered = Read(WithBody("<structuredBody><component><section><code code=\"11535-2\"/><entry><observation><code code=\"DE1\"/>"
                                           "<value xsi:type=\"ST\" nullFlavor=\"UNK\">x</value></observation></entry></section></component></structuredBody>"));
  EXPECT_EQ(unanswered.record.Find("entries"), nullptr) << "a question without an answer says nothing";
  const Message nested = Read(WithBody("<structuredBody><component><section><code code=\"a\"/><entry><organizer><component><observation><code code=\"1\"/>"
                                       "<entryRelationship><observation><code code=\"2\"/></observation></entryRelationship></observation></component></organizer></entry>"
                                       "<component><section><code code=\"b\"/><entry><act><code code=\"3\"/></act></entry></section></component></section></component></structuredBody>"));
  std::string seen;
  for (const JsonValue& entry : nested.record["entries"].items()) seen += std::string(entry.StringAt("section")) + std::string(entry.StringAt("code")) + std::string(entry.StringAt("number")) + " ";
  EXPECT_EQ(seen, "a11 a22 b33 ");
}

TEST(Cda, PassesOnNoMarkupOfTheSender) {
  const Message message = Read(WithBody("<structuredBody><component><section><code code=\"8648-8\"/><text><paragraph>甲 &lt;b&gt; <content onclick=\"x()\">乙</content></paragraph>"
                                        "<script>alert(1)</script><html:script xmlns:html=\"http://www.w3.org/1999/xhtml\">alert(2)</html:script>"
                                        "<table><tr><th>项目</th><td>值</td></tr></table><list><item>一</item><item>二</item></list>尾</text></section></component></structuredBody>"));
  const JsonValue& section = message.record["sections"].items().at(0);
  EXPECT_EQ(section.StringAt("text"), "甲 <b> 乙\n项目 | 值\n一\n二\n尾");
  EXPECT_EQ(section.StringAt("narrative"),
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>甲 &lt;b&gt; 乙</p><p>项目 | 值</p><p>一</p><p>二</p><p>尾</p></div>");
  EXPECT_EQ(section.StringAt("narrativeStatus"), "additional");
}

TEST(Cda, KnowsDocumentsWithoutSections) {
  const Message other = Read(WithBody("<nonXMLBody><text mediaType=\"application/x-msdownload\" representation=\"B64\">TVqQ</text></nonXMLBody>"));
  EXPECT_EQ(other.record.StringAt("body"), "non-xml");
  EXPECT_EQ(other.record.StringAt("bodyMediaType"), "application/x-msdownload");
  EXPECT_EQ(other.record.Find("sections"), nullptr);
  EXPECT_EQ(Read(WithBody("<structuredBody/>")).record.Find("body"), nullptr);
  std::string many = "<structuredBody>";
  for (int i = 0; i < 300; ++i) many += "<component><section><code code=\"a\"/></section></component>";
  EXPECT_EQ(Refusal(WithBody(many + "</structuredBody>")), "adapter.too-many @ cda.sections");
  many = "<structuredBody><component><section><code code=\"a\"/>";
  for (int i = 0; i < 600; ++i) many += "<entry><act><code code=\"1\"/></act></entry>";
  EXPECT_EQ(Refusal(WithBody(many + "</section></component></structuredBody>")), "adapter.too-many @ cda.entries");
}

TEST(Cda, WhatIsWrittenIsReadAgain) {
  const Message message = Read(Sample());
  const std::string written = CdaAdapter().Write({message.type, message.id, message.sender, "310106", 0, message.record});
  const Message again = Read(written);
  EXPECT_EQ(base::WriteJson(again.record, true), base::WriteJson(message.record, true));
  EXPECT_EQ(CdaAdapter().Write({again.type, again.id, again.sender, "310106", 0, again.record}), written);
  JsonValue little = JsonValue::Object();
  little.Set("name", JsonValue::OfString("\"周\" <&>"));
  const Message made = Read(CdaAdapter().Write({"C0053", "D-1", "123101994250000771", "310106", 1'772'414'100'123, little}));
  EXPECT_EQ(made.record.StringAt("name"), "\"周\" <&>");
  EXPECT_EQ(made.sender, "123101994250000771");
  EXPECT_EQ(made.record.StringAt("effectiveTime"), "20260302091500");
}

TEST(Cda, AnswersInChinese) {
  const Message message = Read(Sample());
  const auto answer = [&](Verdict verdict, const base::Outcome& outcome) {
    return *base::ParseJson(CdaAdapter().Answer(Sample(), &message, {verdict, outcome, {}, "HY-1", 0, 0}));
  };
  const JsonValue taken = answer(Verdict::kTaken, {});
  EXPECT_EQ(base::WriteJson(taken), R"({"msgId":"HY-1","documentId":"RN20250011","documentType":"C0053","code":0,"rule":"","message":"文档已接收并入库"})");
  const JsonValue refused = answer(Verdict::kRefused, base::Outcome(base::MakeIssue("cda.identity-root", "cda.idCardNo", "1.2")));
  EXPECT_EQ(refused.StringAt("rule"), "cda.identity-root");
  EXPECT_EQ(refused.StringAt("message"), "文档被拒收，请更正后重新发送。居民身份证号(cda.idCardNo)：身份证号的标识 OID 应为 2.16.156.10011.1.3，而非“1.2”");
  for (const Verdict verdict : {Verdict::kTaken, Verdict::kRefused, Verdict::kKept, Verdict::kNotTaken}) {
    const auto read = CdaAdapter().ReadAnswer(base::WriteJson(answer(verdict, {})));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->verdict, verdict);
    EXPECT_EQ(read->ref_message_id, "HY-1");
  }
  for (const char* bad : {"", "{}", "[]", R"({"documentId":"x"})", R"({"documentId":"x","code":9})"}) EXPECT_FALSE(CdaAdapter().ReadAnswer(bad).ok()) << bad;
  // Of a document that was refused, its number is told if it can be.
  const std::string wrong = Replaced(Sample(), "<id root=\"2.16.156.10011.1.3\"", "<id root=\"1.2\"");
  EXPECT_NE(CdaAdapter().Answer(wrong, nullptr, {Verdict::kRefused, {}, {}, "HY-1", 0, 0}).find("RN20250011"), std::string::npos);
  EXPECT_NE(CdaAdapter().Answer("<", nullptr, {Verdict::kRefused, {}, {}, "HY-1", 0, 0}).find("\"documentId\":\"\""), std::string::npos);
}

void CheckNoHarm(const std::string& raw) {
  const base::Result<Message> message = CdaAdapter().Read(raw);
  if (message.ok()) {
    EXPECT_FALSE(message->id.empty());
  } else {
    EXPECT_FALSE(message.error().outcome.empty());
  }
}

TEST(Cda, NoPrefixOfADocumentIsTakenOrCrashes) {
  for (size_t size = 0; size < Sample().size(); ++size) EXPECT_NE(Refusal(Sample().substr(0, size)), "") << size;
}

TEST(Cda, DamagedDocumentsNeverCrash) {
  base::SeededRandom random(3);
  for (size_t at = 0; at < Sample().size(); at += 7) {
    uint8_t dice = 0;
    random.Fill(&dice, 1);
    std::string text = Sample();
    text[at] = static_cast<char>(dice);
    CheckNoHarm(text);
  }
  constexpr std::string_view kPieces[] = {"<", "/>", "<section>", "</section>", "<entry>", "<observation>", "\"", "&amp;", " nullFlavor=\"UNK\"", "<id/>", "<patient/>"};
  for (int round = 0; round < 1'500; ++round) {
    uint16_t dice[3];
    random.Fill(dice, sizeof dice);
    std::string text = Sample();
    text.insert(dice[0] % text.size(), kPieces[dice[1] % std::size(kPieces)]);
    text.erase(dice[2] % text.size(), dice[1] % 5);
    CheckNoHarm(text);
  }
  base::CharsetConverter converter(base::Charset::kGb18030);
  const std::string chinese = converter.FromUtf8(Replaced(Sample(), "UTF-8", "GB18030"));
  for (size_t at = 0; at < chinese.size(); at += 17) {
    std::string text = chinese;
    random.Fill(&text[at], 1);
    CheckNoHarm(text);
    CheckNoHarm(chinese.substr(0, at));
  }
}

// The twelve invented documents that lie beside the project.
TEST(Cda, FixturesAreReadAndWrittenBack) {
  const char* given = std::getenv("HEYI_SHARED");
  const std::filesystem::path folder = (given != nullptr ? std::filesystem::path(given) : std::filesystem::path(HEYI_SOURCE_DIR) / "../shared") / "formats/cn/synthetic/cda";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder << ": set HEYI_SHARED";
  size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string raw = ReadText(entry.path().string());
    const Message message = Read(raw);
    EXPECT_EQ(message.type, entry.path().filename().string().substr(0, 5));
    EXPECT_FALSE(message.record.StringAt("idCardNo").empty()) << entry.path();
    EXPECT_FALSE(message.record["sections"].items().empty()) << entry.path();
    CheckPlaces(message.record, raw, "");
    const Message again = Read(CdaAdapter().Write({message.type, message.id, message.sender, "310106", 0, message.record}));
    EXPECT_EQ(base::WriteJson(again.record, true), base::WriteJson(message.record, true)) << entry.path();
    ++read;
  }
  std::printf("%zu documents\n", read);
  EXPECT_GE(read, 12u);
}

}  // namespace
}  // namespace heyi::adapters
