#include "mapping/fml/transforms.h"

#include "base/text.h"
#include "fhir/path/value.h"
#include "mapping/fml/convert.h"

namespace heyi::mapping {

using base::Result;
using Values = std::vector<MapValue>;

base::Error TransformError(std::string_view rule_id, std::string_view detail) {
  return base::Error(base::ErrorKind::kInvalid, rule_id, {}, base::ClipUtf8(detail, 100));
}

std::string_view TransformCall::Text(size_t i) const { return Has(i) ? fhir::ScalarOf(arguments[i].items[0]).text : std::string_view(); }

Result<Values> RunTransform(const TransformCall& call) {
  switch (call.target.transform) {
    case MapTransform::kNone: return Values();
    case MapTransform::kCreate: case MapTransform::kCopy: case MapTransform::kCast: return TransformType(call);
    case MapTransform::kTruncate: case MapTransform::kEscape: case MapTransform::kAppend: return TransformString(call);
    case MapTransform::kTranslate: return TransformTranslate(call);
    case MapTransform::kReference: case MapTransform::kPointer: case MapTransform::kUuid: return TransformReference(call);
    case MapTransform::kDateOp: case MapTransform::kToDate: case MapTransform::kToDateTime: case MapTransform::kToTime:
    case MapTransform::kUnixToDate: case MapTransform::kUnixToDateTime: case MapTransform::kUnixToTime: return TransformDate(call);
    case MapTransform::kEvaluate: return TransformEvaluate(call);
    case MapTransform::kCc: case MapTransform::kC: case MapTransform::kQty: case MapTransform::kId: case MapTransform::kCp:
      return TransformDatatype(call);
  }
  return Values();
}

// evaluate(context, FHIRPath), and FHIRPath alone, which is about what the rule is about.
Result<Values> TransformEvaluate(const TransformCall& call) {
  const bool with_context = call.target.parameters.size() == 2;
  if (with_context && !call.Has(0)) return Values();
  const fhir::PathValue& focus = with_context ? call.arguments[0].items[0] : call.focus;
  HEYI_TRY(items, call.runner.Evaluate(call.target.parameters.back().expression, focus, call.frame));
  Values values;
  for (fhir::PathValue& item : items) {
    const fhir::Node node = item.kind() == fhir::PathValue::Kind::kNode ? item.node() : fhir::Node();
    const bool target = node && node.tree() == &call.runner.workspace().tree();
    values.push_back(target ? call.runner.ValueOf(node.index()) : MapRunner::ValueOf(std::move(item)));
  }
  return values;
}

DatatypeMaker::DatatypeMaker(MapRunner& runner, std::string_view type)
    : runner_(runner), object_(runner.workspace().MakeObject(runner.program().definitions.FindType(type), false)) {}

void DatatypeMaker::Set(std::string_view member, std::string_view text) {
  if (text.empty()) return;
  MapWorkspace& workspace = runner_.workspace();
  const fhir::Property* property = workspace.PropertyOf(object_, member);
  const fhir::NodeIndex value = workspace.MakeScalar(property->type, MapWorkspace::KindOf(*property->type), text);
  (void)workspace.Put(object_, *property, value, std::nullopt, nullptr);
}

void DatatypeMaker::SetObject(std::string_view member, fhir::NodeIndex object) {
  MapWorkspace& workspace = runner_.workspace();
  (void)workspace.Put(object_, *workspace.PropertyOf(object_, member), object, std::nullopt, nullptr);
}

}  // namespace heyi::mapping
