// Health (卫健): shared documents of WS/T 500, HL7 CDA R2. Read leniently, as they are written; what is not understood
// stays in the document, which is kept whole. Grammar of the record: models.tsv and docs/mapping.md.
//
//   message  the document itself, XML. Its type is the document's code (C0001 … C0053), by which it is mapped; a code
//            that does not fit the templateId makes the type "C0053@<templateId>", for which there is no map, so that
//            such a document is kept and answered as refused
//   refused  unread: XML that is broken, with a DOCTYPE or a stylesheet; documents about more or less than one person, or
//            with the person's or the document's own number under another OID; no number, type or organization at all
//   answer   {msgId, documentId, documentType, code, rule, message}
//            code 0 taken, 1 refused: correct and send again, 2 kept: it is stored, do not send it again,
//            3 not taken: it could not be stored, send the same bytes again later
#include <fmt/format.h>

#include <algorithm>

#include "adapters/envelope.h"
#include "adapters/health/cda/document.h"
#include "adapters/health/cda/limits.h"
#include "adapters/health/cda/record.h"
#include "adapters/health/cda/write.h"
#include "adapters/limits.h"
#include "adapters/logical_model.h"
#include "adapters/message.h"
#include "adapters/times.h"
#include "base/text.h"

namespace heyi::adapters {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr std::string_view kDepartment = "health-cda";
constexpr std::string_view kRecordPath = "cda";

// The numbers that make the message's key: printable ASCII, and no sign that parts keys.
void CheckKey(std::string_view field, std::string_view text, base::Outcome& outcome) {
  const std::string expression = fmt::format("{}.{}", kRecordPath, field);
  if (text.empty()) {
    outcome.Add("adapter.required", expression);
  } else if (text.size() > kCdaIdCharsMax) {
    outcome.Add("adapter.length", expression, fmt::format("{}", kCdaIdCharsMax));
  } else if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c >= 0x7f || c == '/'; })) {
    outcome.Add("adapter.ascii", expression, text);
  }
}

// 1 … 53 of C0001 … C0053; 0 of anything else.
uint64_t NumberOf(std::string_view code) {
  uint64_t number = 0;
  if (code.size() != 5 || code[0] != 'C' || !base::ParseUnsigned(code.substr(1), &number)) return 0;
  return number <= kCdaTypes ? number : 0;
}

// The type by the document's code and, where it has none, its template.
std::string TypeOf(const JsonValue& record) {
  std::string code(record.StringAt("documentType"));
  for (char& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const std::string_view root = record.StringAt("templateId");
  uint64_t number = 0;
  const bool known = root.starts_with(kCdaTemplates) && base::ParseUnsigned(root.substr(kCdaTemplates.size()), &number) &&
                     number > kCdaTemplateOffset && number <= kCdaTemplateOffset + kCdaTypes;
  const std::string by_template = known ? fmt::format("C{:04}", number - kCdaTemplateOffset) : std::string();
  if (code.empty() || root.empty()) return code.empty() ? by_template : code;
  return code == by_template || NumberOf(code) == 0 ? code : fmt::format("{}@{}", code, root);
}

std::string_view DocumentOpeningOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken: return "文档已接收并入库";
    case Verdict::kRefused: return "文档被拒收，请更正后重新发送";
    case Verdict::kKept: return "文档已留存待核，请勿重发";
    case Verdict::kNotTaken: return "文档未能留存，请稍后原样重发";
  }
  return {};
}

class Cda final : public Adapter {
 public:
  std::string_view department() const override { return kDepartment; }

  base::Result<Message> Read(std::string_view raw) const override {
    HEYI_TRY(document, CdaDocument::Parse(raw));
    base::Outcome outcome;
    Message message;
    message.department = kDepartment;
    message.record_path = kRecordPath;
    message.record = JsonValue::Object();
    ReadCdaHeader(document, message.record, outcome);
    ReadCdaBody(document, message.record, outcome);
    message.id = message.record.StringAt("documentId");
    message.type = TypeOf(message.record);
    for (std::string_view field : {"custodianId", "authorOrganizationId", "providerId"}) {
      if (message.sender.empty()) message.sender = message.record.StringAt(field);
    }
    CheckKey("documentId", message.id, outcome);
    CheckKey("documentType", message.type, outcome);
    CheckKey("custodianId", message.sender, outcome);
    if (outcome.HasErrors()) return Error(ErrorKind::kMalformed, std::move(outcome));
    std::string sent = NormalText(message.record["effectiveTime"], FieldKind::kTimestamp);
    if (sent.size() == 10) sent += " 00:00:00";
    message.sent_ms = ParseDateTime(sent);
    message.envelope = JsonValue::Object();
    message.envelope.Set("documentId", message.record["documentId"]);
    return message;
  }

  std::string Answer(std::string_view raw, const Message* message, const Acknowledgement& ack) const override {
    JsonValue record = JsonValue::Object();
    if (message != nullptr) {
      record = message->record;
    } else if (const base::Result<CdaDocument> document = CdaDocument::Parse(raw); document.ok()) {
      base::Outcome known;
      ReadCdaHeader(*document, record, known);
    }
    std::string text(DocumentOpeningOf(ack.verdict));
    if (!ack.outcome.empty()) {
      text += (ack.verdict == Verdict::kTaken ? "。提示：" : "。") + ExplainInChinese(ack.outcome, department(), "C0001");
    }
    JsonValue answer = JsonValue::Object();
    answer.Set("msgId", JsonValue::OfString(ack.ref_message_id));
    answer.Set("documentId", JsonValue::OfString(record.StringAt("documentId")));
    answer.Set("documentType", JsonValue::OfString(record.StringAt("documentType")));
    answer.Set("code", JsonValue::OfNumber(std::string(CodeOf(ack.verdict))));
    answer.Set("rule", JsonValue::OfString(ack.verdict == Verdict::kTaken ? std::string() : RuleOf(ack.outcome)));
    answer.Set("message", JsonValue::OfString(text));
    return base::WriteJson(answer);
  }

  // The record as a document, its other details as WS/T 500 wants them. `outgoing.sender` keeps it where the record
  // names no custodian.
  std::string Write(const Outgoing& outgoing) const override { return WriteCda(outgoing); }

  base::Result<Acknowledgement> ReadAnswer(std::string_view raw) const override {
    const base::Result<JsonValue> parsed = ParseEnvelope(raw);
    if (!parsed.ok() || !(*parsed)["documentId"].is_string()) return Error(ErrorKind::kMalformed, "adapter.answer", "documentId");
    constexpr Verdict kVerdicts[] = {Verdict::kTaken, Verdict::kRefused, Verdict::kKept, Verdict::kNotTaken};
    uint64_t code = 0;
    if (!base::ParseUnsigned(parsed->StringAt("code"), &code) || code >= std::size(kVerdicts)) {
      return Error(ErrorKind::kMalformed, "adapter.answer", "code");
    }
    Acknowledgement ack;
    ack.verdict = kVerdicts[code];
    ack.ref_message_id = parsed->StringAt("msgId");
    if (ack.verdict == Verdict::kRefused) ack.outcome.Add("adapter.refused-there", {}, parsed->StringAt("message"));
    if (ack.verdict == Verdict::kKept) ack.outcome.Add("adapter.kept-there", {}, parsed->StringAt("message"));
    return ack;
  }
};

}  // namespace

const Adapter& CdaAdapter() {
  static const Cda adapter;
  return adapter;
}

}  // namespace heyi::adapters
