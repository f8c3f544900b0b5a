// Asked when a client writes a Subscription: would it be honoured?
#pragma once

#include <memory>

#include "exchange/subscription/definition.h"
#include "interaction/write_check.h"

namespace heyi::exchange {

// A client may say requested and off; active, which a read-modify-write brings back, is taken as requested.
//   errors  kInvalid as ReadSubscription, and subscription.status (error is the server's word), subscription.end (past),
//           subscription.too-many; kForbidden interaction.forbidden: it is another client's
std::unique_ptr<interaction::WriteCheck> MakeSubscriptionCheck(const SubscriptionTerms& terms);

}  // namespace heyi::exchange
