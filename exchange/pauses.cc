#include "exchange/pauses.h"

#include <cstdlib>

namespace heyi::exchange {

base::Result<std::optional<base::TimeMs>> PausedSince(const store::Store& store, std::string_view channel) {
  HEYI_TRY(fact, store.Now()->Fact(kPausedSpace, channel));
  if (!fact) return std::optional<base::TimeMs>();
  return std::optional<base::TimeMs>(std::strtoll(fact->c_str(), nullptr, 10));
}

base::Result<base::Done> WritePaused(store::Store& store, std::string_view channel, bool paused, base::TimeMs now_ms, const audit::Leaf& leaf) {
  store::CommitDraft draft;
  draft.leaf = audit::EncodeLeaf(leaf);
  draft.facts.push_back({std::string(kPausedSpace), std::string(channel), paused ? std::optional(std::to_string(now_ms)) : std::nullopt});
  HEYI_TRY(receipt, store.CommitAndWait(std::move(draft)));
  static_cast<void>(receipt);
  return base::Done{};
}

}  // namespace heyi::exchange
