// Which channels operators have paused: a fact a channel, so that a restart changes nothing.
#pragma once

#include <optional>
#include <string_view>

#include "audit/leaf.h"
#include "base/clock.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr std::string_view kPausedSpace = "channel.paused";

// Since when; none: it is not paused.
base::Result<std::optional<base::TimeMs>> PausedSince(const store::Store& store, std::string_view channel);
// Blocks until durable, with its leaf.
base::Result<base::Done> WritePaused(store::Store& store, std::string_view channel, bool paused, base::TimeMs now_ms, const audit::Leaf& leaf);

}  // namespace heyi::exchange
