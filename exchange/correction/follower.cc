// What is settled without a word: the owner's next message, or a PUT or PATCH of its own, changes the element (edge K07);
// or the resource goes (K08). Whether that is so is asked of the record and not of what was seen, so a stop loses nothing.
#include <fmt/format.h>

#include <set>

#include "exchange/hub_caller.h"
#include "base/log.h"
#include "exchange/correction/author.h"
#include "exchange/correction/correction.h"
#include "exchange/correction/task.h"

namespace heyi::exchange {

base::Result<size_t> CorrectionFollower::Advance() {
  const auto snapshot = services_.store.Now();
  std::vector<std::pair<std::string, std::string>> open;
  HEYI_CHECK(snapshot->Facts(kDisputeSpace, "", [&](std::string_view key, std::string_view value) {
    open.emplace_back(key, value);
    return open.size() < kDisputesFollowedMax;
  }));
  const bool all = reached_ == 0;  // the first round since the start
  std::set<std::string> touched;
  if (!open.empty() && !all) {
    HEYI_CHECK(services_.store.Follow(reached_ + 1, [&](const store::EntryView& entry) -> base::Result<bool> {
      if (entry.t > snapshot->t()) return false;
      for (const store::BodyView& body : entry.bodies) touched.insert(fmt::format("{}/{}", body.type, body.id));
      return true;
    }));
  }
  size_t closed = 0;
  for (const auto& [key, value] : open) {
    if (!all && !touched.contains(key.substr(0, key.rfind('/')))) continue;
    auto settled = CloseIfSettled(key, value);
    if (!settled.ok() && settled.error().kind == base::ErrorKind::kUnavailable) return std::move(settled).error();
    if (!settled.ok()) {  // one that cannot be closed holds up no other
      base::Log(base::LogLevel::kWarning, "exchange.correction-stays", {{"dispute", key}, {"rule", settled.error().outcome.issues().front().rule}});
      continue;
    }
    closed += *settled ? 1 : 0;
  }
  reached_ = again_ ? 0 : snapshot->t();
  again_ = false;
  return closed;
}

base::Result<bool> CorrectionFollower::CloseIfSettled(const std::string& key, const std::string& value) {
  const auto dispute = ReadDispute(key, value);
  if (!dispute) return false;
  const base::Context context{HubCaller(), clock_, random_, "correction/" + dispute->task};
  interaction::Plan plan(services_, context);
  const interaction::Plan::EffectScope effects(plan);
  const size_t slash = dispute->resource.find('/');
  const fhir::Type* type = plan.definitions().FindResource(dispute->resource.substr(0, slash));
  if (type == nullptr) return false;
  const std::string id = dispute->resource.substr(slash + 1);
  HEYI_TRY(current, plan.snapshot().Current(*type, id));
  const bool gone = !current || current->deleted;
  std::string corrected;
  if (!gone) {
    if (current->version == dispute->version) return false;
    HEYI_TRY(path, fhir::Expression::Compile(dispute->path, plan.definitions()));
    HEYI_TRY(disputed, plan.snapshot().Version(*type, id, dispute->version));
    if (!disputed || disputed->deleted) return false;
    HEYI_TRY(before, plan.snapshot().Tree(*disputed));
    const std::string stated = ValueAtPath(before, path);
    for (uint64_t version = dispute->version + 1; version <= current->version && version - dispute->version <= kDisputeVersionsMax; ++version) {
      HEYI_TRY(record, plan.snapshot().Version(*type, id, version));
      if (!record || record->deleted) continue;
      HEYI_TRY(tree, plan.snapshot().Tree(*record));
      if (ValueAtPath(tree, path) == stated) continue;
      std::string organization;
      HEYI_TRY(writer, DepartmentOfEntry(services_.store, record->t, &organization));
      // Another's word is no correction of the owner's. A message's entry does not say which Organization it was.
      if (writer != dispute->owner) continue;
      if (!organization.empty() && !dispute->organization.empty() && organization != dispute->organization) continue;
      corrected = fmt::format("{}/_history/{}", dispute->resource, version);
      break;
    }
    if (corrected.empty()) return false;
  }
  HEYI_TRY(task, plan.Find(*plan.definitions().FindResource("Task"), dispute->task));
  const CorrectionEdge* edge = task ? FindCorrectionEdge(gone ? kOutcomeGone : kOutcomeChanged, task->tree.root().TextAt("status")) : nullptr;
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "$settle";
  leaf.request_id = context.request_id;
  plan.Require({std::string(kDisputeSpace), key, value});
  if (edge == nullptr) {
    plan.Add({std::string(kDisputeSpace), key, std::nullopt});  // the Task was ended in another way
  } else {
    HEYI_TRY(put, TakeEdge(plan, std::move(task->tree), *edge, "", corrected));
    static_cast<void>(put);
  }
  HEYI_TRY(draft, std::move(plan).Finish(leaf));
  const auto receipt = services_.store.CommitAndWait(std::move(draft));
  if (receipt.ok()) return edge != nullptr;
  if (receipt.error().kind == base::ErrorKind::kStale) {  // somebody was faster; the next round looks at all again
    again_ = true;
    return false;
  }
  return receipt.error();
}

}  // namespace heyi::exchange
