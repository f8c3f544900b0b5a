#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/envelope.h"
#include "adapters/limits.h"
#include "adapters/logical_model.h"
#include "adapters/message.h"
#include "base/file.h"
#include "base/rules.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::JsonValue;

std::string ReadText(const std::string& path) {
  base::Result<std::string> text = base::ReadFile(std::string(HEYI_SOURCE_DIR "/tests/data/") + path);
  if (text.ok()) return std::move(*text);
  ADD_FAILURE() << path;
  return {};
}

std::string Good(std::string_view department, std::string_view type) {
  const std::string_view name = type == "ORG" ? "full" : type == "BED_REFERRAL" ? "accepted" : type == "1101" ? "known"
                              : type == "2401" ? "admission" : type == "2402" ? "discharge" : "new";
  return ReadText("mapping/" + std::string(department) + "/" + std::string(type) + "/" + std::string(name) + "/in.json");
}

std::string Lines(const base::Outcome& outcome) {
  std::string lines;
  for (const base::Issue& issue : outcome.issues()) lines += (lines.empty() ? "" : ", ") + issue.rule + " @ " + issue.expression;
  return lines.empty() ? "-" : lines;
}

// The message with one member set or left out, and its digest made to fit unless it is the digest that was changed.
std::string Changed(const std::string& raw, std::string_view pointer, std::string_view value) {
  JsonValue envelope = *base::ParseJson(raw);
  const std::vector<std::string_view> names = base::Split(pointer.substr(1), '/');
  std::vector<JsonValue*> way = {&envelope};
  for (size_t i = 0; i + 1 < names.size(); ++i) way.push_back(way.back()->Find(names[i]));
  JsonValue below = JsonValue::Object();
  for (const auto& [name, member] : way.back()->members()) {
    if (name != names.back()) below.Set(name, member);
  }
  if (value != "-") below.Set(names.back(), *base::ParseJson(std::string(value)));
  *way.back() = std::move(below);
  for (const auto& [record, digest] : {std::pair("data", "digest"), std::pair("input", "cainfo")}) {
    const bool touched = names.front() == digest;
    if (!touched && envelope.Find(record) != nullptr && envelope.Find(digest) != nullptr) {
      envelope.Set(digest, JsonValue::OfString(Sm3Hex(base::WriteJson(envelope[record]))));
    }
  }
  return base::WriteJson(envelope);
}

