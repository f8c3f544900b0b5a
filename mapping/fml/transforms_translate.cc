// translate(source, map, output). https://hl7.org/fhir/R4/conceptmap-operation-translate.html
#include "fhir/path/value.h"
#include "mapping/fml/transforms.h"

namespace heyi::mapping {
namespace {

using base::Result;
using fhir::Node;
using Values = std::vector<FmlValue>;

struct SourceCode {
  std::string_view system, code;
};

// The codes that an item carries: a code, a Coding, those of a CodeableConcept, an Identifier's value or a Quantity's unit.
std::vector<SourceCode> CodesOf(const fhir::PathValue& item) {
  const Node node = item.kind() == fhir::PathValue::Kind::kNode ? item.node() : Node();
  if (!node || !node.is_object()) return {{{}, fhir::ScalarOf(item).text}};
  if (const Node codings = node.Member("coding")) {
    std::vector<SourceCode> codes;
    if (!codings.is_array()) return {{codings.TextAt("system"), codings.TextAt("code")}};
    for (Node coding = codings.first_child(); coding; coding = coding.next()) {
      codes.push_back({coding.TextAt("system"), coding.TextAt("code")});
    }
    return codes;
  }
  const std::string_view code = node.TextAt("code");
  return {{node.TextAt("system"), code.empty() ? node.TextAt("value") : code}};
}

FmlValue Made(const TransformCall& call, const ConceptTarget& target, std::string_view output) {
  const auto text = [](std::string_view value) {
    return value.empty() ? FmlValue()
        : FmlRunner::ValueOf(fhir::PathValue::OfText(fhir::PathValue::Kind::kString, std::string(value)));
  };
  if (output == "code") return text(target.code);
  if (output == "system") return text(target.system);
  if (output == "display") return text(target.display);
  DatatypeMaker coding(call.runner, "Coding");
  coding.Set("system", target.system);
  coding.Set("code", target.code);
  coding.Set("display", target.display);
  if (output == "Coding") return call.runner.ValueOf(coding.object());
  DatatypeMaker whole(call.runner, "CodeableConcept");
  whole.SetObject("coding", coding.object());
  return call.runner.ValueOf(whole.object());
}

// Without an output, what the element takes.
std::string_view OutputFor(const TransformCall& call) {
  const std::string_view type = call.property == nullptr ? std::string_view()
      : std::string_view(call.property->type->name);
  return type == "Coding" || type == "CodeableConcept" ? type : std::string_view("code");
}

}  // namespace

Result<Values> TransformTranslate(const TransformCall& call) {
  if (!call.Has(0)) return Values();
  const std::string_view output = call.target.parameters.size() < 3 ? OutputFor(call) : call.Text(2);
  bool known = false;
  for (const std::string_view one : {"code", "system", "display", "Coding", "CodeableConcept"}) {
    known = known || one == output;
  }
  if (!known) return TransformError("fml.arguments", std::string("translate: ") + std::string(output));
  const ConceptTable* table = call.target.table;
  if (table == nullptr) {
    const auto& tables = call.runner.program().tables;
    const auto found = tables.find(std::string(call.Text(1)));
    if (found != tables.end()) table = found->second.get();
  }
  if (table == nullptr) return TransformError("fml.unknown-table", call.Text(1));
  Values values;
  bool found = false;
  std::string_view first_code;
  for (const SourceCode& source : CodesOf(call.arguments[0].items[0])) {
    if (first_code.empty()) first_code = source.code;
    for (const ConceptTarget& target : table->Translate(source.system, source.code)) {
      FmlValue value = Made(call, target, output);
      found = true;
      if (!value.empty()) values.push_back(std::move(value));  // not every code has a display
    }
  }
  if (!found) return TransformError("fml.unmapped", first_code);
  return values;
}

}  // namespace heyi::mapping
