#include "mapping/pair/export_take.h"

#include <fmt/format.h>

#include "mapping/pair/export_path.h"

namespace heyi::mapping {

StructureMap::Source SourceFrom(std::string_view variable) {
  StructureMap::Source source;
  source.context = variable;
  return source;
}

bool TakeSource(const MapProgram& program, const Source& from, TakenSource* taken, std::string* reason) {
  taken->value = fmt::format("%{}", kExportValue);
  if (IsPlainField(from)) {
    taken->source = SourceFrom(VariableOf(from));
    std::string& element = taken->source.element;
    for (const FieldStep& step : from.field.steps) element += (element.empty() ? "" : ".") + AsElementStep(step.name);
    taken->source.variable = kExportValue;
    return true;
  }
  const auto path = ValuePath(program, from, reason);
  if (!path) return false;
  taken->source = SourceFrom(kExportMessage);
  taken->evaluate = *path;
  if (from.from != Source::From::kLiteral) taken->source.condition = *path + ".exists()";
  return true;
}

// In the condition a value that is not evaluated yet stands as its expression.
bool LensOfTaken(const MapProgram& program, const Lens& lens, const TakenSource& taken, bool date_only, std::string* condition, std::string* made,
                 std::string* reason) {
  const auto needs = InwardLensCondition(program, lens, taken.evaluate.empty() ? taken.value : taken.evaluate, reason);
  const auto says = InwardLens(program, lens, taken.value, date_only, reason);
  if (!needs || !says) return false;
  *condition = *needs;
  *made = *says;
  return true;
}

}  // namespace heyi::mapping
