#include "conformance/validate/session.h"

#include "fhir/path/navigate.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;

std::string ExpressionOf(const PathValue& item) {
  if (item.node()) return fhir::ExpressionOf(item.node());
  return item.underscore() ? fhir::ExpressionOf(item.underscore()) : std::string();
}

Node MembersOf(const PathValue& item) {
  if (item.node() && item.node().is_object()) return item.node();
  return item.underscore();
}

fhir::Collection ValuesOf(const PathValue& parent, std::string_view element, fhir::Budget& budget) {
  fhir::Collection values;
  fhir::AppendNamed(parent, element, budget, values);
  return values;
}

void Session::Report(std::string_view rule, const PathValue& at, std::string_view detail) {
  if (outcome.issues().size() < kIssuesMax) outcome.Add(rule, conformance::ExpressionOf(at), detail);
}

void Session::Report(std::string_view rule, Node at, std::string_view detail) {
  if (outcome.issues().size() < kIssuesMax) outcome.Add(rule, fhir::ExpressionOf(at), detail);
}

const Profile* Session::Find(std::string_view canonical) {
  held.push_back(profiles.Find(canonical));
  return held.back()->profile.get();
}

}  // namespace heyi::conformance
