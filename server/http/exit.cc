#include "server/http/exit.h"

#include "base/fault.h"
#include "server/http/render.h"

namespace heyi::server {

void Exit::Release(Reply reply, std::unique_ptr<net::Responder> responder) {
  if (reply.leaf_recorded) {
    base::FaultPoint("exit.acknowledge");
    responder->Send(std::move(reply.http));
    return;
  }
  reply.leaf.status = reply.http.status;
  store::CommitDraft draft;
  draft.kind = store::EntryKind::kAccess;
  draft.leaf = audit::EncodeLeaf(reply.leaf);
  if (lazy_ && !failed_.load(std::memory_order_relaxed) && under_way_.load(std::memory_order_relaxed) < kLazyLeavesMax) {
    under_way_.fetch_add(1, std::memory_order_relaxed);
    draft.patience_ms = kLazyMs;
    access_.Commit(std::move(draft), [this](const base::Result<store::CommitReceipt>& receipt) {
      if (!receipt.ok()) failed_ = true;
      under_way_.fetch_sub(1, std::memory_order_relaxed);
    });
    responder->Send(std::move(reply.http));
    return;
  }
  // std::function wants something copyable.
  auto parked = std::make_shared<std::pair<net::Response, std::unique_ptr<net::Responder>>>(std::move(reply.http), std::move(responder));
  access_.Commit(std::move(draft), [parked](base::Result<store::CommitReceipt> receipt) {
    parked->second->Send(receipt.ok() ? std::move(parked->first) : RenderError(receipt.error()));
  });
}

}  // namespace heyi::server
