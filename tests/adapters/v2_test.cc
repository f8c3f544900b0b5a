// HL7 v2: syntax there and back, and every way in which a message is answered.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "adapters/health/v2/batch.h"
#include "adapters/health/v2/character_set.h"
#include "adapters/health/v2/error_place.h"
#include "adapters/health/v2/escapes.h"
#include "adapters/health/v2/syntax.h"
#include "adapters/limits.h"
#include "adapters/message.h"
#include "adapters/times.h"
#include "base/file.h"
#include "tests/net/probes.h"

namespace heyi::adapters {
namespace {

using base::Charset;

std::string ReadText(const std::string& path) {
  base::Result<std::string> text = base::ReadFile(std::string(HEYI_SOURCE_DIR "/tests/data/") + path);
  if (text.ok()) return std::move(*text);
  ADD_FAILURE() << path;
  return {};
}

std::string Good() { return ReadText("mapping/health/ADT_A01/new_elder/in.hl7"); }

Acknowledgement Refused(const base::Outcome& why) { return {Verdict::kRefused, why, {}, "HY-1", 1'772'414'100'123, 1'772'414'100'456}; }

std::string AnswerTo(std::string_view raw) {
  const base::Result<Message> message = HealthAdapter().Read(raw);
  if (!message.ok()) return HealthAdapter().Answer(raw, nullptr, Refused(message.error().outcome));
  return HealthAdapter().Answer(raw, &*message, {Verdict::kTaken, {}, {}, "HY-1", 1'772'414'100'123, 1'772'414'100'456});
}

V2Message Parsed(std::string_view raw, Charset charset) {
  base::Result<V2Message> message = V2Message::Parse(raw, charset);
  EXPECT_TRUE(message.ok()) << raw;
  return std::move(*message);
}

// "AE 101@PID^1^3 102@…"
std::string Told(const std::string& answer) {
  if (answer.empty()) return "- -";
  const V2Message message = Parsed(answer, Charset::kUtf8);
  std::string text(message.At(*message.Find("MSA"), 1, 1)), errors;
  for (const V2Segment& segment : message.segments()) {
    if (segment.name != "ERR") continue;
    errors += " " + std::string(message.At(segment, 3, 1)) + "@" + std::string(message.FieldAt(segment, 2));
  }
  return text + (errors.empty() ? " -" : errors);
}

TEST(V2, OneThingChanged) {
  size_t rows = 0;
  const std::string table = ReadText("adapters/v2.tsv");
  for (std::string_view line : base::Split(table, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    ASSERT_EQ(columns.size(), 5u) << line;
    std::string raw = Good();
    const std::string there = net::Unescape(columns[1]), instead = net::Unescape(columns[2]);
    if (there == "=") {
      raw = instead;
    } else {
      const size_t at = raw.find(there);
      ASSERT_NE(at, std::string::npos) << line;
      raw.replace(at, there.size(), instead);
    }
    const auto begin = std::chrono::steady_clock::now();
    const std::string answer = AnswerTo(raw);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2'000)) << columns[0];
    EXPECT_EQ(Told(answer), std::string(columns[3]) + " " + std::string(columns[4])) << columns[0] << "\n" << answer.substr(0, 2'000);
    EXPECT_LT(answer.size(), 20'000u);
    EXPECT_EQ(answer.find('\0'), std::string::npos);
    ++rows;
  }
  EXPECT_GT(rows, 55u);
}

// ---- syntax ----

TEST(V2, ParsedAndEncodedItIsTheSame) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HEYI_SOURCE_DIR "/tests/data/mapping/health")) {
    if (entry.path().filename() != "in.hl7") continue;
    const std::string raw = *base::ReadFile(entry.path().string());
    if (raw.find('\n') != std::string::npos) continue;  // LF comes back as CR
    const base::Result<V2Message> message = V2Message::Parse(raw, base::IsValidUtf8(raw) ? Charset::kUtf8 : Charset::kGb18030);
    ASSERT_TRUE(message.ok()) << entry.path();
    EXPECT_EQ(message->Encode(), raw) << entry.path();
  }
  for (const char* raw : {"MSH|^~\\&\r", "MSH|^~\\&|\r", "MSH|^~\\&|A^B&C~^|||\rZZZ\rZZZ|\rPID|~^&|&&^^~~\r", "MSH*:%\\&*x:y*\rPV1**a%b\r", "FHS|^~\\&|x\r"}) {
    EXPECT_EQ(Parsed(raw, Charset::kUtf8).Encode(), raw);
  }
}

TEST(V2, AnyPlaceIsFound) {
  const V2Message message = Parsed("MSH|^~\\&|HIS\rPID|1||a&b^c~d^e|x\n\nNK1|1\rNK1|2\r", Charset::kUtf8);
  ASSERT_EQ(message.segments().size(), 4u);
  EXPECT_EQ(message.At(message.header(), 1, 1), "|");
  EXPECT_EQ(message.At(message.header(), 2, 1), "^~\\&");
  EXPECT_EQ(message.At(message.header(), 3, 1), "HIS");
  const V2Segment& pid = *message.Find("PID");
  EXPECT_EQ(message.At(pid, 3, 1), "a");
  EXPECT_EQ(message.At(pid, 3, 2), "c");
  EXPECT_EQ(message.At(pid, 2, 1), "");
  EXPECT_EQ(message.At(pid, 9, 1), "");
  EXPECT_EQ(message.FieldAt(pid, 3), "a&b^c~d^e");
  EXPECT_EQ(message.FieldAt(pid, 4), "x");
  EXPECT_EQ(message.FieldAt(pid, 9), "");
  EXPECT_EQ(message.Find("ZZZ"), nullptr);
}

// The second byte of 0xd5 0x7c (誀) is `|`, of 0xaa 0x5e `^`: they are no delimiters, and `\` is no escape.
TEST(V2, Gb18030CharactersAreNotCutApart) {
  const std::string raw = "MSH|^~\\&|HIS|\xd5|\xaa^\x81~\x81\\|x||||ADT^A08|1|P|2.5||||||GBK\rPID|||1||\x95\x37\xa4\x33^\xd5|\r";
  const V2Message message = Parsed(raw, Charset::kGb18030);
  EXPECT_EQ(message.At(message.header(), 4, 1), "\xd5|\xaa^\x81~\x81\\");
  EXPECT_EQ(message.At(message.header(), 10, 1), "1");
  EXPECT_EQ(message.At(*message.Find("PID"), 5, 2), "\xd5|");
  EXPECT_EQ(message.Encode(), raw);
  base::Outcome outcome;
  const V2CharacterSet set = FindCharacterSet(raw, outcome);
  EXPECT_EQ(set.charset, Charset::kGb18030);
  EXPECT_EQ(set.declared, "GBK");
  EXPECT_TRUE(outcome.empty());
  base::CharsetConverter converter(Charset::kGb18030);
  std::string text;
  EXPECT_TRUE(UnescapeV2("\xd5|\x81\\F\x81\\", message.delimiters(), converter, &text));
  EXPECT_EQ(converter.FromUtf8(text), "\xd5|\x81\\F\x81\\");
}

TEST(V2, EscapesBothWays) {
  base::CharsetConverter utf8(Charset::kUtf8);
  V2Delimiters d;
  d.truncation = '#';
  const auto read = [&](std::string_view text) {
    std::string plain;
    EXPECT_TRUE(UnescapeV2(text, d, utf8, &plain)) << text;
    return plain;
  };
  for (const auto& [sent, plain] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"\\F\\\\S\\\\T\\\\R\\\\E\\\\P\\", "|^&~\\#"}, {"a\\.br\\b", "a\nb"}, {"a\\.sp3\\b", "a\n\n\nb"}, {"\\H\\bold\\N\\", "bold"},
           {"\\X41\\", "A"}, {"\\XE6B288\\", "沈"}, {"\\X0D0A\\", "\r\n"}, {"\\X00\\", "\\X00\\"}, {"\\X4100\\", "\\X4100\\"},
           {"\\X4\\", "\\X4\\"}, {"\\XZZ\\", "\\XZZ\\"}, {"\\X\\", "\\X\\"}, {"\\XFF\\", "\\XFF\\"}, {"\\Zxx\\", "\\Zxx\\"},
           {"\\Zxx\\F\\", "\\Zxx\\F\\"}, {"C:\\dir name", "C:\\dir name"}, {"\\", "\\"}, {"\\\\", "\\\\"}, {"\\F", "\\F"},
           {"\\.sp101\\", "\\.sp101\\"}, {"\\.sp+2\\", "\n\n"}, {"\\M2121\\", "\\M2121\\"}, {"", ""}}) {
    EXPECT_EQ(read(sent), plain) << sent;
  }
  for (const std::string_view text : {std::string_view("|^&~\\# 沈示例\n𬍛"), std::string_view("plain"), std::string_view("\\X41\\")}) {
    EXPECT_EQ(read(EscapeV2(text, d, utf8)), text);
  }
  EXPECT_EQ(EscapeV2(std::string_view("a\0b\x1c\x0b\tc\r\nd", 10), d, utf8), "ab c\\.br\\d");
}