TEST(Adapters, OneFieldChanged) {
  size_t rows = 0;
  const std::string table = ReadText("adapters/fields.tsv");
  for (std::string_view line : base::Split(table, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> columns = base::Split(line, '\t');
    ASSERT_EQ(columns.size(), 5u) << line;
    const Adapter* adapter = AdapterOf(columns[0]);
    ASSERT_NE(adapter, nullptr);
    const std::string raw = Changed(Good(columns[0], columns[1]), columns[2], columns[3]);
    const base::Result<Message> message = adapter->Read(raw);
    EXPECT_EQ(message.ok() ? "-" : Lines(message.error().outcome), columns[4]) << line;
    if (!message.ok()) {
      const bool unknown = columns[4].starts_with("adapter.unknown-type");
      EXPECT_EQ(message.error().kind, unknown ? base::ErrorKind::kUnsupported : base::ErrorKind::kMalformed) << line;
    }
    ++rows;
  }
  EXPECT_GT(rows, 60u);
}

TEST(Adapters, EnvelopeIsRead) {
  const std::string raw = Good("insurance", "2401");
  const base::Result<Message> message = InsuranceAdapter().Read(raw);
  ASSERT_TRUE(message.ok()) << Lines(message.error().outcome);
  EXPECT_EQ(message->department, "insurance");
  EXPECT_EQ(message->type, "2401");
  EXPECT_EQ(message->sender, "H31019900001");
  EXPECT_EQ(message->id, "H31019900001202603020915000004");
  EXPECT_EQ(message->sent_ms, 1'772'414'100'000);
  EXPECT_EQ(message->record_path, "input");
  EXPECT_EQ(raw.substr(message->record.begin(), message->record.end() - message->record.begin()), base::WriteJson(message->record));
}

// The digest is over the bytes as sent, however they are spaced and escaped, and wherever a byte-order mark shifts them.
TEST(Adapters, DigestCoversTheBytesAsSent) {
  const std::string data = "{ \"id\" : \"7\",\n  \"name\":\"\\u6c88\" }";
  const std::string head = R"({"msgType":"ELDER","msgId":"1","sendTime":"2026-03-02 08:30:00","fromOrgUscc":"52310199MJ00000016","areaCode":"310199001","data": )";
  const std::string tail = " , \"digest\":\"" + Sm3Hex(data) + "\"}";
  EXPECT_TRUE(CivilAdapter().Read(head + data + tail).ok());
  EXPECT_TRUE(CivilAdapter().Read("\xef\xbb\xbf" + head + data + tail).ok());
  std::string other = data;
  other.insert(1, " ");
  const base::Result<Message> changed = CivilAdapter().Read(head + other + tail);
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(Lines(changed.error().outcome), "adapter.digest @ digest");
}

TEST(Adapters, WhatIsWrittenCanBeRead) {
  for (const auto& [department, type] : {std::pair("civil-affairs", "BED"), std::pair("civil-affairs", "BED_REFERRAL"),
                                         std::pair("insurance", "2402")}) {
    const Adapter& adapter = *AdapterOf(department);
    const Message good = *adapter.Read(Good(department, type));
    const std::string sender = std::string(department) == "insurance" ? "H31019900001" : "52310199MJ00000016";
    const std::string written = adapter.Write({type, "HY-77", sender, "310199001", 1'772'414'100'123, good.record});
    const base::Result<Message> back = adapter.Read(written);
    ASSERT_TRUE(back.ok()) << type << " " << Lines(back.error().outcome);
    EXPECT_EQ(back->id, "HY-77");
    EXPECT_EQ(back->type, type);
    EXPECT_EQ(back->sent_ms, 1'772'414'100'000);
    EXPECT_EQ(base::WriteJson(back->record), base::WriteJson(good.record));
  }
}

TEST(Adapters, AnswersAreRead) {
  base::Outcome why;
  why.Add("map.unknown-elder", "data.elderIdCard");
  const std::string raw = Good("civil-affairs", "BED_REFERRAL");
  for (const Verdict verdict : {Verdict::kTaken, Verdict::kRefused, Verdict::kKept, Verdict::kNotTaken}) {
    const Acknowledgement given{verdict, verdict == Verdict::kTaken ? base::Outcome() : why, {}, "HY-9", 1, 2};
    const std::string answer = CivilAdapter().Answer(raw, nullptr, given);
    const base::Result<Acknowledgement> got = CivilAdapter().ReadAnswer(answer);
    ASSERT_TRUE(got.ok()) << answer;
    EXPECT_EQ(got->verdict, verdict);
    EXPECT_EQ(got->ref_message_id, "HY-9");
    const JsonValue json = *base::ParseJson(answer);
    EXPECT_EQ(json.StringAt("refMsgId"), "REF-1");
    EXPECT_EQ(json.StringAt("rule"), verdict == Verdict::kTaken ? "" : "map.unknown-elder");
    if (verdict != Verdict::kTaken) {
      EXPECT_NE(json.StringAt("message").find("老人居民身份证号(data.elderIdCard)"), std::string_view::npos) << answer;
    }
    std::string changed = answer;
    changed.replace(changed.find("HY-9"), 4, "HY-8");
    EXPECT_FALSE(CivilAdapter().ReadAnswer(changed).ok()) << "the digest covers the ids";
  }
}

TEST(Adapters, InsuranceAnswers) {
  const std::string raw = Good("insurance", "2401");
  const Message message = *InsuranceAdapter().Read(raw);
  Acknowledgement taken{Verdict::kTaken, {}, *base::ParseJson(R"({"result":{"mdtrt_id":"310199G1"}})"), "HY-1", 1'772'414'100'123, 1'772'414'100'456};
  JsonValue answer = *base::ParseJson(InsuranceAdapter().Answer(raw, &message, taken));
  EXPECT_EQ(answer.StringAt("infcode"), "0");
  EXPECT_EQ(answer.StringAt("inf_refmsgid").size(), 30u);
  EXPECT_EQ(answer.StringAt("inf_refmsgid").substr(0, 20), "31019920260302091500");
  EXPECT_EQ(answer.StringAt("refmsg_time"), "20260302091500123");
  EXPECT_EQ(answer.StringAt("respond_time"), "20260302091500456");
  EXPECT_EQ(answer.StringAt("cainfo"), Sm3Hex(base::WriteJson(answer["output"])));

  base::Outcome why;
  why.Add("map.unknown-elder", "input.mdtrtinfo.psn_no");
  answer = *base::ParseJson(InsuranceAdapter().Answer(raw, &message, {Verdict::kRefused, why, taken.output, "HY-1", 1, 2}));
  EXPECT_EQ(answer.StringAt("infcode"), "-1");
  EXPECT_TRUE(answer["output"].is_null());
  EXPECT_EQ(answer.StringAt("err_msg"), "FSI-人员编号(input.mdtrtinfo.psn_no)：未查询到该人员信息，请先报送老人基本信息");

  // Kept: the sender must go on and must not send it again.
  answer = *base::ParseJson(InsuranceAdapter().Answer(raw, &message, {Verdict::kKept, why, taken.output, "HY-1", 1, 2}));
  EXPECT_EQ(answer.StringAt("infcode"), "0");
  EXPECT_EQ(answer["output"]["result"].StringAt("mdtrt_id"), "310199G1");
  EXPECT_TRUE(answer.StringAt("warn_msg").starts_with("已留存待核，请勿重发"));
  EXPECT_EQ(answer.StringAt("err_msg"), "");

  // A reference of the right form is kept.
  taken.ref_message_id = "310199202603020915000000000042";
  answer = *base::ParseJson(InsuranceAdapter().Answer(raw, &message, taken));
  EXPECT_EQ(answer.StringAt("inf_refmsgid"), taken.ref_message_id);
}

TEST(Adapters, ReadsAnswersAsTheyOccur) {
  const auto read = [](std::string_view text) { return InsuranceAdapter().ReadAnswer(text); };
  EXPECT_EQ(read(R"({"infcode":"0","output":null})")->verdict, Verdict::kTaken);
  EXPECT_EQ(read(R"({"infcode":0,"output":"text"})")->output.text(), "text");
  EXPECT_EQ(read(R"({"infcode":-1,"err_msg":"FSI-x"})")->verdict, Verdict::kRefused);
  EXPECT_EQ(read(R"({"infcode":-1,"err_msg":"FSI-x"})")->outcome.issues().at(0).detail, "FSI-x");
  EXPECT_EQ(read(R"({"code":0,"type":"success","message":null,"data":{"infcode":0,"output":{"a":1}}})")->output.StringAt("a"), "1");
  EXPECT_FALSE(read(R"({"infcode":0,"signtype":"SM3","cainfo":"00","output":{"a":1}})").ok());
  for (const char* wrong : {"", "[]", "{}", R"({"infcode":1})", R"({"infcode":null})", "<html>502</html>", R"({"infcode":[0]})"}) {
    EXPECT_FALSE(read(wrong).ok()) << wrong;
    EXPECT_FALSE(CivilAdapter().ReadAnswer(wrong).ok()) << wrong;
  }
}

TEST(Adapters, HostileInputIsRefused) {
  std::string deep(100'000, '['), wide = R"({"infno":"2401","input":{"diseinfo":[)";
  for (int i = 0; i < 600; ++i) wide += i == 0 ? "{}" : ",{}";
  wide += "]}}";
  for (const std::string& raw : {std::string(), std::string("null"), std::string("[]"), std::string("\xff\xfe{\0}", 5), deep,
                                 "{\"a\":" + deep, wide, std::string(kMessageBytesMax + 1, ' '), std::string("{\"infno\":{}}"),
                                 std::string("{\"msgType\":\"ELDER\",\"msgType\":\"BED\"}"), std::string("{\"infno\":\"2401\",\"input\":{}}x")}) {
    for (const Adapter* adapter : {&CivilAdapter(), &InsuranceAdapter()}) {
      const base::Result<Message> message = adapter->Read(raw);
      ASSERT_FALSE(message.ok());
      EXPECT_LE(message.error().outcome.issues().size(), kIssuesMax + 20);
      const std::string answer = adapter->Answer(raw, nullptr, {Verdict::kRefused, message.error().outcome, {}, "HY-1", 0, 0});
      EXPECT_TRUE(base::ParseJson(answer).ok());
      EXPECT_LT(answer.size(), 3'000u);
    }
  }
}

TEST(Adapters, EachAdapterHasItsDepartment) {
  EXPECT_EQ(AdapterOf("civil-affairs"), &CivilAdapter());
  EXPECT_EQ(AdapterOf("insurance"), &InsuranceAdapter());
  EXPECT_EQ(AdapterOf("health"), &HealthAdapter());
  EXPECT_EQ(AdapterOf("weather"), nullptr);
}

TEST(Models, EveryFieldIsNamedAndSound) {
  for (const auto& [department, type] : {std::pair("civil-affairs", "envelope"), std::pair("civil-affairs", "ORG"),
                                         std::pair("civil-affairs", "ELDER"), std::pair("civil-affairs", "BED"),
                                         std::pair("civil-affairs", "BED_REFERRAL"), std::pair("insurance", "envelope"),
                                         std::pair("insurance", "1101"), std::pair("insurance", "1101.output"),
                                         std::pair("insurance", "2401"), std::pair("insurance", "2402"), std::pair("health", "envelope"),
                                         std::pair("health", "ADT^A01"), std::pair("health", "ADT^A02"), std::pair("health", "ADT^A03"),
                                         std::pair("health", "ADT^A04"), std::pair("health", "ADT^A08"), std::pair("health", "ADT^A11"),
                                         std::pair("health", "ADT^A13"), std::pair("health", "ADT.output")}) {
    const LogicalModel* model = FindModel(department, type);
    ASSERT_NE(model, nullptr) << type;
    for (const Field& field : model->fields()) {
      EXPECT_FALSE(field.chinese.empty()) << field.path;
      EXPECT_EQ(model->Find(field.path), &field) << field.path << " stands twice";
      if (field.kind == FieldKind::kDecimal) {
        EXPECT_GT(field.length, field.decimals) << field.path;
      }
      const size_t dot = field.path.rfind('.');
      if (dot == std::string::npos) continue;
      std::string above = field.path.substr(0, dot);
      const bool in_list = above.ends_with("[]");
      if (in_list) above.resize(above.size() - 2);
      const Field* holder = model->Find(above);
      ASSERT_NE(holder, nullptr) << field.path;
      EXPECT_EQ(holder->kind, in_list ? FieldKind::kList : FieldKind::kObject) << field.path;
    }
  }
  EXPECT_EQ(FindModel("civil-affairs", "2401"), nullptr);
}

}  // namespace
}  // namespace heyi::adapters
