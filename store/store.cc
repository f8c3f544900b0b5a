#include "store/store.h"

#include <future>

namespace heyi::store {

base::Result<CommitReceipt> Store::CommitAndWait(CommitDraft draft) {
  // Shared: the committer may still be inside set_value when the waiting thread has its answer and is gone.
  const auto promise = std::make_shared<std::promise<base::Result<CommitReceipt>>>();
  std::future<base::Result<CommitReceipt>> answer = promise->get_future();
  Commit(std::move(draft), [promise](base::Result<CommitReceipt> result) { promise->set_value(std::move(result)); });
  return answer.get();
}

}  // namespace heyi::store
