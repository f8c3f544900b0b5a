// A unit of work: reads on one snapshot, writes gathered on top of it, committed as one entry or not at all.
// Every interaction and operation that changes something is a function on a Plan.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/leaf.h"
#include "base/context.h"
#include "base/outcome.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "interaction/request.h"
#include "interaction/services.h"

namespace heyi::interaction {

class Plan {
 public:
  Plan(const Services& services, const base::Context& context);

  const Services& services() const { return services_; }
  const base::Context& context() const { return context_; }
  const store::Snapshot& snapshot() const { return *snapshot_; }
  const fhir::Definitions& definitions() const { return services_.definitions(); }

  struct Found {
    fhir::Tree tree;
    uint64_t version = 0;          // that it has, or will have when planned here
    uint32_t label = 0;
  };
  // The current resource, this plan's own writes included; nullopt where there is none or it is deleted.
  base::Result<std::optional<Found>> Find(const fhir::Type& type, std::string_view id) const;

  // Ids of current resources that match, this plan's own writes included; stops at `limit`. Not filtered by policy.
  base::Result<std::vector<std::string>> Match(const fhir::Type& type, const std::vector<fhir::Criterion>& criteria, size_t limit) const;

  struct Put {
    const fhir::Type* type = nullptr;
    std::string id;
    uint64_t version = 0;
    bool created = false;          // nothing there before, or deleted
  };
  // Creates or updates the resource in `tree` (id set) after conformance and policy have agreed. Writing the same
  // resource again replaces what this plan was to write.
  //   errors  kInvalid conformance.*; kForbidden; store failures
  base::Result<Put> Write(fhir::Tree tree);

  // Puts what this plan creates in another's custody than the caller's; no more than that of what was there before.
  void SetCustody(const Put& put, policy::Custody custody);

  // errors  kForbidden. Deleting what is not there is no change and no error: nullopt.
  base::Result<std::optional<Put>> Delete(const fhir::Type& type, std::string_view id);

  // The leaf names this elder ("Patient/p1"), too, though what is written does not say that it is about them.
  void Concerns(std::string elder) { elders_.push_back(std::move(elder)); }

  void Add(store::Fact fact) { draft_.facts.push_back(std::move(fact)); }
  void Require(store::FactCondition condition) { draft_.fact_conditions.push_back(std::move(condition)); }
  void Require(store::SearchCondition condition) { draft_.search_conditions.push_back(std::move(condition)); }
  // "No resource of `type` has come to match `criteria` since this plan's snapshot."
  void RequireUnchanged(const fhir::Type& type, const std::vector<fhir::Criterion>& criteria);
  void AddBlob(std::string id, std::string_view bytes);

  // While one lives, writes are effects of a rule that has decided already (an operation's guards, a message's map): policy
  // was asked for the operation and is not asked again for each resource that it touches.
  class EffectScope {
   public:
    explicit EffectScope(Plan& plan) : plan_(plan) { ++plan_.effects_; }
    ~EffectScope() { --plan_.effects_; }
    EffectScope(const EffectScope&) = delete;
    EffectScope& operator=(const EffectScope&) = delete;

   private:
    Plan& plan_;
  };

  // What was wrong with what was written and did not refuse it.
  const base::Outcome& told() const { return told_; }

  // What it writes so far, in the order of first writing; deletes are left out.
  std::vector<Put> Writes() const;

  bool changes_anything() const { return !writes_.empty() || !blobs_.empty() || !draft_.facts.empty(); }
  std::string NewId() const;

  // Ends the plan: prepares every write and puts the leaf in. `leaf.resources` and `leaf.elders` of the writes are added.
  base::Result<store::CommitDraft> Finish(audit::Leaf& leaf) &&;

 private:
  struct Planned {
    std::optional<fhir::Tree> tree;  // nullopt: a delete
    uint64_t version = 0;
    bool created = false;
    uint32_t label = 0;
  };
  using Key = std::pair<const fhir::Type*, std::string>;

  base::Result<base::Done> Allowed(policy::Action action, const fhir::Type& type, uint32_t label) const;

  const Services& services_;
  const base::Context& context_;
  std::shared_ptr<const store::Snapshot> snapshot_;
  store::CommitDraft draft_;
  std::map<Key, Planned> writes_;
  std::vector<Key> order_;           // of first writing
  std::vector<std::pair<std::string, std::string>> blobs_;
  std::vector<std::string> elders_;
  base::Outcome told_;
  int effects_ = 0;
};

}  // namespace heyi::interaction