TEST(V2, TimestampsAsTheyOccur) {
  for (const auto& [sent, read] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"1945", "1945"}, {"194507", "1945-07"}, {"19450730", "1945-07-30"}, {"2026030109", "2026-03-01 09:00:00"},
           {"202603010930", "2026-03-01 09:30:00"}, {"20260301093015", "2026-03-01 09:30:15"}, {"20260301093015.1234", "2026-03-01 09:30:15"},
           {"20260301013015+0000", "2026-03-01 09:30:15"}, {"20260228193015-0600", "2026-03-01 09:30:15"}, {"20240229", "2024-02-29"},
           {"20260229", ""}, {"19991332", ""}, {"1945073", ""}, {"abcd", ""}, {"", ""}, {"202603012400", ""}, {"20260301093015.", ""},
           {"20260301+08", ""}, {"20260301+9900", ""}, {"1799", ""}, {"２０２６", ""}}) {
    EXPECT_EQ(ReadTimestamp(sent), read) << sent;
  }
  EXPECT_EQ(CompactTimestamp("2026-03-01 09:30:15"), "20260301093015");
}

TEST(V2, PlacesAsErrNamesThem) {
  for (const auto& [expression, location, model] : std::initializer_list<std::tuple<std::string_view, std::string_view, std::string_view>>{
           {"MSH.10", "MSH^1^10", "MSH.10"}, {"MSH.9.2", "MSH^1^9^1^2", "MSH.9.2"}, {"v2.PID", "PID^1", "PID"}, {"v2.PID.7", "PID^1^7", "PID.7"},
           {"v2.PID.3[1].1", "PID^1^3^2^1", "PID.3[].1"}, {"v2.IN1[1].2.1", "IN1^2^2^1^1", "IN1[].2.1"},
           {"v2.PID.3[0].4.1", "PID^1^3^1^4^1", "PID.3[].4.1"}, {"v2", "", ""}, {"", "", ""}, {"v2.PID.x", "PID^1", "PID"}}) {
    const V2Place place = V2PlaceOf(expression, '^');
    EXPECT_EQ(place.location, location) << expression;
    EXPECT_EQ(place.model_path, model) << expression;
  }
}

