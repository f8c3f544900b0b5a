// What the tests of the stores share: the definitions, stores with a guard and a derived view, and everything that a
// store lets one see as one text, so that two stores are compared by comparing texts.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "store/store.h"
#include "tests/store/journal_testing.h"

namespace heyi::store {

const std::shared_ptr<const fhir::SearchParameters>& TestParameters();
const fhir::Type& TypeNamed(std::string_view name);
fhir::Tree TreeOf(const std::string& json);
fhir::SearchRequest Ask(std::string_view type, const std::vector<std::pair<std::string, std::string>>& query);

// A bed (an identifier of system "bed") has at most one occupant.
class BedGuard : public CommitGuard {
 public:
  std::vector<Claim> Claims(const fhir::Tree& resource) const override;
  base::Issue Taken(const Claim& claim, std::string_view holder) const override;
};

// Counts entries, and live patients by gender.
class GenderCount : public DerivedView {
 public:
  explicit GenderCount(uint32_t version) : version_(version) {}
  std::string_view name() const override { return "gender"; }
  uint32_t version() const override { return version_; }
  std::string Mark(const fhir::Tree& resource) const override;
  base::Result<base::Done> Apply(const EntryView& entry, const std::vector<Change>& changes, const FactReader& facts,
                                 const std::function<void(Fact)>& put) override;

 private:
  uint32_t version_;
};

// A clock, chance, a guard and a derived view, and stores that use them.
struct TestWorld {
  base::ManualClock clock{1'800'000'000'000};
  base::SeededRandom random{7};
  BedGuard guard;
  GenderCount derived{1};
  GenderCount other_derived{2};

  StoreOptions Options(const std::string& directory);
  std::unique_ptr<Store> Open(const std::string& directory, OpenReport* report = nullptr);
  std::unique_ptr<Store> Memory();
};

base::Result<CommitReceipt> Put(Store& store, const fhir::Tree& tree);
base::Result<CommitReceipt> Delete(Store& store, std::string_view type, std::string_view id);

// ---- random people ------------------------------------------------------------------------------------------------

class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed) : engine_(seed) {}

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  bool OneIn(size_t n) { return Below(n) == 0; }

  // Prepares the same change for both stores and commits it to both; the answers must be alike.
  void Change(Store& a, Store& b);
  // A search that ParseSearch understands.
  fhir::SearchRequest Query();

  static constexpr size_t kIds = 25;

 private:
  template <size_t N>
  std::string_view Pick(const char* const (&pool)[N]) { return pool[Below(N)]; }
  std::string Date();
  std::string Name();
  std::string Resource(std::string_view type, const std::string& id);
  std::pair<std::string, std::string> Parameter(std::string_view type);
  std::string Sort(std::string_view type);

  std::mt19937_64 engine_;
};

// ---- looking -------------------------------------------------------------------------------------------------------

std::string Show(const Snapshot& snapshot, const SearchPage& page);
// All pages of a search, each read on a snapshot at `t`.
std::string ShowAllPages(const Store& store, const fhir::SearchRequest& request, uint64_t t);
// Resources, histories, facts, counts, entries, and the answers to `queries` at each of `ts` (at the newest where empty).
std::string Everything(const Store& store, const std::vector<fhir::SearchRequest>& queries, const std::vector<uint64_t>& ts);

// The first line in which two texts differ; empty where they do not.
std::string FirstDifference(const std::string& want, const std::string& have);

}  // namespace heyi::store
