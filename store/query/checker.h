// Decides on candidates: alive at t, what only the body tells, and the asking party's right to know.
#pragma once

#include "store/query/plan.h"
#include "store/query/search.h"

namespace heyi::store {

// A page is first looked for lazily: what only a few candidates need is asked of them, instead of reading it for all.
// Where that runs out of its allowance, data and question were unlucky together, and the page is found the thorough
// way.
enum class Effort : uint8_t { kLazy, kThorough };

class Checker {
 public:
  Checker(const SearchOn& on, const fhir::SearchRequest& request, const Visible& visible, Effort effort);

  // Null where it is no hit. errors  kTooLarge search.too-costly over the allowance of bodies
  base::Result<std::optional<Hit>> Check(uint32_t docid, const Candidates& candidates);
  // The body of what Check has found; nullopt where it has been erased.
  base::Result<std::optional<fhir::Tree>> ReadBody(const Hit& hit);

 private:
  base::Result<bool> BodyMatches(const Hit& hit, const Candidates& candidates);

  const SearchOn& on_;
  const fhir::SearchRequest& request_;
  const Visible& visible_;
  uint64_t bodies_left_;
};

PlanFor PlanOf(const SearchOn& on, const fhir::SearchRequest& request, Effort effort, uint32_t from,
               bool without_last_updated);

}  // namespace heyi::store