// ---- acknowledgements ----

TEST(V2, EachVerdictInBothModes) {
  base::Outcome waits, wrong, unknown;
  waits.Add("map.unknown-visit", "v2.PV1.19.1");
  wrong.Add("adapter.timestamp", "v2.PID.7");
  unknown.Add("v2.unknown-event", "MSH.9.2", "ADT^A40");
  const auto code = [](std::string_view modes, Verdict verdict, const base::Outcome& outcome) {
    const std::string raw = "MSH|^~\\&|HIS|H|HUB|D|20260310101500||ADT^A01|7|P|2.5|||" + std::string(modes) + "\rEVN\r";
    const std::string answer = HealthAdapter().Answer(raw, nullptr, {verdict, outcome, {}, "HY-1", 0, 0});
    return answer.empty() ? "-" : Told(answer).substr(0, 2);
  };
  struct Row {
    std::string_view modes, taken, kept, refused, rejected;
  };
  for (const Row& row : {Row{"", "AA", "AE", "AE", "AR"}, Row{"|", "AA", "AE", "AE", "AR"}, Row{"AL|NE", "CA", "CA", "CE", "CR"},
                         Row{"AL|AL", "CA", "CA", "CE", "CR"}, Row{"NE|AL", "AA", "AE", "AE", "AR"}, Row{"|AL", "AA", "AE", "AE", "AR"},
                         Row{"NE|NE", "-", "-", "-", "-"}, Row{"ER|NE", "-", "-", "CE", "CR"}, Row{"SU|NE", "CA", "CA", "-", "-"},
                         Row{"NE|ER", "-", "AE", "AE", "AR"}, Row{"ER|AL", "AA", "AE", "CE", "CR"}, Row{"??|", "AA", "AE", "AE", "AR"}}) {
    EXPECT_EQ(code(row.modes, Verdict::kTaken, {}), row.taken) << row.modes;
    EXPECT_EQ(code(row.modes, Verdict::kKept, waits), row.kept) << row.modes;
    EXPECT_EQ(code(row.modes, Verdict::kRefused, wrong), row.refused) << row.modes;
    EXPECT_EQ(code(row.modes, Verdict::kRefused, unknown), row.rejected) << row.modes;
  }
}

