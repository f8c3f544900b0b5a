// The exchange: takes departments' messages in, carries what they cause, and passes on what others may have.
//
// In:  raw bytes durable (inbox: received) -> record -> mapped -> one transaction with Provenance, lineage, the inbox row
//      (done) and the acknowledgement's text. A repeat gets the stored acknowledgement again; the same id with other
//      bytes is refused and alarmed; what cannot be mapped yet is parked and answered "kept, do not resend".
// Out: follows the feed; a change that a department may have becomes an outbox row (in the commit of the follower's
//      cursor), is delivered in order per elder, and retried until acknowledged.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/message.h"
#include "base/context.h"
#include "exchange/channel.h"
#include "exchange/desk.h"
#include "exchange/inbox/retention_days.h"
#include "exchange/subscription/limits.h"
#include "interaction/services.h"
#include "interaction/write_check.h"
#include "mapping/map_library.h"

namespace heyi::exchange {

class Routing;                 // exchange/routing/routing.h

struct Options {
  std::string hub_code;        // sender of what we send
  std::string area_code;
  std::vector<Route> routes;                  // ways out, of different names
  net::HttpClient::Options client;            // of the ways out by HTTP
  std::vector<InboundChannel> inbound = {};   // ways in
  std::shared_ptr<const Routing> routing = nullptr;  // null: the built-in routes and release profiles
  SubscriptionLimits subscriptions = {};
  Retention retention = {};
  uint32_t parked_alarm = 100;                // more parked messages than that raise an alarm
};

struct Reply {
  std::string body;            // in the department's own form
  audit::Leaf leaf;
  bool leaf_recorded = false;  // it rode in a commit
};

class Exchange {
 public:
  // `services`, `maps`, `clock` and `random` outlive the exchange.
  static base::Result<std::unique_ptr<Exchange>> Make(const interaction::Services& services, mapping::MapsInForce& maps, Options options,
                                        const base::Clock& clock, base::Random& random);
  virtual ~Exchange() = default;

  // Takes one message; blocks until what the answer says is durable. `agreement`: the policy row that lets this caller
  // send, for the leaf. Any thread.
  virtual Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
                     std::string_view agreement) = 0;

  // The same for a message that came by the inbound channel of that name: counted there, and refused with "send again"
  // while an operator has paused it. A name that is none has no such gate.
  virtual Reply TakeFrom(std::string_view channel, const adapters::Adapter& adapter, std::string raw, const base::Context& context,
                         std::string_view peer, std::string_view agreement) = 0;
  virtual bool IsPaused(std::string_view channel) const = 0;
  // What an inbound channel that is looked after (a folder) has lying there, since when, and what is wrong with it.
  virtual void NoteInbound(std::string_view channel, uint64_t waiting, std::optional<base::TimeMs> oldest_ms, std::string_view trouble) = 0;

  // Finishes messages that were received but not done before the last stop, then follows the feed and delivers.
  //   errors  of the store
  virtual base::Result<base::Done> Start() = 0;
  virtual void Stop() = 0;

  virtual Desk* FindDesk(std::string_view name) const = 0;  // null where there is none

  struct Counts {
    uint64_t received, repeated, refused, parked, outbox_waiting, delivered, dead, quarantined, channels_broken, channels_paused, breaker_openings;
  };
  virtual Counts counts() const = 0;

  // What is asked of Subscriptions as clients write them, and the topics that they may name. Of the exchange's life.
  virtual const interaction::WriteCheck& subscription_check() const = 0;
  virtual std::vector<std::string> subscription_topics() const = 0;
};

}  // namespace heyi::exchange
