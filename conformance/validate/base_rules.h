// What FHIR's own types say beyond structure: their invariants, how long a text may be, which value sets bind.
// Compiled when first met, and kept. https://hl7.org/fhir/R4/conformance-rules.html
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "conformance/validate/session.h"

namespace heyi::conformance {

// An invariant, compiled at its first use. Thread-safe.
class LazyInvariant {
 public:
  explicit LazyInvariant(const fhir::Constraint& constraint) : constraint_(constraint) {}
  const fhir::Constraint& constraint() const { return constraint_; }
  const fhir::Expression* Get(const fhir::Definitions& definitions) const;  // null where it does not compile

 private:
  const fhir::Constraint& constraint_;
  mutable std::once_flag once_;
  mutable std::optional<fhir::Expression> expression_;
};

class BaseRules {
 public:
  explicit BaseRules(const fhir::Definitions& definitions);  // outlives it

  // The rules of the item's type and of the element it is a value of.
  void Check(const fhir::PathValue& item, Session& session) const;

 private:
  using Invariants = std::vector<const LazyInvariant*>;
  void Run(const Invariants& invariants, const fhir::PathValue& item, Session& session) const;

  const fhir::Definitions& definitions_;
  std::vector<std::unique_ptr<LazyInvariant>> all_;
  std::unordered_map<const fhir::Type*, Invariants> of_types_;        // with those of their bases
  std::unordered_map<const fhir::Element*, Invariants> of_elements_;  // those that have any
};

// One invariant on one item; an expression that cannot be evaluated is a warning.
void CheckInvariant(const fhir::Constraint& constraint, const fhir::Expression& expression, const fhir::PathValue& item, Session& session);

}  // namespace heyi::conformance
