#include "store/query/ranges.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "fhir/search/kinds.h"
#include "store/index/posting.h"
#include "store/query/open_rows.h"
#include "store/query/row_test.h"

namespace heyi::store {
namespace {

constexpr uint64_t kRowsPerSeek = 20;  // jumping to a posting costs about as much as walking over this many rows

bool IsUriAbove(const fhir::Criterion& criterion) {
  return criterion.parameter->type == fhir::SearchType::kUri && criterion.modifier == "above";
}

class RangeReader {
 public:
  RangeReader(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max)
      : scan_(scan), type_(type), criterion_(criterion), rows_left_(rows_max) {}

  std::optional<Part> Read() {
    if (criterion_.modifier == "missing") return ReadMissing();
    if (criterion_.among) ReadAmong();
    if (IsUriAbove(criterion_)) {
      ReadAbove();
    } else {
      for (const fhir::CriterionValue& wanted : criterion_.values) ReadWanted(wanted);
    }
    if (criterion_.parameter->type == fhir::SearchType::kComposite) ReadUndecided();
    if (criterion_.parameter->covered_by != nullptr) exact_ = false;
    return Finish();
  }

 private:
  void ReadWanted(const fhir::CriterionValue& wanted) {
    const RowTest fits = RowTestOf(criterion_, wanted, &exact_);
    if (wanted.parts.empty() || !wanted.parts[0].any_system) return ReadWhere(&wanted, fits);
    // A bare code as the first part of a composite: with each system that it stands with, second parts lie in order.
    std::string head = AnsweringHead(*criterion_.parameter, type_);
    PutTokenCode(head, std::get<fhir::TokenValue>(wanted.parts[0].value).code);
    const std::optional<std::vector<std::string>> whole = HeadsBelow(scan_, head, kSystemBytes, kSystemsMax);
    if (!whole) return ReadWhere(&wanted, fits);
    for (const std::string& one : *whole) {
      for (const Stretch& stretch : StretchesBehind(one, wanted.parts[1])) {
        if (!too_many_) ReadStretch(stretch, fits);
      }
    }
  }

  void ReadWhere(const fhir::CriterionValue* wanted, const RowTest& fits) {
    for (const Stretch& stretch : StretchesOf(type_, criterion_, wanted)) {
      if (!too_many_) ReadStretch(stretch, fits);
    }
  }

  void ReadStretch(const Stretch& stretch, const RowTest& fits) {
    const std::string_view end = std::string_view(stretch.end).substr(kPostingHeadBytes);
    const bool ends_in_head = stretch.end.compare(0, kPostingHeadBytes, stretch.head, 0, kPostingHeadBytes) == 0;
    VisitOpen(scan_, stretch.first, stretch.head, [&](std::string_view value, uint32_t docid) {
      if (ends_in_head && value >= end) return false;
      if (!Spend(1)) return false;
      if (fits(value)) docids_.push_back(docid);
      return true;
    });
  }

  std::optional<Part> ReadMissing() {
    ReadWhere(nullptr, [](std::string_view) { return true; });
    std::optional<Part> part = Finish();
    if (part && criterion_.missing) part->stream = Except(PostingStream(scan_, TypePosting(type_)),
                                                          std::move(part->stream));
    return part;
  }

  // References to one of many: each posting is looked up, or all rows of the parameter are gone through, whichever
  // costs less.
  void ReadAmong() {
    std::vector<uint64_t> hashes;
    for (const std::string& target : *criterion_.among) hashes.push_back(base::Hash64(target));
    std::sort(hashes.begin(), hashes.end());
    const std::string head = AnsweringHead(*criterion_.parameter, type_);
    if (hashes.size() * kRowsPerSeek < scan_.EstimateRows(head, BehindAll(head)) || hashes.size() < 100) {
      ReadPostings(hashes);
      return;
    }
    ReadWhere(nullptr, [&hashes](std::string_view value) {
      return value.size() == 8 && std::binary_search(hashes.begin(), hashes.end(), base::BigAt<uint64_t>(value));
    });
  }

