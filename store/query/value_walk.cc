#include "store/query/value_walk.h"

#include <tuple>

#include "store/index/posting.h"

namespace heyi::store {

bool HasOrderedRows(const fhir::SearchParameter& parameter) {
  if (!HasPostings(parameter)) return false;
  switch (parameter.type) {
    case fhir::SearchType::kDate:
    case fhir::SearchType::kNumber:
    case fhir::SearchType::kQuantity:
    case fhir::SearchType::kString: return true;
    default: return false;  // hashes
  }
}

ValueWalk::ValueWalk(Scan& scan, const fhir::Type& type, const fhir::SortBy& by, const std::optional<Place>& behind)
    : descending_(by.descending), text_(by.parameter->type == fhir::SearchType::kString) {
  const std::string head = PostingHead(by.parameter->number, type);
  const int runs = text_ ? 1 : by.parameter->type == fhir::SearchType::kDate ? kSpans : 2;
  for (int run = 0; run < runs; ++run) {
    runs_.push_back({RowWalk(scan, text_ ? head : head + static_cast<char>(run), descending_), std::nullopt});
    RowWalk& rows = runs_.back().rows;
    if (!behind) rows.Start();
    else rows.StartBehind(text_ ? behind->key + '\0' : behind->key, behind->docid);
    runs_.back().head = rows.Next();
  }
}

bool ValueWalk::ComesBefore(const RowWalk::Place& a, const RowWalk::Place& b) const {
  const auto x = std::tie(a.value, a.docid), y = std::tie(b.value, b.docid);
  return descending_ ? y < x : x < y;
}

std::optional<ValueWalk::Place> ValueWalk::Next() {
  Run* first = nullptr;
  for (Run& run : runs_) {
    if (run.head && (first == nullptr || ComesBefore(*run.head, *first->head))) first = &run;
  }
  if (first == nullptr) return std::nullopt;
  Place place{std::move(first->head->value), first->head->docid};
  if (text_) place.key.pop_back();  // the NUL that ends it
  first->head = first->rows.Next();
  return place;
}

}  // namespace heyi::store
