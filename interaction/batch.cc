// batch: every entry on its own, in order; one failing does not touch the others.
#include "interaction/bundle.h"
#include "interaction/dispatch.h"
#include "interaction/limits.h"
#include "interaction/status.h"

namespace heyi::interaction {

base::Result<Step> Batch(Call& call, std::vector<BundleEntry> entries) {
  size_t searches = 0;
  std::vector<std::string> answers;
  for (BundleEntry& entry : entries) {
    const bool search = entry.request.reads_only() && entry.request.segments.size() != 2;
    if (search && ++searches > kBatchSearchesMax) {
      return base::Error(base::ErrorKind::kTooLarge, "interaction.bundle-size", entry.expression(), std::to_string(kBatchSearchesMax));
    }
    Response response = PerformAndWait(call.services, call.context, std::move(entry.request));
    if (!response.leaf_recorded) {
      store::CommitDraft draft;
      draft.kind = store::EntryKind::kAccess;
      draft.leaf = audit::EncodeLeaf(response.leaf);
      const auto recorded = call.services.access.CommitAndWait(std::move(draft));
      if (!recorded.ok()) return recorded.error();  // nothing leaves unrecorded
    }
    answers.push_back(EntryJson(response, /*with_body=*/entry.request.prefer_return == ReturnPreference::kRepresentation));
  }
  Response response;
  response.body = ResponseBundleJson("batch-response", answers);
  response.leaf.caller = call.context.caller;
  response.leaf.peer = call.request.peer;
  response.leaf.request_id = call.context.request_id;
  response.leaf.action = audit::Action::kExecute;
  response.leaf.interaction = "batch";
  return Step(std::move(response));
}

}  // namespace heyi::interaction
