// $validate on a type and on an instance: a resource that is sent, or the one that is stored.
// https://hl7.org/fhir/R4/resource-operation-validate.html
#include <map>

#include "base/json/value.h"
#include "conformance/validate/validator.h"
#include "interaction/access.h"
#include "interaction/operations.h"
#include "interaction/status.h"
#include "interaction/validate.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

constexpr size_t kResolvedMax = 1'000;  // stored resources that one validation looks into

bool MayReadStored(const Plan& plan, const fhir::Type& type, const store::VersionRecord& record) {
  return MayRead(plan.services(), plan.context().caller, policy::Action::kRead, type, record.label);
}

// What validation asks of stored resources, on the plan's snapshot. What the caller may not read is not there: a profile's
// invariants could tell what stands in it.
class StoredContext : public fhir::LocalEvalContext {
 public:
  StoredContext(const Plan& plan, base::TimeMs now_ms) : LocalEvalContext(now_ms), plan_(plan) {}

  const fhir::Tree* Resolve(std::string_view reference, fhir::Node) const override {
    const size_t slash = reference.find('/');
    if (slash == std::string_view::npos) return nullptr;
    const fhir::Type* const type = plan_.definitions().FindResource(reference.substr(0, slash));
    if (type == nullptr) return nullptr;
    if (const auto known = kept_.find(reference); known != kept_.end()) return known->second.get();
    if (kept_.size() >= kResolvedMax) return nullptr;
    std::unique_ptr<fhir::Tree>& kept = kept_[std::string(reference)];
    const std::string_view id = reference.substr(slash + 1);
    const auto record = plan_.snapshot().Current(*type, id);
    if (!record.ok() || !*record || !MayReadStored(plan_, *type, **record)) return nullptr;
    auto found = plan_.Find(*type, id);
    if (found.ok() && *found) kept = std::make_unique<fhir::Tree>(std::move((*found)->tree));
    return kept.get();
  }

 private:
  const Plan& plan_;
  mutable std::map<std::string, std::unique_ptr<fhir::Tree>, std::less<>> kept_;  // null: not there
};

std::string Given(const OperationCall& call, std::string_view name) {
  for (const auto& [key, value] : call.query) {
    if (key == name) return value;
  }
  return call.parameters == nullptr ? std::string() : std::string(ParameterText(*call.parameters, name));
}

class Validate : public Operation {
 public:
  std::string_view name() const override { return "validate"; }
  std::string_view definition() const override { return "http://hl7.org/fhir/OperationDefinition/Resource-validate"; }
  std::string_view type() const override { return {}; }
  unsigned levels() const override { return static_cast<unsigned>(Level::kType) | static_cast<unsigned>(Level::kInstance); }
  bool changes() const override { return false; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    if (plan.services().validator == nullptr) return Error(ErrorKind::kUnsupported, "interaction.unknown-operation", {}, "$validate");
    const std::string mode = Given(call, "mode");
    const std::string profile = Given(call, "profile");
    if (!mode.empty() && mode != "create" && mode != "update" && mode != "delete" && mode != "profile") {
      return Error(ErrorKind::kMalformed, "interaction.validate-mode", {}, mode);
    }
    if (mode == "profile" && profile.empty()) return Error(ErrorKind::kMalformed, "interaction.validate-profile");
    HEYI_TRY(tree, Subject(plan, call, mode));
    if (tree.type() != call.type) return Error(ErrorKind::kMalformed, "interaction.type-mismatch", {}, tree.type()->name);
    base::Outcome outcome;
    if (mode != "delete") {
      if ((mode == "update" || !call.id.empty()) && tree.id() != call.id && !call.id.empty()) outcome.Add("interaction.id-mismatch", "", call.id);
      conformance::ValidationOptions options;
      if (!profile.empty()) options.profiles.push_back(profile);
      const base::TimeMs now_ms = plan.context().clock.NowMs();
      const StoredContext context(plan, now_ms);
      plan.services().validator->Validate(tree, options, &context, now_ms, outcome);
    }
    if (outcome.empty()) outcome.Add("interaction.valid");
    return OperationAnswer{OutcomeJson(outcome), 200};
  }

 private:
  // The resource sent, as a parameter or as the whole body; without one, the stored.
  static base::Result<fhir::Tree> Subject(Plan& plan, const OperationCall& call, const std::string& mode) {
    if (call.parameters != nullptr) {
      if (const fhir::Node sent = ParameterResource(*call.parameters, "resource")) return fhir::Tree::CopyOf(sent);
      if (call.parameters->type()->name != "Parameters" || call.type->name == "Parameters") return call.parameters->Clone();
    }
    if (call.id.empty() || mode == "create") return Error(ErrorKind::kMalformed, "interaction.body-missing");
    const std::string name = call.type->name + "/" + call.id;
    HEYI_TRY(record, plan.snapshot().Current(*call.type, call.id));
    if (!record || !MayReadStored(plan, *call.type, *record)) return Error(ErrorKind::kNotFound, "interaction.not-found", {}, name);
    if (record->deleted) return Error(ErrorKind::kGone, "interaction.deleted", {}, name);
    HEYI_TRY(stored, plan.Find(*call.type, call.id));
    if (!stored) return Error(ErrorKind::kNotFound, "interaction.not-found", {}, name);
    return std::move(stored->tree);
  }
};

}  // namespace

std::unique_ptr<Operation> MakeValidate() { return std::make_unique<Validate>(); }

}  // namespace heyi::interaction
