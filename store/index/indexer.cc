#include "store/index/indexer.h"

#include <algorithm>
#include <iterator>

#include "base/digest.h"
#include "store/index/posting.h"

namespace heyi::store {
namespace {

// Raise it when keys, values or what is derived from a resource change: views of another version are made again.
constexpr std::string_view kIndexVersion = "heyi-views-5";

template <typename T>
void SortUnique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

template <typename T>
std::vector<T> Minus(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

Indexer::Indexer(std::shared_ptr<const fhir::SearchParameters> parameters, std::vector<const CommitGuard*> guards,
                 std::vector<DerivedView*> derived)
    : parameters_(std::move(parameters)), guards_(std::move(guards)), derived_(std::move(derived)) {}

Indexer::Rows Indexer::RowsOf(const fhir::Tree& tree) const {
  Rows rows;
  const fhir::Type& type = *tree.type();
  const std::vector<fhir::SearchRow> search_rows = fhir::ExtractRows(tree, *parameters_);
  for (const fhir::SearchRow& row : search_rows) {
    if (HasPostings(*row.parameter)) rows.postings.push_back(PostingOfRow(type, row));
  }
  for (const fhir::SearchParameter* parameter : parameters_->Of(type)) {
    const bool own = parameter->type == fhir::SearchType::kComposite && parameter->covered_by == nullptr;
    if (!own || !HasPostings(*parameter)) continue;
    AppendCompositePostings(type, *parameter, fhir::ExtractComposites(tree, *parameter), rows.postings);
  }
  rows.postings.push_back(TypePosting(type));
  for (const std::string& patient : fhir::PatientsOf(tree, search_rows, *parameters_)) {
    rows.subjects.push_back(base::Hash64(patient));
  }
  SortUnique(rows.postings);
  for (const CommitGuard* guard : guards_) {
    for (Claim& claim : guard->Claims(tree)) {
      {
        std::lock_guard lock(mutex_);
        if (!guard_of_space_.contains(claim.space)) guard_of_space_.emplace(claim.space, guard);
      }
      rows.claims.push_back(std::move(claim));
    }
  }
  SortUnique(rows.claims);
  return rows;
}

void Indexer::Fill(const fhir::Tree* before, const fhir::Tree* after, PreparedWrite* write) const {
  const Rows old_rows = before != nullptr ? RowsOf(*before) : Rows();
  Rows new_rows = after != nullptr ? RowsOf(*after) : Rows();
  write->opens = Minus(new_rows.postings, old_rows.postings);
  write->closes = Minus(old_rows.postings, new_rows.postings);
  write->takes = Minus(new_rows.claims, old_rows.claims);
  write->releases = Minus(old_rows.claims, new_rows.claims);
  // A deletion is still about the elders it was about, so that policy can decide on its history.
  write->subjects = after != nullptr ? std::move(new_rows.subjects) : old_rows.subjects;
  write->marks.clear();
  for (const DerivedView* view : derived_) {
    write->marks.emplace_back(before != nullptr ? view->Mark(*before) : std::string(),
                              after != nullptr ? view->Mark(*after) : std::string());
  }
}

std::string Indexer::PostingOf(const fhir::Type& type, const fhir::Criterion& criterion) const {
  if (criterion.parameter == nullptr || !criterion.modifier.empty() || criterion.values.size() != 1) return {};
  if (criterion.parameter->type == fhir::SearchType::kComposite) return {};
  const fhir::SearchParameter& parameter = *criterion.parameter;
  if (!HasPostings(parameter)) return {};
  const fhir::CriterionValue& wanted = criterion.values.front();
  std::string posting = PostingHead(parameter.number, type);
  if (const auto* token = std::get_if<fhir::TokenValue>(&wanted.value)) {
    if (wanted.any_code) return {};
    if (wanted.any_system) PutTokenCode(posting, token->code);
    else PutToken(posting, token->system, token->code);
    return posting;
  }
  if (const auto* reference = std::get_if<fhir::ReferenceValue>(&wanted.value)) {
    if (reference->type.empty() || !reference->version.empty()) return {};
    PutReference(posting, reference->type, reference->id);
    return posting;
  }
  return {};
}

base::Issue Indexer::Taken(const Claim& claim, std::string_view holder) const {
  std::lock_guard lock(mutex_);
  const auto found = guard_of_space_.find(claim.space);
  if (found == guard_of_space_.end()) return base::MakeIssue("store.claim", {}, holder);
  return found->second->Taken(claim, holder);
}

std::string Indexer::Fingerprint() const {
  std::string text(kIndexVersion);
  text.append(1, '\n').append(definitions().fingerprint());
  text.append("\nzone ").append(std::to_string(parameters_->zone_minutes()));
  for (const CommitGuard* guard : guards_) {
    text.append("\nguard ").append(guard->name()).append(1, ' ').append(std::to_string(guard->version()));
  }
  for (const DerivedView* view : derived_) {
    text.append("\nderived ").append(view->name()).append(1, ' ').append(std::to_string(view->version()));
  }
  return text;
}

}  // namespace heyi::store
