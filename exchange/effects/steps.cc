#include "exchange/effects/steps.h"

#include <fmt/format.h>

#include "interaction/operations.h"

namespace heyi::exchange {

using base::Error;
using base::ErrorKind;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::Plan;

ParameterList::ParameterList(const fhir::Definitions& definitions) {
  tree_.SetRoot(definitions.FindResource("Parameters"));
  list_ = tree_.AddMember(0, "parameter", NodeKind::kArray);
}

void ParameterList::Reference(std::string_view name, std::string_view reference) {
  const NodeIndex item = Item(name);
  const NodeIndex value = tree_.AddMember(item, "valueReference", NodeKind::kObject);
  tree_.AddMember(value, "reference", NodeKind::kString, reference);
}

NodeIndex ParameterList::Item(std::string_view name) {
  const NodeIndex item = tree_.AddItem(list_, NodeKind::kObject);
  tree_.AddMember(item, "name", NodeKind::kString, name);
  return item;
}

void ParameterList::Add(std::string_view name, std::string_view member, std::string_view value) {
  if (!value.empty()) tree_.AddMember(Item(name), member, NodeKind::kString, value);
}

base::Result<base::Done> RunOperation(Plan& plan, std::string_view type_name, std::string_view name, std::string_view id, const fhir::Tree& parameters) {
  const fhir::Type* type = plan.definitions().FindResource(type_name);
  const interaction::Level level = id.empty() ? interaction::Level::kType : interaction::Level::kInstance;
  const interaction::Operation* operation = plan.services().operations.Find(name, type, level);
  if (operation == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, fmt::format("no operation {}", name));
  HEYI_TRY(answer, operation->Run(plan, {type, std::string(id), &parameters, {}}));
  static_cast<void>(answer);
  return base::Done{};
}

base::Result<std::vector<std::string>> FindTasks(const Plan& plan, const interaction::Query& query) {
  const fhir::Type& type = *plan.definitions().FindResource("Task");
  HEYI_TRY(search, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  return plan.Match(type, search.criteria, 10);
}

}  // namespace heyi::exchange