  void ReadAbove() {
    for (const fhir::CriterionValue& wanted : criterion_.values) {
      std::vector<uint64_t> hashes;
      for (const std::string& uri : fhir::UrisAbove(std::get<fhir::UriValue>(wanted.value).uri)) hashes.push_back(base::Hash64(uri));
      ReadPostings(hashes);
    }
  }

  // The rows of postings that are a hash.
  void ReadPostings(const std::vector<uint64_t>& hashes) {
    PostingLookup lookup(scan_);
    const std::string head = AnsweringHead(*criterion_.parameter, type_);
    for (uint64_t hash : hashes) {
      if (too_many_ || !Spend(kRowsPerSeek) || !scan_.Spend(kRowsPerSeek)) return;
      std::string posting = head;
      base::PutBig(posting, hash);
      lookup.Visit(posting, [this](uint32_t docid) {
        docids_.push_back(docid);
        return Spend(1);
      });
    }
  }

  // Elements with more pairs than are indexed.
  void ReadUndecided() {
    const size_t before = docids_.size();
    PostingLookup(scan_).Visit(AnsweringHead(*criterion_.parameter, type_).append(kUndecided),
                               [this](uint32_t docid) {
      docids_.push_back(docid);
      return Spend(1);
    });
    if (docids_.size() > before) exact_ = false;
  }

  bool Spend(uint64_t rows) {
    if (rows_left_ < rows) {
      too_many_ = true;
      return false;
    }
    rows_left_ -= rows;
    return true;
  }

  std::optional<Part> Finish() {
    if (too_many_) return std::nullopt;
    SortUnique(docids_);
    return Part{VectorStream(std::move(docids_)), exact_};
  }

  Scan& scan_;
  const fhir::Type& type_;
  const fhir::Criterion& criterion_;
  std::vector<uint32_t> docids_;
  uint64_t rows_left_;
  bool too_many_ = false;
  bool exact_ = true;
};

}  // namespace

bool IsRange(const fhir::Criterion& criterion) {
  const fhir::SearchParameter& parameter = *criterion.parameter;
  if (IsLastUpdated(criterion)) return criterion.modifier.empty();
  if (!HasPostings(parameter)) return false;
  if (criterion.modifier == "missing") return parameter.covered_by == nullptr;  // the covering one's rows cannot tell
  if (criterion.among) return true;
  switch (parameter.type) {
    case fhir::SearchType::kDate:
    case fhir::SearchType::kNumber:
    case fhir::SearchType::kQuantity:
    case fhir::SearchType::kComposite: return criterion.modifier.empty();
    case fhir::SearchType::kString:
      return criterion.modifier.empty() || criterion.modifier == "exact" || criterion.modifier == "contains";
    case fhir::SearchType::kUri: return criterion.modifier == "above";
    default: return false;
  }
}

std::optional<Part> ReadRange(Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion, uint64_t rows_max) {
  return RangeReader(scan, type, criterion, rows_max).Read();
}

uint64_t EstimateRange(const Scan& scan, const fhir::Type& type, const fhir::Criterion& criterion) {
  uint64_t rows = 0;
  const auto add = [&](const fhir::CriterionValue* wanted) {
    for (const Stretch& stretch : StretchesOf(type, criterion, wanted)) rows += scan.EstimateRows(stretch.first,
                                                                                                  stretch.end);
  };
  if (IsUriAbove(criterion)) return 0;
  if (criterion.modifier == "missing" || criterion.among) {
    add(nullptr);
    return criterion.among ? std::min<uint64_t>(rows, criterion.among->size() * kRowsPerSeek) : rows;
  }
  for (const fhir::CriterionValue& wanted : criterion.values) add(&wanted);
  return rows;
}

void SortUnique(std::vector<uint32_t>& docids) {
  std::sort(docids.begin(), docids.end());
  docids.erase(std::unique(docids.begin(), docids.end()), docids.end());
}

}  // namespace heyi::store
