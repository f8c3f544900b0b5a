#include "store/commit/group_check.h"

#include "store/limits.h"

namespace heyi::store {
namespace {

base::Error Stale(std::string detail) { return base::Error(base::ErrorKind::kStale, "store.stale", {}, detail); }

std::string KeyOf(const PreparedWrite& write) {
  return write.type != nullptr ? CurrentKey(*write.type, write.id) : BlobKey(write.id);
}

std::string NameOf(const PreparedWrite& write) { return write.type->name + "/" + write.id; }

}  // namespace

base::Result<base::Done> GroupCheck::CheckWrites(const CommitDraft& draft, std::vector<AppliedWrite>* applied) const {
  if (draft.writes.size() > kBodiesMax) return base::Error(base::ErrorKind::kTooLarge, "store.too-large");
  if (!draft.writes.empty() && draft.kind != EntryKind::kCommit) {
    return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "only commits write resources");
  }
  std::set<std::string> own;
  uint64_t bytes = draft.leaf.size();
  for (const PreparedWrite& write : draft.writes) {
    bytes += write.body.stored.size();
    std::string key = KeyOf(write);
    AppliedWrite one{&write, std::nullopt, kNoDocid, write.body.version, write.body.deleted, write.body.label, Pointer()};
    if (write.type != nullptr) {
      // What an earlier draft of the group writes cannot have been seen by this one's plan.
      if (touched_.contains(key)) return Stale(NameOf(write));
      HEYI_TRY(record, views_.Record(*write.type, write.id));
      if ((record ? record->version : 0) != write.base_version) return Stale(NameOf(write));
      if (record) one.docid = record->docid;
      one.before = std::move(record);
    }
    if (!own.insert(std::move(key)).second || write.body.version != write.base_version + 1) {
      return base::Error(base::ErrorKind::kInternal, "internal.failed", {}, "a commit that contradicts itself");
    }
    applied->push_back(std::move(one));
  }
  for (const Fact& fact : draft.facts) bytes += fact.space.size() + fact.key.size() + (fact.value ? fact.value->size() : 0);
  if (bytes > kEntryBytesMax / 2) return base::Error(base::ErrorKind::kTooLarge, "store.too-large");
  return base::Done{};
}

base::Result<base::Done> GroupCheck::CheckConditions(const CommitDraft& draft) const {
  for (const FactCondition& condition : draft.fact_conditions) {
    std::optional<std::string> value;
    if (const auto found = facts_.find(FactKey(condition.space, condition.key)); found != facts_.end()) {
      value = found->second;
    } else {
      HEYI_TRY(stored, views_.Fact(condition.space, condition.key));
      value = std::move(stored);
    }
    if (value != condition.expected) return Stale(condition.space);
  }
  for (const SearchCondition& condition : draft.search_conditions) {
    if (watch_.ChangedSince(condition)) return Stale(condition.type->name);
  }
  return base::Done{};
}

base::Result<std::optional<uint32_t>> GroupCheck::HolderOf(const Claim& claim) const {
  if (const auto found = holders_.find(claim); found != holders_.end()) return found->second;
  return views_.ClaimHolder(claim);
}

base::Error GroupCheck::Taken(const Claim& claim, uint32_t holder) const {
  std::string name;
  if (const auto found = new_docids_.find(holder); found != new_docids_.end()) {
    name = found->second;
  } else if (auto hit = reader_.ByDocid(holder); hit.ok() && *hit) {
    name = (*hit)->type->name + "/" + (*hit)->id;
  }
  return base::Error(base::ErrorKind::kConflict, base::Outcome(indexer_.Taken(claim, name)));
}

base::Result<base::Done> GroupCheck::CheckClaims(const std::vector<AppliedWrite>& applied) const {
  std::map<Claim, uint32_t> released;
  std::map<Claim, std::string> taken;
  for (const AppliedWrite& one : applied) {
    for (const Claim& claim : one.write->releases) released[claim] = one.docid;
  }
  for (const AppliedWrite& one : applied) {
    for (const Claim& claim : one.write->takes) {
      const auto [other, alone] = taken.emplace(claim, NameOf(*one.write));
      if (!alone) return base::Error(base::ErrorKind::kConflict, base::Outcome(indexer_.Taken(claim, other->second)));
      HEYI_TRY(holder, HolderOf(claim));
      if (!holder || *holder == one.docid) continue;
      const auto handed_over = released.find(claim);
      if (handed_over == released.end() || handed_over->second != *holder) return Taken(claim, *holder);
    }
  }
  return base::Done{};
}

base::Result<std::vector<AppliedWrite>> GroupCheck::Accept(const CommitDraft& draft, uint64_t t) {
  std::vector<AppliedWrite> applied;
  applied.reserve(draft.writes.size());
  HEYI_CHECK(CheckWrites(draft, &applied));
  HEYI_CHECK(CheckConditions(draft));
  HEYI_CHECK(CheckClaims(applied));

  for (AppliedWrite& one : applied) {
    touched_.insert(KeyOf(*one.write));
    if (one.write->type == nullptr) continue;
    if (one.docid == kNoDocid) {
      one.docid = next_docid_++;
      if (!one.write->takes.empty()) new_docids_.emplace(one.docid, NameOf(*one.write));
    }
    for (const Claim& claim : one.write->releases) {
      HEYI_TRY(holder, HolderOf(claim));
      if (holder == one.docid) holders_[claim] = std::nullopt;
    }
    watch_.Note(*one.write, t);
  }
  for (const AppliedWrite& one : applied) {
    for (const Claim& claim : one.write->takes) holders_[claim] = one.docid;
  }
  for (const Fact& fact : draft.facts) facts_[FactKey(fact.space, fact.key)] = fact.value;
  return applied;
}

}  // namespace heyi::store
