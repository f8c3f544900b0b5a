#include "server/http/exit.h"

#include "base/fault.h"
#include "server/http/render.h"

namespace heyi::server {

void Exit::Release(Reply reply, std::unique_ptr<net::Responder> responder) {
  reply.leaf.status = reply.http.status;
  // std::function wants something copyable.
  auto parked = std::make_shared<std::pair<net::Response, std::unique_ptr<net::Responder>>>(std::move(reply.http), std::move(responder));
  Record(reply.leaf, reply.leaf_recorded, [parked](const base::Error* failed) {
    parked->second->Send(failed == nullptr ? std::move(parked->first) : RenderError(*failed));
  });
}

void Exit::Record(const audit::Leaf& leaf, bool recorded, std::function<void(const base::Error* failed)> then) {
  if (recorded) {
    base::FaultPoint("exit.acknowledge");
    return then(nullptr);
  }
  store::CommitDraft draft;
  draft.kind = store::EntryKind::kAccess;
  draft.leaf = audit::EncodeLeaf(leaf);
  if (lazy_ && !failed_.load(std::memory_order_relaxed) && under_way_.load(std::memory_order_relaxed) < kLazyLeavesMax) {
    under_way_.fetch_add(1, std::memory_order_relaxed);
    draft.patience_ms = kLazyMs;
    access_.Commit(std::move(draft), [this](const base::Result<store::CommitReceipt>& receipt) {
      if (!receipt.ok()) failed_ = true;
      under_way_.fetch_sub(1, std::memory_order_relaxed);
    });
    return then(nullptr);
  }
  access_.Commit(std::move(draft), [then = std::move(then)](const base::Result<store::CommitReceipt>& receipt) {
    then(receipt.ok() ? nullptr : &receipt.error());
  });
}

}  // namespace heyi::server
