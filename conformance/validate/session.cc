#include "conformance/validate/session.h"

#include <type_traits>

#include "fhir/path/navigate.h"

namespace heyi::conformance {

using fhir::Node;
using fhir::PathValue;

std::string PlaceOf(const PathValue& item) {
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

namespace {

// When there are enough issues only errors are still taken, as many again: warnings must not hide them. `at` is asked for
// its expression last, which goes through all items before it.
template <typename Place>
void Take(std::string_view rule, const Place& at, std::string_view detail, base::Outcome& outcome) {
  const size_t count = outcome.issues().size();
  if (count >= 2 * kIssuesMax) return;
  base::Issue issue = base::MakeIssue(rule, {}, detail);
  if (count >= kIssuesMax && issue.severity > base::Severity::k_error) return;
  if constexpr (std::is_same_v<Place, Node>) {
    issue.expression = fhir::ExpressionOf(at);
  } else {
    issue.expression = PlaceOf(at);
  }
  outcome.Add(std::move(issue));
}

}  // namespace

void Session::Report(std::string_view rule, const PathValue& at, std::string_view detail) {
  Take(rule, at, detail, outcome);
}

void Session::Report(std::string_view rule, Node at, std::string_view detail) {
  Take(rule, at, detail, outcome);
}

const Profiles::Found& Session::FindOut(std::string_view canonical) { return **held.insert(profiles.Find(canonical)).first; }

}  // namespace heyi::conformance