TEST(V2, AnAnswerIsInTheSendersOwnCharsetAndSigns) {
  base::Outcome why;
  why.Add("map.unknown-elder", "v2.PID.3[0].1");
  const std::string raw = ReadText("mapping/health/ADT_A01/new_elder_gb18030/in.hl7");
  const std::string answer = HealthAdapter().Answer(raw, nullptr, {Verdict::kKept, why, {}, "HY-1", 0, 0});
  EXPECT_FALSE(base::IsValidUtf8(answer));
  std::string text;
  ASSERT_TRUE(base::CharsetConverter(Charset::kGb18030).ToUtf8(answer, &text));
  EXPECT_NE(text.find("|HUB|DISTRICT|HIS|示例区中心医院|"), std::string::npos) << text;
  EXPECT_NE(text.find("患者标识号(PID.3[].1)：未查询到该人员信息，请先报送老人基本信息"), std::string::npos) << text;
  EXPECT_NE(text.find("|GB 18030-2000|"), std::string::npos) << text;

  const std::string other = "MSH$%~\\*$A$B$C$D$$$ADT%A01$7%x$P$2.5$$$$$$ASCII\r";
  EXPECT_EQ(HealthAdapter().Answer(other, nullptr, {Verdict::kKept, why, {}, "HY-1", 0, 0}),
            "MSH$%~\\*$C$D$A$B$19700101080000$$ACK%A01%ACK$HY-1$P$2.5$$$$$$ASCII\rMSA$AE$7%x\r"
            "ERR$$PID%1%3%1%1$204%Unknown key identifier%HL70357$E$map.unknown-elder%%HEYI$$No elder with this number is known yet"
            "$No elder with this number is known yet\r"
            "ERR$$$0%Message accepted%HL70357$I$v2.kept%%HEYI$$Kept for review: do not send it again$Kept for review: do not send it again\r");
  // A control id that could end our frame does not go back.
  const std::string hostile = "MSH|^~\\&|A|B|C|D|||ADT^A01|7\x1c|P|2.5\r";
  EXPECT_EQ(HealthAdapter().Answer(hostile, nullptr, {Verdict::kTaken, {}, {}, "HY-1", 0, 0}).find('\x1c'), std::string::npos);
  // Before 2.5 there is no ERR-8: MSA-3 says it.
  const std::string old = "MSH|^~\\&|A|B|C|D|||ADT^A01|7|P|2.3\r";
  EXPECT_NE(HealthAdapter().Answer(old, nullptr, {Verdict::kKept, why, {}, "HY-1", 0, 0}).find("MSA|AE|7|患者标识号"), std::string::npos);
}

