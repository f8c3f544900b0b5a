#include "server/http/exit.h"

#include "base/fault.h"
#include "server/http/render.h"

namespace heyi::server {
namespace {

store::CommitDraft DraftOf(const audit::Leaf& leaf) {
  store::CommitDraft draft;
  draft.kind = store::EntryKind::kAccess;
  draft.leaf = audit::EncodeLeaf(leaf);
  return draft;
}

}  // namespace

void Exit::Release(Reply reply, std::unique_ptr<net::Responder> responder) {
  reply.leaf.status = reply.http.status;
  if (NeedsNoWait(reply.leaf, reply.leaf_recorded)) return responder->Send(std::move(reply.http));
  // std::function wants something copyable.
  auto parked = std::make_shared<std::pair<net::Response, std::unique_ptr<net::Responder>>>(std::move(reply.http), std::move(responder));
  RecordFirst(reply.leaf, [parked](const base::Error* failed) {
    parked->second->Send(failed == nullptr ? std::move(parked->first) : RenderError(*failed));
  });
}

void Exit::Record(const audit::Leaf& leaf, bool recorded, std::function<void(const base::Error* failed)> then) {
  if (NeedsNoWait(leaf, recorded)) return then(nullptr);
  RecordFirst(leaf, std::move(then));
}

bool Exit::NeedsNoWait(const audit::Leaf& leaf, bool recorded) {
  if (recorded) {
    base::FaultPoint("exit.acknowledge");
    return true;
  }
  if (!lazy_ || failed_.load(std::memory_order_relaxed) || under_way_.load(std::memory_order_relaxed) >= kLazyLeavesMax) return false;
  under_way_.fetch_add(1, std::memory_order_relaxed);
  store::CommitDraft draft = DraftOf(leaf);
  draft.patience_ms = kLazyMs;
  access_.Commit(std::move(draft), [this](const base::Result<store::CommitReceipt>& receipt) {
    if (!receipt.ok()) failed_ = true;
    under_way_.fetch_sub(1, std::memory_order_relaxed);
  });
  return true;
}

void Exit::RecordFirst(const audit::Leaf& leaf, std::function<void(const base::Error* failed)> then) {
  access_.Commit(DraftOf(leaf), [then = std::move(then)](const base::Result<store::CommitReceipt>& receipt) {
    then(receipt.ok() ? nullptr : &receipt.error());
  });
}

}  // namespace heyi::server
