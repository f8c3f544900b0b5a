// What invariants ask of the world, answered by the validator itself where it can: value sets and profiles; the rest is
// passed on. https://hl7.org/fhir/R4/fhirpath.html#functions
#pragma once

#include "conformance/terminology/terminology.h"
#include "conformance/validate/profile_rules.h"

namespace heyi::conformance {

class ValidationContext : public fhir::LocalEvalContext {
 public:
  // `outside` may be null.
  ValidationContext(const fhir::EvalContext* outside, base::TimeMs now_ms, const Terminology* terminology)
      : LocalEvalContext(now_ms), outside_(outside), terminology_(terminology) {}

  // Whose profiles conformsTo() means; the session outlives the evaluations.
  void Serve(Session& session) { session_ = &session; }

  std::optional<std::string> TypeOfReference(std::string_view reference, fhir::Node from) const override {
    auto type = LocalEvalContext::TypeOfReference(reference, from);
    return type || outside_ == nullptr ? type : outside_->TypeOfReference(reference, from);
  }
  const fhir::Tree* Resolve(std::string_view reference, fhir::Node from) const override {
    return outside_ == nullptr ? nullptr : outside_->Resolve(reference, from);
  }
  fhir::Node ResourceInScope() const override { return session_ == nullptr ? fhir::Node() : session_->resource; }
  std::optional<bool> MemberOf(fhir::Node coded, std::string_view value_set) const override;
  std::optional<bool> ConformsTo(const fhir::PathValue& item, std::string_view profile) const override {
    return session_ == nullptr ? std::nullopt : Conforms(item, profile, *session_);
  }

 private:
  const fhir::EvalContext* const outside_;
  const Terminology* const terminology_;
  Session* session_ = nullptr;
};

}  // namespace heyi::conformance
