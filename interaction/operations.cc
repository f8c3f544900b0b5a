#include "interaction/operations.h"

#include <algorithm>

namespace heyi::interaction {
namespace {

fhir::Node ParameterNamed(const fhir::Tree& parameters, std::string_view name) {
  const fhir::Node list = parameters.root().Member("parameter");
  if (!list) return {};
  for (fhir::Node item = list.first_child(); item; item = item.next()) {
    if (item.TextAt("name") == name) return item;
  }
  return {};
}

}  // namespace

bool Operations::Has(std::string_view name) const {
  return std::any_of(operations_.begin(), operations_.end(), [name](const auto& operation) { return operation->name() == name; });
}

const Operation* Operations::Find(std::string_view name, const fhir::Type* type, Level level) const {
  for (const auto& operation : operations_) {
    const bool here = operation->type().empty() || (type != nullptr && operation->type() == type->name);
    if (operation->name() == name && here && (operation->levels() & static_cast<unsigned>(level)) != 0) return operation.get();
  }
  return nullptr;
}

fhir::Node ParameterValue(const fhir::Tree& parameters, std::string_view name) {
  const fhir::Node parameter = ParameterNamed(parameters, name);
  if (!parameter) return {};
  for (fhir::Node member = parameter.first_child(); member; member = member.next()) {
    if (member.property() != nullptr && !member.underscore() && member.property()->element->name == "value") return member;
  }
  return {};
}

std::string_view ParameterText(const fhir::Tree& parameters, std::string_view name) {
  const fhir::Node value = ParameterValue(parameters, name);
  if (!value) return {};
  return value.is_object() ? value.TextAt("reference") : value.text();
}

fhir::Node ParameterResource(const fhir::Tree& parameters, std::string_view name) {
  const fhir::Node parameter = ParameterNamed(parameters, name);
  return parameter ? parameter.Member("resource") : fhir::Node();
}

}  // namespace heyi::interaction
