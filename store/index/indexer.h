// What a resource contributes to the views, and what changes when one version follows another.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.h"

namespace heyi::store {

// Pure but for the memory of which guard keeps which space; any thread.
class Indexer {
 public:
  Indexer(std::shared_ptr<const fhir::SearchParameters> parameters, std::vector<const CommitGuard*> guards,
          std::vector<DerivedView*> derived);

  // Fills opens, closes, takes, releases, subjects and marks of `write`. Null: not there before, or not any more.
  // Trees without versionId and lastUpdated: those belong to the commit.
  void Fill(const fhir::Tree* before, const fhir::Tree* after, PreparedWrite* write) const;

  // The posting that decides `criterion` by itself, or empty.
  std::string PostingOf(const fhir::Type& type, const fhir::Criterion& criterion) const;

  base::Issue Taken(const Claim& claim, std::string_view holder) const;

  const fhir::SearchParameters& parameters() const { return *parameters_; }
  const fhir::Definitions& definitions() const { return parameters_->definitions(); }
  const std::vector<DerivedView*>& derived() const { return derived_; }

  // Names everything the views are made by; views made by something else are made again.
  std::string Fingerprint() const;

 private:
  struct Rows {
    std::vector<std::string> postings;  // sorted, no doubles
    std::vector<Claim> claims;          // likewise
    std::vector<uint64_t> subjects;
  };
  Rows RowsOf(const fhir::Tree& tree) const;

  std::shared_ptr<const fhir::SearchParameters> parameters_;
  std::vector<const CommitGuard*> guards_;
  std::vector<DerivedView*> derived_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, const CommitGuard*, std::less<>> guard_of_space_;
};

}  // namespace heyi::store
