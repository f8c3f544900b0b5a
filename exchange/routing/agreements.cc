#include "exchange/routing/agreements.h"

#include <fmt/format.h>

#include "exchange/routing/limits.h"
#include "fhir/search/values.h"

namespace heyi::exchange {
namespace {

constexpr std::string_view kActReasonSystem = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

bool NamesSubject(const fhir::Tree& contract, std::string_view party) {
  for (fhir::Node subject = contract.root().Member("subject").first_child(); subject; subject = subject.next()) {
    if (subject.TextAt("reference") == party) return true;
  }
  return false;
}

bool AppliesAt(const fhir::Tree& contract, base::TimeMs at_ms) {
  const fhir::Node applies = contract.root().Member("applies");
  if (!applies) return true;
  const auto start = fhir::DateInterval(applies.TextAt("start")), end = fhir::DateInterval(applies.TextAt("end"));
  return (!start || start->low <= at_ms) && (!end || at_ms < end->high);
}

bool Covers(const fhir::Tree& contract, std::string_view purpose) {
  bool states_any = false;
  for (fhir::Node term = contract.root().Member("term").first_child(); term; term = term.next()) {
    for (fhir::Node action = term.Member("action").first_child(); action; action = action.next()) {
      for (fhir::Node coding = action.Member("intent").Member("coding").first_child(); coding; coding = coding.next()) {
        if (coding.TextAt("system") != kActReasonSystem) continue;
        states_any = true;
        if (coding.TextAt("code") == purpose) return true;
      }
    }
  }
  return !states_any && (purpose == "TREAT" || purpose == "COC");
}

}  // namespace

base::Result<std::optional<std::string>> FindAgreement(const store::Snapshot& snapshot, const fhir::SearchParameters& parameters, std::string_view one,
                                                       std::string_view other, std::string_view purpose, base::TimeMs at_ms) {
  const fhir::Type& type = *parameters.definitions().FindResource("Contract");
  HEYI_TRY(request, fhir::ParseSearch(type, {{"status", "executed"}, {"subject", std::string(one)}}, /*lenient=*/false, parameters));
  request.count = kAgreementsMax;
  HEYI_TRY(page, snapshot.Search(request, nullptr, {snapshot.t(), {}}));
  for (const store::Hit& hit : page.hits) {
    HEYI_TRY(contract, snapshot.Tree(hit.record));
    if (NamesSubject(contract, other) && AppliesAt(contract, at_ms) && Covers(contract, purpose)) {
      return std::optional<std::string>(fmt::format("Contract/{}", hit.id));
    }
  }
  return std::optional<std::string>();
}

}  // namespace heyi::exchange
