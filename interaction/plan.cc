#include "interaction/plan.h"

#include <algorithm>

#include "base/digest.h"
#include "interaction/access.h"
#include "interaction/write_check.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;

Plan::Plan(const Services& services, const base::Context& context)
    : services_(services), context_(context), snapshot_(services.store.Now()) {}

base::Result<std::optional<Plan::Found>> Plan::Find(const fhir::Type& type, std::string_view id) const {
  if (auto planned = writes_.find({&type, std::string(id)}); planned != writes_.end()) {
    if (!planned->second.tree) return std::optional<Found>();
    return std::optional<Found>({planned->second.tree->Clone(), planned->second.version, planned->second.label});
  }
  HEYI_TRY(record, snapshot_->Current(type, id));
  if (!record || record->deleted) return std::optional<Found>();
  HEYI_TRY(tree, snapshot_->Tree(*record));
  return std::optional<Found>({std::move(tree), record->version, record->label});
}

base::Result<std::vector<std::string>> Plan::Match(const fhir::Type& type, const std::vector<fhir::Criterion>& criteria,
                                                   size_t limit) const {
  // This plan's own writes are asked by themselves; they cannot say what others would.
  if (fhir::AnyChained(criteria)) return Error(ErrorKind::kMalformed, "search.not-supported", {}, "chains in conditional requests");
  std::vector<std::string> ids;
  const base::TimeMs now_ms = context_.clock.NowMs();
  for (const auto& [key, planned] : writes_) {
    if (key.first == &type && planned.tree && fhir::Matches(*planned.tree, key.second, now_ms, criteria)) ids.push_back(key.second);
  }
  fhir::SearchRequest request;
  request.type = &type;
  request.criteria = criteria;
  request.count = static_cast<uint32_t>(limit + writes_.size());
  HEYI_TRY(page, snapshot_->Search(request, nullptr, {snapshot_->t(), {}}));
  for (const store::Hit& hit : page.hits) {
    if (!writes_.contains({&type, hit.id})) ids.push_back(hit.id);
  }
  if (ids.size() > limit) ids.resize(limit);
  return ids;
}

base::Result<base::Done> Plan::Allowed(policy::Action action, const fhir::Type& type, uint32_t label) const {
  if (effects_ > 0) return base::Done{};
  const policy::Decision decision =
      services_.policy.Decide({&context_.caller, action, type.name, static_cast<policy::Custody>(label)});
  if (decision.allowed) return base::Done{};
  return Error(ErrorKind::kForbidden, "interaction.forbidden", {}, type.name);
}

base::Result<Plan::Put> Plan::Write(fhir::Tree tree) {
  HEYI_CHECK(ApplyWriteRules(services_.on_write, definitions(), services_.validator, context_.clock.NowMs(), tree, told_));
  if (services_.write_check != nullptr && effects_ == 0) HEYI_CHECK(services_.write_check->Check(context_, *snapshot_, tree));

  const fhir::Type& type = *tree.type();
  const Key key{&type, std::string(tree.id())};
  Planned planned;
  uint32_t held = 0;
  if (auto earlier = writes_.find(key); earlier != writes_.end()) {
    planned.version = earlier->second.version;
    planned.created = earlier->second.created;
    held = earlier->second.label;
  } else {
    HEYI_TRY(record, snapshot_->Current(type, key.second));
    planned.version = record ? record->version + 1 : 1;
    planned.created = !record || record->deleted;
    held = record ? record->label : 0;
    order_.push_back(key);
  }
  HEYI_CHECK(Allowed(planned.created ? policy::Action::kCreate : policy::Action::kUpdate, type, planned.created ? 0 : held));
  // Custody stays with whom it was; the first writer's department has it. Operators write on behalf of the hub.
  planned.label = planned.created ? static_cast<uint32_t>(policy::CustodyOf(context_.caller.department)) : held;
  planned.tree = std::move(tree);
  Put put{&type, key.second, planned.version, planned.created};
  writes_[key] = std::move(planned);
  return put;
}

void Plan::SetCustody(const Put& put, policy::Custody custody) {
  const auto planned = writes_.find({put.type, put.id});
  const bool may = !policy::IsBetween(custody) || policy::MayStandBetween(put.type->name);
  if (planned != writes_.end() && planned->second.created && may) planned->second.label = static_cast<uint32_t>(custody);
}

base::Result<std::optional<Plan::Put>> Plan::Delete(const fhir::Type& type, std::string_view id) {
  const Key key{&type, std::string(id)};
  HEYI_TRY(record, snapshot_->Current(type, id));
  if (!record || record->deleted) {
    if (writes_.erase(key) > 0) std::erase(order_, key);  // created and deleted in one plan
    return std::optional<Put>();
  }
  HEYI_CHECK(Allowed(policy::Action::kDelete, type, record->label));
  if (!writes_.contains(key)) order_.push_back(key);
  Planned planned;
  planned.version = record->version + 1;
  planned.label = record->label;
  writes_[key] = std::move(planned);
  return std::optional<Put>(Put{&type, key.second, record->version + 1, false});
}

void Plan::RequireUnchanged(const fhir::Type& type, const std::vector<fhir::Criterion>& criteria) {
  store::SearchCondition condition{&type, {}, snapshot_->t()};
  // Any one criterion that an index row decides is enough: whatever came to match must have opened that row.
  for (const fhir::Criterion& criterion : criteria) {
    condition.posting = services_.store.PostingOf(type, criterion);
    if (!condition.posting.empty()) break;
  }
  Require(std::move(condition));
}

std::vector<Plan::Put> Plan::Writes() const {
  std::vector<Put> puts;
  for (const Key& key : order_) {
    const Planned& planned = writes_.at(key);
    if (planned.tree) puts.push_back({key.first, key.second, planned.version, planned.created});
  }
  return puts;
}

void Plan::AddBlob(std::string id, std::string_view bytes) { blobs_.emplace_back(std::move(id), bytes); }

std::string Plan::NewId() const { return base::UuidV7(context_.clock.NowMs(), context_.random); }

base::Result<store::CommitDraft> Plan::Finish(audit::Leaf& leaf) && {
  for (const Key& key : order_) {
    const Planned& planned = writes_.at(key);
    const fhir::Type& type = *key.first;
    auto prepared = planned.tree ? services_.store.PrepareWrite(*snapshot_, *planned.tree, planned.label)
                                 : services_.store.PrepareDelete(*snapshot_, type, key.second, planned.label);
    if (!prepared.ok()) return std::move(prepared).error();
    const audit::Action action = !planned.tree     ? audit::Action::kDelete
                                 : planned.created ? audit::Action::kCreate
                                                   : audit::Action::kUpdate;
    NoteResource(leaf, type.name, key.second, planned.version, action, prepared->subjects);
    draft_.writes.push_back(std::move(*prepared));
  }
  for (const std::string& elder : elders_) {
    const uint64_t pseudonym = base::Hash64(elder);
    if (std::find(leaf.elders.begin(), leaf.elders.end(), pseudonym) == leaf.elders.end()) leaf.elders.push_back(pseudonym);
  }
  for (auto& [id, bytes] : blobs_) draft_.writes.push_back(services_.store.PrepareBlob(std::move(id), bytes));
  draft_.leaf = audit::EncodeLeaf(leaf);
  return std::move(draft_);
}

}  // namespace heyi::interaction
