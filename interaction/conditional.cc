#include "interaction/conditional.h"

#include "base/text.h"
#include "interaction/limits.h"
#include "interaction/url.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

base::Result<fhir::SearchRequest> ParseCriteria(const Plan& plan, const fhir::Type& type, std::string_view text) {
  HEYI_TRY(query, DecodeQuery(text));
  HEYI_TRY(request, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  if (request.criteria.empty()) return Error(ErrorKind::kPrecondition, "interaction.no-criteria");
  return std::move(request);
}

base::Result<std::optional<std::string>> MatchForCreate(Plan& plan, const fhir::Type& type, std::string_view criteria) {
  // Some clients send the whole "Patient?identifier=…".
  const size_t mark = criteria.find('?');
  if (mark != std::string_view::npos) criteria.remove_prefix(mark + 1);
  HEYI_TRY(request, ParseCriteria(plan, type, criteria));
  HEYI_TRY(ids, plan.Match(type, request.criteria, kConditionalMatchesSeen));
  if (ids.size() > 1) return Error(ErrorKind::kPrecondition, "interaction.multiple-matches", {}, criteria);
  if (ids.size() == 1) return std::optional<std::string>(ids.front());
  plan.RequireUnchanged(type, request.criteria);
  return std::optional<std::string>();
}

void SetId(fhir::Tree& tree, std::string_view id) {
  if (const fhir::Node node = tree.root().Member("id")) {
    tree.SetText(node.index(), id);
  } else {
    tree.InsertEarlyMember(0, "id", fhir::NodeKind::kString, id);
  }
}

}  // namespace heyi::interaction
