// What is durable of subscriptions beside the Subscription resources: facts in three spaces.
//
//   subscription           id                     the follower's: whose it is, how many events there were
//   subscription.event     id/number, 16 digits   one event: which version, when, allowed by what
//   subscription.delivery  id                     the sender's: up to which event the receiver has said yes
//
// The follower writes the first two in one commit with its cursor, and begins and ends the third; between, only senders
// write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "exchange/subscription/topics.h"
#include "store/store.h"

namespace heyi::exchange {

inline constexpr std::string_view kSubscriptionSpace = "subscription";
inline constexpr std::string_view kSubscriptionEventSpace = "subscription.event";
inline constexpr std::string_view kSubscriptionDeliverySpace = "subscription.delivery";
// Of the leaf, where the hub itself changes a Subscription.
inline constexpr std::string_view kSubscriptionStatusInteraction = "subscription-status";

struct SubscriberRow {
  uint64_t version = 0;        // of the Subscription, as the follower has seen it
  std::string status;          // of that version
  base::Caller creator;
  base::Caller writer;         // of its last version that is not the hub's
  uint64_t start_t = 0;        // of the entry that created it: another one of the same id is another subscription
  uint64_t events = 0;         // since it was created; the last event's number
  uint64_t dropped = 0;        // up to this number they are no longer kept
};

struct EventRow {
  ChangeKind kind = ChangeKind::kCreate;
  std::string type, id;
  uint64_t version = 0;
  base::TimeMs time_ms = 0;
  uint32_t label = 0;                // custody of that version
  std::vector<uint64_t> elders;      // pseudonyms
  std::string policy_row;            // that let the subscriber have it
};

struct DeliveryRow {
  uint64_t start_t = 0;              // as the subscriber's
  uint64_t delivered = 0;            // events up to this number have arrived, or can never be sent
  base::TimeMs failing_since_ms = 0; // 0 = not failing
};

std::string EncodeSubscriberRow(const SubscriberRow& row);
base::Result<SubscriberRow> DecodeSubscriberRow(std::string_view text);
std::string EventKey(std::string_view id, uint64_t number);
std::string EncodeEventRow(const EventRow& row);
base::Result<EventRow> DecodeEventRow(std::string_view text);
std::string EncodeDeliveryRow(const DeliveryRow& row);
base::Result<DeliveryRow> DecodeDeliveryRow(std::string_view text);

// nullopt: the follower has not seen it yet, or it is gone.
base::Result<std::optional<SubscriberRow>> FindSubscriber(const store::Snapshot& snapshot, std::string_view id);

struct NumberedEvent {
  uint64_t number = 0;
  EventRow row;
};
// Kept events from `first` to `last`, in order, at most `limit`.
base::Result<std::vector<NumberedEvent>> ReadEvents(const store::Snapshot& snapshot, std::string_view id,
                                                    uint64_t first, uint64_t last, size_t limit);

}  // namespace heyi::exchange
