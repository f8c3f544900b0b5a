#include "mapping/fml/transforms.h"

#include "base/text.h"
#include "fhir/path/value.h"
#include "mapping/fml/convert.h"

namespace heyi::mapping {

using base::Result;
using Values = std::vector<FmlValue>;

base::Error TransformError(std::string_view rule_id, std::string_view detail) {
  return base::Error(base::ErrorKind::kInvalid, rule_id, {}, base::ClipUtf8(detail, 100));
}

std::string_view TransformCall::Text(size_t i) const { return Has(i) ? fhir::ScalarOf(arguments[i].items[0]).text
    : std::string_view(); }

Result<Values> RunTransform(const TransformCall& call) {
  switch (call.target.transform) {
    case FmlTransform::kNone: return Values();
    case FmlTransform::kCreate: case FmlTransform::kCopy: case FmlTransform::kCast: return TransformType(call);
    case FmlTransform::kTruncate: case FmlTransform::kEscape: case FmlTransform::kAppend: return TransformString(call);
    case FmlTransform::kTranslate: return TransformTranslate(call);
    case FmlTransform::kReference: case FmlTransform::kPointer: case FmlTransform::kUuid: return TransformReference(call);
    case FmlTransform::kDateOp: case FmlTransform::kToDate: case FmlTransform::kToDateTime: case FmlTransform::kToTime:
    case FmlTransform::kUnixToDate: case FmlTransform::kUnixToDateTime: case FmlTransform::kUnixToTime: return TransformDate(call);
    case FmlTransform::kEvaluate: return TransformEvaluate(call);
    case FmlTransform::kCc: case FmlTransform::kC: case FmlTransform::kQty: case FmlTransform::kId: case FmlTransform::kCp:
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
    // FHIR has no empty strings: one is nothing to put.
    if (item.kind() == fhir::PathValue::Kind::kString && item.text().empty()) continue;
    const bool target = node && node.tree() == &call.runner.workspace().tree();
    values.push_back(target ? call.runner.ValueOf(node.index()) : FmlRunner::ValueOf(std::move(item)));
  }
  return values;
}

DatatypeMaker::DatatypeMaker(FmlRunner& runner, std::string_view type)
    : runner_(runner), object_(runner.workspace().MakeObject(runner.program().definitions.FindType(type), false)) {}

void DatatypeMaker::Set(std::string_view member, std::string_view text) {
  if (text.empty()) return;
  FmlWorkspace& workspace = runner_.workspace();
  const fhir::Property* property = workspace.PropertyOf(object_, member);
  const fhir::NodeIndex value = workspace.MakeScalar(property->type, FmlWorkspace::KindOf(*property->type), text);
  (void)workspace.Put(object_, *property, value, std::nullopt, nullptr);
}

void DatatypeMaker::SetObject(std::string_view member, fhir::NodeIndex object) {
  FmlWorkspace& workspace = runner_.workspace();
  (void)workspace.Put(object_, *workspace.PropertyOf(object_, member), object, std::nullopt, nullptr);
}

}  // namespace heyi::mapping
