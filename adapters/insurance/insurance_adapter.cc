// Medical insurance (医保): the national envelope of designated institutions, in which Heyi stands in the bureau's place.
//
//   message  {infno, msgid, …, cainfo, signtype, inf_time, fixmedins_code, …, input}
//            cainfo, where it is not empty, = SM3 in hex over the exact bytes of the value of `input` as sent
//   answer   {infcode, inf_refmsgid, refmsg_time, respond_time, enctype, signtype, cainfo, err_msg, warn_msg, output}
//            infcode 0 done, -1 refused; cainfo = SM3 over the exact bytes of `output` where there is one
//
// A message that is *kept* (durable, but waiting for a reviewer) is answered with infcode 0 and a warn_msg that says
// so. A hospital system knows two answers only: at -1 it rolls its own booking back and sends again, and again, which
// is what must not happen to a message that is stored already; at 0 it goes on, and shows warn_msg to its operator.
// For that the answer needs its output: the number of a visit is issued even for a kept admission (docs/mapping.md).
#include <fmt/format.h>

#include "adapters/envelope.h"
#include "adapters/message.h"
#include "adapters/times.h"
#include "base/digest.h"

namespace heyi::adapters {
namespace {

constexpr EnvelopeForm kForm{.department = "insurance", .type = "infno", .id = "msgid", .sender = "fixmedins_code",
                             .sent = "inf_time", .record = "input"};
constexpr size_t kReferenceChars = 30;
constexpr std::string_view kHubArea = "000000";  // of an answer to a message whose area could not be read

void CheckDigest(std::string_view raw, const base::JsonValue& envelope, base::Outcome& outcome) {
  const std::string_view sent = envelope.StringAt("cainfo");
  if (sent.empty()) return;
  if (envelope.StringAt("signtype") == "SM2") {
    outcome.Add("adapter.signature-type", "signtype", "SM2");
  } else if (!IsSameDigest(sent, Sm3Hex(BytesOf(raw, envelope["input"])))) {
    outcome.Add("adapter.digest", "cainfo", "input");
  }
}

bool IsDigits(std::string_view text, size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// 30 characters: area (6), time (14), sequence (10). One that has this form already is taken as it is; else the
// sequence is derived from it, so that the same answer keeps the same number.
std::string ReferenceId(const Acknowledgement& ack, std::string_view area) {
  if (IsDigits(ack.ref_message_id, kReferenceChars)) return ack.ref_message_id;
  return fmt::format("{}{}{:010}", IsDigits(area, 6) ? area : kHubArea, FormatCompactSeconds(ack.answered_ms),
                     base::Hash64(ack.ref_message_id) % 10'000'000'000u);
}

base::JsonValue Text(std::string_view text) { return base::JsonValue::OfString(text); }

base::Error NotAnAnswer(std::string_view member) {
  return base::Error(base::ErrorKind::kMalformed, "adapter.answer", std::string(member));
}

// Some gateways wrap the answer: {"code":0,"type":"success","message":…,"data":{the answer}}.
const base::JsonValue& Unwrapped(const base::JsonValue& answer) {
  const base::JsonValue& inner = answer["data"];
  return answer.Find("infcode") == nullptr && inner.is_object() ? inner : answer;
}

class Insurance final : public Adapter {
 public:
  std::string_view department() const override { return kForm.department; }

  base::Result<Message> Read(std::string_view raw) const override { return ReadMessage(kForm, raw, CheckDigest); }

  std::string Answer(std::string_view raw, const Message* message, const Acknowledgement& ack) const override {
    const base::Result<base::JsonValue> envelope = message != nullptr ? message->envelope : ParseEnvelope(raw);
    const bool refused = IsRefusal(ack);
    const std::string reasons = ExplainInChinese(ack.outcome, department(), TextIn(envelope, "infno"));
    const bool has_output = !refused && !ack.output.is_null();
    base::JsonValue answer = base::JsonValue::Object();
    answer.Set("infcode", base::JsonValue::OfInteger(refused ? -1 : 0));
    answer.Set("inf_refmsgid", Text(ReferenceId(ack, TextIn(envelope, "mdtrtarea_admvs"))));
    answer.Set("refmsg_time", Text(FormatCompactMillis(ack.received_ms)));
    answer.Set("respond_time", Text(FormatCompactMillis(ack.answered_ms)));
    answer.Set("enctype", Text(""));
    answer.Set("signtype", Text(has_output ? "SM3" : ""));
    answer.Set("cainfo", Text(has_output ? Sm3Hex(base::WriteJson(ack.output)) : std::string()));
    answer.Set("err_msg", Text(refused ? "FSI-" + ErrorOf(ack, reasons) : std::string()));
    answer.Set("warn_msg", Text(WarningOf(ack, reasons)));
    answer.Set("output", has_output ? ack.output : base::JsonValue());
    return base::WriteJson(answer);
  }

  std::string Write(const Outgoing& outgoing) const override {
    const std::string area = outgoing.area_code.substr(0, 6);
    base::JsonValue envelope = base::JsonValue::Object();
    envelope.Set("infno", Text(outgoing.type));
    envelope.Set("msgid", Text(outgoing.id));
    envelope.Set("mdtrtarea_admvs", Text(area));
    envelope.Set("insuplc_admdvs", Text(area));
    envelope.Set("recer_sys_code", Text("FSI"));
    envelope.Set("dev_no", Text(""));
    envelope.Set("dev_safe_info", Text(""));
    envelope.Set("cainfo", Text(Sm3Hex(base::WriteJson(outgoing.record))));
    envelope.Set("signtype", Text("SM3"));
    envelope.Set("infver", Text("V1.0"));
    envelope.Set("opter_type", Text("1"));
    envelope.Set("opter", Text("HEYI"));
    envelope.Set("opter_name", Text("和颐"));
    envelope.Set("inf_time", Text(FormatDateTime(outgoing.now_ms)));
    envelope.Set("fixmedins_code", Text(outgoing.sender));
    envelope.Set("fixmedins_name", Text("和颐"));
    envelope.Set("sign_no", Text(""));
    envelope.Set("input", outgoing.record);
    return base::WriteJson(envelope);
  }

  base::Result<Acknowledgement> ReadAnswer(std::string_view raw) const override {
    const base::Result<base::JsonValue> parsed = ParseEnvelope(raw);
    if (!parsed.ok()) return NotAnAnswer("");
    const base::JsonValue& answer = Unwrapped(parsed.value());
    const std::string_view code = answer.StringAt("infcode");
    if (code != "0" && code != "-1") return NotAnAnswer("infcode");
    const std::string_view sent = answer.StringAt("cainfo");
    const base::JsonValue& output = answer["output"];
    if (!sent.empty() && answer.StringAt("signtype") == "SM3" && output.is_object() &&
        !IsSameDigest(sent, Sm3Hex(BytesOf(raw, output)))) {
      return NotAnAnswer("cainfo");
    }
    Acknowledgement ack;
    ack.verdict = code == "0" ? Verdict::kTaken : Verdict::kRefused;
    ack.output = output;
    ack.ref_message_id = answer.StringAt("inf_refmsgid");
    ack.received_ms = ParseCompactMillis(answer.StringAt("refmsg_time")).value_or(0);
    ack.answered_ms = ParseCompactMillis(answer.StringAt("respond_time")).value_or(0);
    if (ack.verdict == Verdict::kRefused) ack.outcome.Add("adapter.refused-there", {}, answer.StringAt("err_msg"));
    if (const std::string_view warning = answer.StringAt("warn_msg"); !warning.empty()) {
      ack.outcome.Add("adapter.warned-there", {}, warning);
    }
    return ack;
  }

 private:
  // A hospital system knows two answers: what was not taken is a refusal, too.
  static bool IsRefusal(const Acknowledgement& ack) { return ack.verdict == Verdict::kRefused || ack.verdict == Verdict::kNotTaken; }
  static std::string ErrorOf(const Acknowledgement& ack, const std::string& reasons) {
    if (ack.verdict == Verdict::kNotTaken) return "报文未能留存，请稍后原样重发";
    return reasons.empty() ? std::string("报文被拒收") : reasons;
  }
  static std::string WarningOf(const Acknowledgement& ack, const std::string& reasons) {
    if (IsRefusal(ack)) return {};
    if (ack.verdict == Verdict::kTaken) return reasons;
    return "已留存待核，请勿重发" + (reasons.empty() ? std::string() : "：" + reasons);
  }
};

}  // namespace

const Adapter& InsuranceAdapter() {
  static const Insurance adapter;
  return adapter;
}

}  // namespace heyi::adapters