TEST(V2, TheirAnswersAreRead) {
  const auto read = [](const std::string& text) { return HealthAdapter().ReadAnswer(text); };
  const std::string head = "MSH|^~\\&|HIS|H|HEYI||20260310||ACK^A08^ACK|99|P|2.5\r";
  auto ack = read(head + "MSA|AA|HY-7\r");
  ASSERT_TRUE(ack.ok());
  EXPECT_EQ(ack->verdict, Verdict::kTaken);
  EXPECT_EQ(ack->ref_message_id, "99");
  EXPECT_EQ(ack->output["MSA"].StringAt("2"), "HY-7");
  EXPECT_EQ(read(head + "MSA|CA|HY-7\r")->verdict, Verdict::kTaken);
  ack = read(head + "MSA|AE|HY-7|no such bed\rERR||PV1^1^3|103^Table value not found^HL70357|E||||没有此床位\r");
  ASSERT_TRUE(ack.ok());
  EXPECT_EQ(ack->verdict, Verdict::kRefused);
  EXPECT_EQ(ack->outcome.issues()[0].rule, "adapter.refused-there");
  EXPECT_EQ(ack->outcome.issues()[0].detail, "no such bed; 103 没有此床位 PV1^1^3");
  for (const std::string& wrong : {std::string(), std::string("MSA|AA|1\r"), head, head + "MSA|XX|1\r", head + "MSA||1\r", std::string("<html>")}) {
    EXPECT_FALSE(read(wrong).ok()) << wrong;
  }
}

TEST(V2, WhatIsWrittenCanBeRead) {
  const Message good = *HealthAdapter().Read(Good());
  const std::string written = HealthAdapter().Write({"ADT^A08", "HY-77", "310199|1", "310199001", 1'772'414'100'123, good.record});
  EXPECT_TRUE(written.starts_with("MSH|^~\\&|HEYI|310199\\F\\1|||20260302091500||ADT^A08^ADT_A01|HY-77|P|2.5|||||CHN|UNICODE UTF-8\rEVN|")) << written;
  const base::Result<Message> back = HealthAdapter().Read(written);
  ASSERT_TRUE(back.ok()) << Told(AnswerTo(written));
  EXPECT_EQ(back->type, "ADT^A08");
  EXPECT_EQ(back->id, "HY-77");
  EXPECT_EQ(back->sender, "310199|1");
  EXPECT_EQ(back->sent_ms, 1'772'414'100'000);
  EXPECT_EQ(base::WriteJson(back->record), base::WriteJson(good.record));

  // EVN is added; delimiters within values are escaped.
  base::JsonValue record = *base::ParseJson(R"({"PV1":{"2":"O"},"PID":{"3":[{"1":"a^b"},{"4":{"1":"x&y"}}],"5":[{"1":"沈"}]},"NK1":[{"1":"1"},{"1":"2"}],"note":"x"})");
  EXPECT_EQ(HealthAdapter().Write({"ADT^A11", "1", "s", "", 0, record}),
            "MSH|^~\\&|HEYI|s|||19700101080000||ADT^A11^ADT_A09|1|P|2.5|||||CHN|UNICODE UTF-8\rEVN||19700101080000\r"
            "PID|||a\\S\\b~^^^x\\T\\y||沈\rNK1|1\rNK1|2\rPV1||O\r");
}

// ---- batches ----

