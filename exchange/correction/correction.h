// Wrong data goes back to whoever wrote it (校核纠错). A department that finds an element wrong disputes it; the element's
// owner is found from what wrote it last; a Task between the two asks for the correction, and closes when the owner has
// corrected or refused it. docs/corrections.md has the table of edges.
#pragma once

#include "exchange/correction/limits.h"
#include "interaction/operations.h"

namespace heyi::exchange {

// `Task/$dispute` and `Task/<id>/$settle`.
//   $dispute in: resource (Reference), path (string: FHIRPath below the resource), reason (string), stated (string: what it
//            says now, as the caller has seen it), proposed (any value)
//            out: the Task. errors  kNotFound where the caller may not read the resource; kInvalid exchange.dispute-*;
//            kConflict exchange.dispute-stated, exchange.dispute-open
//   $settle  in: outcome (code: accepted corrected rejected withdrawn), reason (string), patch (FHIRPath Patch, of corrected)
//            out: the Task. errors  kForbidden exchange.dispute-party; kInvalid exchange.dispute-*, and those of a PATCH
void RegisterCorrections(interaction::Operations& operations);

// Closes what a later change of the owner's has settled: follows the feed, and at its start looks at all that is open.
class CorrectionFollower {
 public:
  CorrectionFollower(const interaction::Services& services, const base::Clock& clock, base::Random& random)
      : services_(services), clock_(clock), random_(random) {}  // outlive it

  // One thread. How many were closed.
  base::Result<size_t> Advance();

 private:
  base::Result<bool> CloseIfSettled(const std::string& key, const std::string& value);

  const interaction::Services& services_;
  const base::Clock& clock_;
  base::Random& random_;
  uint64_t reached_ = 0;   // 0: all that is open is looked at
  bool again_ = false;
};

}  // namespace heyi::exchange
