// What a topic-based subscriber is sent and shown: the history Bundle whose first entry is the status, as Parameters.
// https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-notification-r4.html
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/subscription/definition.h"
#include "exchange/subscription/ledger.h"
#include "store/store.h"

namespace heyi::exchange {

// An event with what may be told of it.
struct NotifiedEvent {
  uint64_t number = 0;
  EventRow row;
  bool withheld = false;     // number and time only: policy says no now, or the version is not there any more
  std::string json;          // of the version; empty of a delete, where withheld, and where no content asks for it
};

struct SubscriptionStatus {
  std::string base_url;
  std::string id;
  std::string topic;         // canonical; empty for R4 criteria
  std::string status;
  std::string error;         // Subscription.error
  std::string_view type;     // handshake | heartbeat | event-notification | query-status | query-event
  uint64_t events = 0;       // since it was created
  NoticeContent content = NoticeContent::kEmpty;
};

// The Parameters, and the id that it has: the same for the same state.
std::string StatusId(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events);
std::string StatusJson(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events);
std::string NotificationJson(const SubscriptionStatus& status, const std::vector<NotifiedEvent>& events,
                             base::TimeMs now_ms);

// Events as far as `may_read` allows; with their resources where `content` carries them. Ends before an event that
// would exceed kSubscriptionBatchBytes, but never before the first.
base::Result<std::vector<NotifiedEvent>> FillEvents(const store::Snapshot& snapshot,
                                                    const fhir::Definitions& definitions,
                                                    std::vector<NumberedEvent> events, NoticeContent content,
                                                    const std::function<bool(const EventRow&)>& may_read);

}  // namespace heyi::exchange