TEST(V2, BatchesAreTakenApart) {
  const std::string one = "MSH|^~\\&|HIS|H|||20260310101500||ADT^A08|1|P|2.5\rEVN||20260301\rPID|||1^^^H^PI||沈示例\rPV1||O\r";
  std::string two = one;
  two.replace(two.find("|1|P"), 4, "|2|P");
  const std::string good = "FHS|^~\\&|HIS|H\rBHS|^~\\&|HIS|H|HUB|D|||||B-1\r" + one + two + "BTS|2\rFTS|1\r";
  EXPECT_TRUE(IsV2Batch(good));
  EXPECT_FALSE(IsV2Batch(one));
  const V2Batch batch = SplitV2Batch(good);
  ASSERT_EQ(batch.messages.size(), 2u);
  EXPECT_EQ(batch.messages[0], one);
  EXPECT_EQ(batch.messages[1], two);
  EXPECT_TRUE(batch.outcome.empty());
  std::vector<std::string> answers;
  for (std::string_view message : batch.messages) answers.push_back(AnswerTo(message));
  const std::string answer = WriteV2BatchAnswer(good, batch, answers, "HY-9", 1'772'414'100'456);
  EXPECT_EQ(answer, "FHS|^~\\&|HEYI||||20260302091500||||HY-9|B-1\rBHS|^~\\&|HEYI||||20260302091500||||HY-9|B-1\r" + answers[0] + answers[1] + "BTS|2\rFTS|1\r")
      << answer;

  const auto rules = [](const std::string& raw) {
    std::string text;
    const V2Batch split = SplitV2Batch(raw);
    for (const base::Issue& issue : split.outcome.issues()) text += issue.rule + "@" + issue.expression + " ";
    return text;
  };
  const std::string head = "BHS|^~\\&|HIS|H|HUB|D|||||B-1\r";
  EXPECT_EQ(rules(head + one + "BTS|2\r"), "v2.batch-count@BTS.1 ");
  EXPECT_EQ(rules(head + one + "BTS|x\r"), "v2.batch-count@BTS.1 ");
  EXPECT_EQ(rules(head + one + "BTS\r"), "");
  EXPECT_EQ(rules(head + one), "v2.batch-count@BTS.1 ");
  EXPECT_EQ(rules("FHS|^~\\&\r" + head + one + "BTS|1\rFTS|3\r"), "v2.batch-count@FTS.1 ");
  EXPECT_EQ(rules(head + "PID|1\r" + one + "BTS|1\r"), "v2.segment@PID ");
  EXPECT_EQ(SplitV2Batch(head).messages.size(), 0u);
  EXPECT_FALSE(HealthAdapter().Read(good).ok()) << "a batch is no message";

  // The wrong count is told in front; each message keeps its own answer.
  const std::string wrong = head + one + "BTS|2\r";
  const std::string told = WriteV2BatchAnswer(wrong, SplitV2Batch(wrong), {answers[0]}, "HY-9", 0);
  EXPECT_NE(told.find("MSA|AE|B-1\rERR||BTS^1^1|100^"), std::string::npos) << told;
  EXPECT_TRUE(told.ends_with(answers[0] + "BTS|2\r")) << told;
}

// ---- hostile input ----

// Cut short anywhere, or with one byte changed: answered, never a crash, and never a NUL in what was read.
TEST(V2, CutOrChangedAnywhereItIsAnswered) {
  size_t taken = 0, refused = 0;
  const auto check = [&](const std::string& raw) {
    const base::Result<Message> message = HealthAdapter().Read(raw);
    ++(message.ok() ? taken : refused);
    if (message.ok()) {
      EXPECT_EQ(base::WriteJson(message->record).find("\\u0000"), std::string::npos);
    }
    const std::string answer = AnswerTo(raw);
    EXPECT_EQ(answer.find('\0'), std::string::npos);
    EXPECT_EQ(answer.find('\x1c'), std::string::npos);
    if (!message.ok() && !answer.empty()) {
      EXPECT_NE(answer.find("\rERR"), std::string::npos);
    }
    static_cast<void>(HealthAdapter().ReadAnswer(raw));
    static_cast<void>(SplitV2Batch(raw));
  };
  for (const char* name : {"new_elder", "new_elder_gb18030", "escapes_nulls_and_leftovers"}) {
    const std::string raw = ReadText("mapping/health/ADT_A01/" + std::string(name) + "/in.hl7");
    for (size_t size = 0; size < raw.size(); ++size) check(raw.substr(0, size));
    for (size_t at = 0; at < raw.size(); ++at) {
      for (const char byte : {'\0', '|', '^', '~', '&', '\\', '\r', '\n', '9', '\x80', '\xff', '\x1c'}) {
        std::string changed = raw;
        changed[at] = byte;
        check(changed);
      }
    }
  }
  EXPECT_GT(taken, 1'000u);
  EXPECT_GT(refused, 1'000u);
}

TEST(V2, NoiseIsAnswered) {
  std::mt19937 random(3);
  constexpr std::string_view kBytes = "|^~&\\\r\nMSHPIDAV10\x81\xd5\xe6\0 ";
  for (int round = 0; round < 3'000; ++round) {
    std::string raw = round % 3 == 0 ? "" : "MSH|^~\\&|";
    for (size_t size = random() % 300; size > 0; --size) raw += kBytes[random() % kBytes.size()];
    const std::string answer = AnswerTo(raw);
    EXPECT_EQ(answer.find('\0'), std::string::npos);
    const base::Result<V2Message> message = V2Message::Parse(raw, Charset::kGb18030);
    if (message.ok()) static_cast<void>(message->Encode());
  }
}

}  // namespace
}  // namespace heyi::adapters
