#include "adapters/envelope.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/limits.h"
#include "adapters/logical_model.h"
#include "adapters/times.h"
#include "base/digest.h"

namespace heyi::adapters {
namespace {

// At most `count` characters of UTF-8.
std::string_view FirstCharacters(std::string_view text, size_t count) {
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80 && count-- == 0) return text.substr(0, i);
  }
  return text;
}

// "input.diseinfo[2].diag_code" -> "diseinfo[].diag_code"
std::string ModelPath(std::string_view expression) {
  std::string path;
  bool inside = false;
  for (char c : expression.substr(expression.find('.') + 1)) {
    if (c == '[') path += c;
    if (c == ']') path += c;
    if (c == '[' || c == ']') {
      inside = c == '[';
    } else if (!inside) {
      path += c;
    }
  }
  return path;
}

std::string_view ChineseNameOf(std::string_view expression, std::string_view department, std::string_view type) {
  const bool in_record = expression.find('.') != std::string_view::npos;
  const LogicalModel* model = FindModel(department, in_record ? type : kEnvelopeModel);
  if (model == nullptr) return {};
  const Field* field = model->Find(in_record ? ModelPath(expression) : std::string(expression));
  return field == nullptr ? std::string_view() : std::string_view(field->chinese);
}

}  // namespace

base::Result<base::JsonValue> ParseEnvelope(std::string_view raw) {
  if (raw.size() > kMessageBytesMax) {
    return base::Error(base::ErrorKind::kTooLarge, "adapter.too-large", {}, fmt::format("{}", kMessageBytesMax));
  }
  const base::JsonLimits limits{.depth_max = kMessageDepthMax, .values_max = kMessageValuesMax};
  base::Result<base::JsonValue> envelope = base::ParseJson(std::string(raw), limits);
  if (envelope.ok() && !envelope->is_object()) {
    return base::Error(base::ErrorKind::kMalformed, "adapter.kind", {}, "object");
  }
  return envelope;
}

std::string_view BytesOf(std::string_view raw, const base::JsonValue& value) {
  return raw.substr(value.begin(), value.end() - value.begin());
}

std::string Sm3Hex(std::string_view bytes) { return base::ToHex(base::Sm3(bytes)); }

bool IsSameDigest(std::string_view sent, std::string_view computed) {
  std::string lower(sent);
  for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  return base::EqualInConstantTime(lower, computed);
}

base::Result<Message> ReadMessage(const EnvelopeForm& form, std::string_view raw,
                                  void (*check_digest)(std::string_view, const base::JsonValue&, base::Outcome&)) {
  HEYI_TRY(envelope, ParseEnvelope(raw));
  base::Outcome outcome;
  FindModel(form.department, kEnvelopeModel)->Check(envelope, "", outcome);
  const base::JsonValue& record = envelope[form.record];
  if (record.is_object()) check_digest(raw, envelope, outcome);

  const std::string type(envelope.StringAt(form.type));
  const LogicalModel* model = type.find('.') == std::string::npos && type != kEnvelopeModel ? FindModel(form.department, type) : nullptr;
  if (model == nullptr && !type.empty()) {
    return base::Error(base::ErrorKind::kUnsupported, "adapter.unknown-type", std::string(form.type), type);
  }
  if (model != nullptr && record.is_object()) model->Check(record, form.record, outcome);
  if (outcome.HasErrors()) return base::Error(base::ErrorKind::kMalformed, std::move(outcome));

  Message message;
  message.department = form.department;
  message.type = type;
  message.sender = NormalText(envelope[form.sender], FindModel(form.department, kEnvelopeModel)->Find(form.sender)->kind);
  message.id = envelope.StringAt(form.id);
  message.sent_ms = ParseDateTime(NormalText(envelope[form.sent], FieldKind::kDateTime));
  message.record = record;
  message.record_path = form.record;
  message.envelope = std::move(envelope);
  return message;
}

std::string ExplainInChinese(const base::Outcome& outcome, std::string_view department, std::string_view type) {
  // What has to be mended comes before what is advised.
  std::vector<base::Issue> issues = outcome.issues();
  std::stable_sort(issues.begin(), issues.end(), [](const base::Issue& a, const base::Issue& b) { return a.severity < b.severity; });
  std::string text;
  size_t told = 0;
  for (const base::Issue& issue : issues) {
    if (told++ == kReasonsToldMax) break;
    if (!text.empty()) text += "；";
    if (!issue.expression.empty()) {
      const std::string_view name = ChineseNameOf(issue.expression, department, type);
      text += name.empty() ? issue.expression : fmt::format("{}({})", name, issue.expression);
      text += "：";
    }
    text += base::ChineseText(issue);
  }
  if (issues.size() > kReasonsToldMax) text += fmt::format("；共{}处", issues.size());
  for (char& c : text) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return std::string(FirstCharacters(text, kReasonCharsMax));
}

std::string RuleOf(const base::Outcome& outcome) {
  for (const base::Issue& issue : outcome.issues()) {
    if (issue.severity <= base::Severity::k_error) return issue.rule;
  }
  return outcome.empty() ? std::string() : outcome.issues().front().rule;
}

std::string_view CodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kTaken: return "0";
    case Verdict::kRefused: return "1";
    case Verdict::kKept: return "2";
    case Verdict::kNotTaken: return "3";
  }
  return "1";
}

std::string_view TextIn(const base::Result<base::JsonValue>& envelope, std::string_view member) {
  return envelope.ok() ? envelope.value().StringAt(member) : std::string_view();
}

const Adapter* AdapterOf(std::string_view department) {
  for (const Adapter* adapter : {&CivilAdapter(), &HealthAdapter(), &CdaAdapter(), &InsuranceAdapter()}) {
    if (adapter->department() == department) return adapter;
  }
  return nullptr;
}

}  // namespace heyi::adapters
