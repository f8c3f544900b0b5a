// Health (卫健): hospitals' HL7 v2 messages, each as it stands in one MLLP frame or one HTTP body. docs/mapping.md says
// how they are answered, adapters/health/models.tsv which of them are known. https://www.hl7.eu/HL7v2x/v25/std25/ch03.html
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/health/v2/acknowledgement.h"
#include "adapters/health/v2/character_set.h"
#include "adapters/health/v2/record.h"
#include "adapters/health/v2/syntax.h"
#include "adapters/health/v2/versions.h"
#include "adapters/health/v2/write.h"
#include "adapters/limits.h"
#include "adapters/logical_model.h"
#include "adapters/message.h"
#include "adapters/times.h"

namespace heyi::adapters {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr std::string_view kDepartment = "health";

// A value of the header by field and component, "" where it is absent; a field may be modelled as a value itself.
std::string HeaderText(const JsonValue& envelope, std::string_view field, std::string_view component) {
  const JsonValue& value = envelope["MSH"][field];
  return NormalText(value.is_object() ? value[component] : value, FieldKind::kText);
}

// Nowhere in a message, not even where nobody reads it.
void CheckNul(std::string_view raw, const V2Message& message, base::Outcome& outcome) {
  const size_t at = raw.find('\0');
  if (at == std::string_view::npos) return;
  std::string_view where;
  for (const V2Segment& segment : message.segments()) {
    if (segment.begin <= at) where = segment.name;
  }
  outcome.Add("adapter.control-character", fmt::format("{}.{}", kV2RecordPath, where));
}

class Health final : public Adapter {
 public:
  std::string_view media_type() const override { return "x-application/hl7-v2+er7"; }

  Health() : envelope_model_(*FindModel(kDepartment, kEnvelopeModel)), envelope_reader_(envelope_model_) {
    for (std::string_view type : kTypes) {
      const LogicalModel& model = *FindModel(kDepartment, type);
      kinds_.push_back({std::string(type), &model, std::make_unique<V2RecordReader>(model)});
    }
  }

  std::string_view department() const override { return kDepartment; }

  base::Result<Message> Read(std::string_view raw) const override {
    if (raw.size() > kMessageBytesMax) return Error(ErrorKind::kTooLarge, "adapter.too-large", {}, fmt::format("{}", kMessageBytesMax));
    base::Outcome outcome;
    const V2CharacterSet set = FindCharacterSet(raw, outcome);
    HEYI_TRY(parsed, V2Message::Parse(raw, set.charset));
    if (parsed.header().name != "MSH") return Error(ErrorKind::kMalformed, "v2.header");
    base::CharsetConverter converter(set.charset);
    Message message;
    message.envelope = envelope_reader_.ReadHeader(parsed, converter);
    envelope_model_.Check(message.envelope, "", outcome);
    const Kind* kind = KindOf(message.envelope, outcome);
    if (kind == nullptr) return Error(ErrorKind::kUnsupported, std::move(outcome));
    message.record = kind->reader->ReadBody(parsed, converter, outcome);
    kind->model->Check(message.record, kV2RecordPath, outcome);
    CheckNul(raw, parsed, outcome);
    if (outcome.HasErrors()) return Error(ErrorKind::kMalformed, std::move(outcome));

    message.department = kDepartment;
    message.type = kind->type;
    message.record_path = kV2RecordPath;
    message.id = HeaderText(message.envelope, "10", "1");
    message.sent_ms = ParseDateTime(NormalText(message.envelope["MSH"]["7"], FieldKind::kTimestamp));
    for (const auto& [field, component] : {std::pair("4", "1"), std::pair("4", "2"), std::pair("3", "1"), std::pair("3", "2")}) {
      if (message.sender.empty()) message.sender = HeaderText(message.envelope, field, component);
    }
    return message;
  }

  std::string Answer(std::string_view raw, const Message*, const Acknowledgement& ack) const override { return WriteV2Acknowledgement(raw, ack); }

  std::string Write(const Outgoing& outgoing) const override { return WriteV2Message(outgoing); }

  base::Result<Acknowledgement> ReadAnswer(std::string_view raw) const override { return ReadV2Acknowledgement(raw); }

 private:
  struct Kind {
    std::string type;
    const LogicalModel* model;
    std::unique_ptr<V2RecordReader> reader;
  };

  static constexpr std::string_view kTypes[] = {"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04", "ADT^A08", "ADT^A11", "ADT^A13", "ADT^A37", "ADT^A40"};

  // Of what kind a message is; null, with the reason in `outcome`, where we do not take it.
  const Kind* KindOf(const JsonValue& envelope, base::Outcome& outcome) const {
    const std::string version = HeaderText(envelope, "12", "1"), processing = HeaderText(envelope, "11", "1");
    const std::string type = HeaderText(envelope, "9", "1"), event = HeaderText(envelope, "9", "2");
    bool taken = !type.empty();
    if (!version.empty() && !IsV2Version(version)) {
      outcome.Add("v2.version", "MSH.12.1", version);
      taken = false;
    }
    if (!processing.empty() && processing != kV2ProcessingId) {
      outcome.Add("v2.processing-id", "MSH.11.1", processing);
      taken = false;
    }
    const std::string name = fmt::format("{}^{}", type, event);
    bool known_type = false;
    for (const Kind& kind : kinds_) {
      if (kind.type == name && taken) return &kind;
      known_type = known_type || kind.type == name || kind.type.starts_with(type + "^");
      if (kind.type == name) return nullptr;
    }
    if (type.empty()) return nullptr;
    if (known_type) {
      outcome.Add("v2.unknown-event", "MSH.9.2", name);
    } else {
      outcome.Add("adapter.unknown-type", "MSH.9.1", name);
    }
    return nullptr;
  }

  const LogicalModel& envelope_model_;
  const V2RecordReader envelope_reader_;
  std::vector<Kind> kinds_;
};

}  // namespace

const Adapter& HealthAdapter() {
  static const Health adapter;
  return adapter;
}

}  // namespace heyi::adapters
