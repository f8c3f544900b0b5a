#include "exchange/lineage/operation.h"

#include "base/json/value.h"
#include "exchange/lineage/trace.h"
#include "interaction/access.h"
#include "interaction/parameters_json.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

class Lineage : public interaction::Operation {
 public:
  std::string_view name() const override { return "lineage"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/lineage"; }
  std::string_view type() const override { return {}; }
  unsigned levels() const override { return static_cast<unsigned>(interaction::Level::kInstance); }
  bool changes() const override { return false; }

  base::Result<interaction::OperationAnswer> Run(interaction::Plan& plan, const interaction::OperationCall& call) const override {
    const std::string name = call.type->name + "/" + call.id;
    HEYI_TRY(record, plan.snapshot().Current(*call.type, call.id));
    if (!record || !interaction::MayRead(plan.services(), plan.context().caller, policy::Action::kRead, *call.type, record->label)) {
      return Error(ErrorKind::kNotFound, "interaction.not-found", {}, name);
    }
    if (record->deleted) return Error(ErrorKind::kGone, "interaction.deleted", {}, name);
    std::string path;
    for (const auto& [key, value] : call.query) {
      if (key == "path") path = value;
    }
    if (path.empty() && call.parameters != nullptr) path = interaction::ParameterText(*call.parameters, "path");
    HEYI_TRY(origins, OriginsOf(plan.snapshot(), *call.type, call.id, path));
    std::vector<JsonValue> elements;
    for (const ElementOrigin& origin : origins) elements.push_back(Told(origin));
    return interaction::OperationAnswer{base::WriteJson(interaction::ParametersOf(std::move(elements))), 200};
  }

 private:
  static JsonValue Told(const ElementOrigin& origin) {
    std::vector<JsonValue> parts;
    parts.push_back(interaction::TextParameter("path", "valueString", origin.path));
    parts.push_back(interaction::TextParameter("value", "valueString", origin.value));
    parts.push_back(interaction::Parameter("version", "valueInteger", JsonValue::OfInteger(static_cast<int64_t>(origin.version))));
    parts.push_back(interaction::TextParameter("recorded", "valueInstant", base::FormatInstant(origin.time_ms)));
    if (!origin.message.empty()) parts.push_back(interaction::TextParameter("message", "valueString", origin.message));
    if (!origin.source.empty()) {
      parts.push_back(interaction::TextParameter("source", "valueString", origin.source));
      parts.push_back(interaction::Parameter("begin", "valueInteger", JsonValue::OfInteger(static_cast<int64_t>(origin.begin))));
      parts.push_back(interaction::TextParameter("rule", "valueString", origin.rule));
    }
    return interaction::PartsParameter("element", std::move(parts));
  }
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeLineage() { return std::make_unique<Lineage>(); }

}  // namespace heyi::exchange
