// What goes in and out, where it is stuck, and what operators do about it.
//
//   GET  /exchange/channels                       each channel with its state and counts
//   GET  /exchange/channels/NAME                  one of them
//   GET  /exchange/channels/NAME/rows             ?state=waiting|quarantined|dead|dropped &order= &after=: a page of rows
//   POST /exchange/channels/NAME/pause            durable; a way out goes on collecting, a way in says "send again"
//   POST /exchange/channels/NAME/resume
//   POST /exchange/channels/NAME/redeliver        {"rows":[ID…]} or {"state":"dead"|"quarantined","limit":N}
//   POST /exchange/channels/NAME/drop             {"rows":[ID…],"reason":"…"}
//
// Rows go by their message ids. Every order says what it did; given again it does nothing more.
#pragma once

#include <memory>
#include <vector>

#include "exchange/desk.h"
#include "exchange/gate.h"
#include "exchange/outbox/delivery.h"

namespace heyi::exchange {

// Both outlive the desk.
std::unique_ptr<Desk> MakeChannelsDesk(const std::vector<std::unique_ptr<Gate>>& gates, const std::vector<std::unique_ptr<Delivery>>& deliveries);

}  // namespace heyi::exchange
