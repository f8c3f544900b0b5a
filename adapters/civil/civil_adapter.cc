// Civil affairs (民政): our own JSON profile, as no public one exists. Grammar and examples: docs/mapping.md.
//
//   message  {msgType, msgId, sendTime, fromOrgUscc, areaCode, data, digest}
//            digest = SM3 in hex over the exact bytes of the value of `data` as sent
//   answer   {msgId, refMsgId, code, rule, message, digest}
//            code 0 taken, 1 refused: correct and send again, 2 kept: it is stored, do not send it again,
//            3 not taken: it could not be stored, send the same bytes again later
//            digest = SM3 in hex over the UTF-8 values msgId, refMsgId, code, rule and message, joined by one line
//            feed (U+000A) each. Values, not bytes: whoever re-indents or re-escapes the answer can still check it, and
//            none of the five ever contains a line feed.
#include <fmt/format.h>

#include "adapters/envelope.h"
#include "adapters/message.h"
#include "adapters/times.h"

namespace heyi::adapters {
namespace {

constexpr EnvelopeForm kForm{.department = "civil-affairs", .type = "msgType", .id = "msgId", .sender = "fromOrgUscc",
                             .sent = "sendTime", .record = "data"};

void CheckDigest(std::string_view raw, const base::JsonValue& envelope, base::Outcome& outcome) {
  const std::string_view sent = envelope.StringAt("digest");
  if (!sent.empty() && !IsSameDigest(sent, Sm3Hex(BytesOf(raw, envelope["data"])))) {
    outcome.Add("adapter.digest", "digest", "data");
  }
}

std::string_view OpeningOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken: return "已接收并入库";
    case Verdict::kRefused: return "报文被拒收，请更正后重新发送";
    case Verdict::kKept: return "报文已留存待核，请勿重发";
    case Verdict::kNotTaken: return "报文未能留存，请稍后原样重发";
  }
  return {};
}

std::string AnswerDigest(std::string_view id, std::string_view answered, std::string_view code, std::string_view rule,
                         std::string_view message) {
  return Sm3Hex(fmt::format("{}\n{}\n{}\n{}\n{}", id, answered, code, rule, message));
}

base::Error NotAnAnswer(std::string_view member) {
  return base::Error(base::ErrorKind::kMalformed, "adapter.answer", std::string(member));
}

class Civil final : public Adapter {
 public:
  std::string_view department() const override { return kForm.department; }

  base::Result<Message> Read(std::string_view raw) const override { return ReadMessage(kForm, raw, CheckDigest); }

  std::string Answer(std::string_view raw, const Message* message, const Acknowledgement& ack) const override {
    const base::Result<base::JsonValue> envelope = message != nullptr ? message->envelope : ParseEnvelope(raw);
    const std::string_view answered = TextIn(envelope, "msgId");
    const std::string rule = ack.verdict == Verdict::kTaken ? std::string() : RuleOf(ack.outcome);
    std::string text(OpeningOf(ack.verdict));
    if (!ack.outcome.empty()) {
      text += (ack.verdict == Verdict::kTaken ? "。提示：" : "。") + ExplainInChinese(ack.outcome, department(), TextIn(envelope, "msgType"));
    }
    base::JsonValue answer = base::JsonValue::Object();
    answer.Set("msgId", base::JsonValue::OfString(ack.ref_message_id));
    answer.Set("refMsgId", base::JsonValue::OfString(answered));
    answer.Set("code", base::JsonValue::OfNumber(std::string(CodeOf(ack.verdict))));
    answer.Set("rule", base::JsonValue::OfString(rule));
    answer.Set("message", base::JsonValue::OfString(text));
    answer.Set("digest", base::JsonValue::OfString(AnswerDigest(ack.ref_message_id, answered, CodeOf(ack.verdict), rule, text)));
    return base::WriteJson(answer);
  }

  std::string Write(const Outgoing& outgoing) const override {
    const std::string data = base::WriteJson(outgoing.record);
    base::JsonValue envelope = base::JsonValue::Object();
    envelope.Set("msgType", base::JsonValue::OfString(outgoing.type));
    envelope.Set("msgId", base::JsonValue::OfString(outgoing.id));
    envelope.Set("sendTime", base::JsonValue::OfString(FormatDateTime(outgoing.now_ms)));
    envelope.Set("fromOrgUscc", base::JsonValue::OfString(outgoing.sender));
    envelope.Set("areaCode", base::JsonValue::OfString(outgoing.area_code));
    envelope.Set("data", outgoing.record);
    envelope.Set("digest", base::JsonValue::OfString(Sm3Hex(data)));
    return base::WriteJson(envelope);  // writes `data` byte for byte as it was hashed
  }

  base::Result<Acknowledgement> ReadAnswer(std::string_view raw) const override {
    const base::Result<base::JsonValue> parsed = ParseEnvelope(raw);
    if (!parsed.ok()) return NotAnAnswer("");
    const base::JsonValue& answer = parsed.value();
    Acknowledgement ack;
    const std::string_view code = answer.StringAt("code");
    if (code == "0") {
      ack.verdict = Verdict::kTaken;
    } else if (code == "1") {
      ack.verdict = Verdict::kRefused;
    } else if (code == "2") {
      ack.verdict = Verdict::kKept;
    } else if (code == "3") {
      ack.verdict = Verdict::kNotTaken;
    } else {
      return NotAnAnswer("code");
    }
    if (!answer["refMsgId"].is_string()) return NotAnAnswer("refMsgId");
    const std::string_view sent = answer.StringAt("digest");
    if (!sent.empty() && !IsSameDigest(sent, AnswerDigest(answer.StringAt("msgId"), answer.StringAt("refMsgId"), code,
                                                         answer.StringAt("rule"), answer.StringAt("message")))) {
      return NotAnAnswer("digest");
    }
    ack.ref_message_id = answer.StringAt("msgId");
    if (ack.verdict == Verdict::kRefused) ack.outcome.Add("adapter.refused-there", {}, answer.StringAt("message"));
    if (ack.verdict == Verdict::kKept) ack.outcome.Add("adapter.kept-there", {}, answer.StringAt("message"));
    return ack;
  }
};

}  // namespace

const Adapter& CivilAdapter() {
  static const Civil adapter;
  return adapter;
}

}  // namespace heyi::adapters
