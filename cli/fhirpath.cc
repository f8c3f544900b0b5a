// heyi fhirpath: an expression on a resource, one line a result: its type, and its value as JSON or text.
#include <cstdio>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/local.h"
#include "cli/report_error.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/path/path.h"

namespace heyi::cli {
namespace {

std::string_view TypeNameOf(fhir::PathValue::Kind kind) {
  constexpr std::string_view kNames[] = {"", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Long", "TypeInfo"};
  return kNames[static_cast<size_t>(kind)];
}

void Print(const fhir::PathValue& value) {
  if (value.kind() != fhir::PathValue::Kind::kNode) {
    std::printf("%s\t%s%s%s\n", std::string(TypeNameOf(value.kind())).c_str(), std::string(value.text()).c_str(),
                value.unit().empty() ? "" : " ", value.unit().c_str());
    return;
  }
  std::string json;
  if (value.node()) fhir::AppendJson(value.node(), json);
  std::printf("%s\t%s\n", value.type() != nullptr ? value.type()->name.c_str() : "", json.c_str());
}

}  // namespace

int RunFhirPath(int count, const char* const* words) {
  Arguments arguments;
  if (!Arguments::Parse(count, words, {}, {}, &arguments) || arguments.positional().empty() || arguments.positional().size() > 2) {
    std::fprintf(stderr, "usage: heyi fhirpath EXPRESSION [FILE.json|-]\n");
    return 2;
  }
  const auto definitions = LoadDefinitions();
  if (!definitions.ok()) return ReportError(definitions.error());
  const auto expression = fhir::Expression::Compile(arguments.positional()[0], **definitions);
  if (!expression.ok()) return ReportError(expression.error());
  auto text = ReadText(arguments.positional().size() > 1 ? arguments.positional()[1] : "-");
  if (!text.ok()) return ReportError(text.error());
  const auto tree = fhir::ParseResource(std::move(*text), **definitions);
  if (!tree.ok()) return ReportError(tree.error());
  const auto found = expression->Evaluate(tree->root(), fhir::LocalEvalContext(base::SystemClock().NowMs()));
  if (!found.ok()) return ReportError(found.error());
  for (const fhir::PathValue& value : *found) Print(value);
  return 0;
}

}  // namespace heyi::cli
