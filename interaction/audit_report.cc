// Patient/<id>/$audit-report: who exchanged what about this elder, when, for which purpose, in words for an auditor.
#include "base/digest.h"
#include "base/json/value.h"
#include "interaction/audit_report.h"
#include "interaction/parameters_json.h"

namespace heyi::interaction {
namespace {

using base::JsonValue;

constexpr size_t kReportEntriesMax = 10'000;

class AuditReport : public Operation {
 public:
  std::string_view name() const override { return "audit-report"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/audit-report"; }
  std::string_view type() const override { return "Patient"; }
  unsigned levels() const override { return static_cast<unsigned>(Level::kInstance); }
  bool changes() const override { return false; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    const std::string elder = "Patient/" + call.id;
    audit::TrailQuery query;
    query.elder = base::Hash64(elder);
    query.limit = kReportEntriesMax;
    const audit::Trail& trail = plan.services().trail;
    HEYI_TRY(entries, trail.Find(query));
    HEYI_TRY(heads, trail.Heads());
    JsonValue list = JsonValue::Array();
    list.Append(Parameter("report", "valueString", JsonValue::OfString(audit::RenderReport(entries, heads, elder))));
    list.Append(Parameter("events", "valueInteger", JsonValue::OfInteger(static_cast<int64_t>(entries.size()))));
    JsonValue answer = JsonValue::Object();
    answer.Set("resourceType", JsonValue::OfString("Parameters"));
    answer.Set("parameter", std::move(list));
    return OperationAnswer{base::WriteJson(answer), 200};
  }
};

}  // namespace

std::unique_ptr<Operation> MakeAuditReport() { return std::make_unique<AuditReport>(); }

}  // namespace heyi::interaction
