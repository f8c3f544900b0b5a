#include "interaction/conditional.h"

#include "base/ids.h"
#include "interaction/limits.h"
#include "interaction/url.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

namespace {

base::Result<fhir::SearchRequest> Parse(const Plan& plan, const fhir::Type& type, const Query& query) {
  HEYI_TRY(request, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  if (request.criteria.empty()) return Error(ErrorKind::kPrecondition, "interaction.no-criteria");
  return std::move(request);
}

}  // namespace

base::Result<fhir::SearchRequest> ParseCriteria(const Plan& plan, const fhir::Type& type, std::string_view text) {
  HEYI_TRY(query, DecodeQuery(text));
  return Parse(plan, type, query);
}

base::Result<std::optional<std::string>> MatchOne(Plan& plan, const fhir::Type& type, const Query& criteria) {
  HEYI_TRY(request, Parse(plan, type, criteria));
  HEYI_TRY(ids, plan.Match(type, request.criteria, kConditionalMatchesSeen));
  if (ids.size() > 1) return Error(ErrorKind::kPrecondition, "interaction.multiple-matches", {}, type.name);
  plan.RequireUnchanged(type, request.criteria);
  return ids.empty() ? std::optional<std::string>() : std::optional(std::move(ids.front()));
}

base::Result<std::optional<std::string>> MatchForCreate(Plan& plan, const fhir::Type& type, std::string_view criteria) {
  // Some clients send the whole "Patient?identifier=…".
  const size_t mark = criteria.find('?');
  if (mark != std::string_view::npos) criteria.remove_prefix(mark + 1);
  HEYI_TRY(query, DecodeQuery(criteria));
  return MatchOne(plan, type, query);
}

base::Result<std::string> IdForUpdate(Plan& plan, const fhir::Tree& resource, const Query& criteria) {
  const fhir::Type& type = *resource.type();
  const std::string own(resource.id());
  HEYI_TRY(match, MatchOne(plan, type, criteria));
  if (match) {
    if (!own.empty() && own != *match) return Error(ErrorKind::kMalformed, "interaction.id-mismatch", {}, *match);
    return std::move(*match);
  }
  if (own.empty()) return plan.NewId();
  if (!base::IsFhirId(own)) return Error(ErrorKind::kMalformed, "interaction.id-format", {}, own);
  HEYI_TRY(there, plan.snapshot().Current(type, own));
  if (there && !there->deleted) return Error(ErrorKind::kConflict, "interaction.id-taken", {}, own);
  return own;
}

void SetId(fhir::Tree& tree, std::string_view id) {
  if (const fhir::Node node = tree.root().Member("id")) {
    tree.SetText(node.index(), id);
  } else {
    tree.InsertEarlyMember(0, "id", fhir::NodeKind::kString, id);
  }
}

}  // namespace heyi::interaction
