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
#include <string>
#include <vector>

#include "adapters/message.h"
#include "base/context.h"
#include "exchange/desk.h"
#include "interaction/services.h"
#include "mapping/pair_map.h"
#include "net/http_client.h"

namespace heyi::exchange {

struct Route {                 // where a department receives
  std::string department;
  std::string url;
  bool idempotent = false;     // a repeat does no harm there: unclear sends are sent again, else quarantined
};

struct Retention {             // days; 0 = for ever. exchange/inbox/retention.h says of what
  uint32_t raw_days = 0, parked_days = 0, dead_days = 0, delivered_days = 0, lineage_days = 0, repeat_days = 0;
};

struct Options {
  std::string hub_code;        // sender of what we send
  std::string area_code;
  std::vector<Route> routes;
  net::HttpClient::Options client;
  uint32_t retry_first_ms = 200;      // doubles up to retry_max_ms
  uint32_t retry_max_ms = 60'000;
  Retention retention;
  uint32_t parked_alarm = 100;        // more parked messages than that raise an alarm
};

struct Reply {
  std::string body;            // in the department's own form
  audit::Leaf leaf;
  bool leaf_recorded = false;  // it rode in a commit
};

class Exchange {
 public:
  // `services`, `maps`, `clock` and `random` outlive the exchange.
  static std::unique_ptr<Exchange> Make(const interaction::Services& services, const mapping::MapLibrary& maps, Options options,
                                        const base::Clock& clock, base::Random& random);
  virtual ~Exchange() = default;

  // Takes one message; blocks until what the answer says is durable. `agreement`: the policy row that lets this caller
  // send, for the leaf. Any thread.
  virtual Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
                     std::string_view agreement) = 0;

  // Finishes messages that were received but not done before the last stop, then follows the feed and delivers.
  virtual void Start() = 0;
  virtual void Stop() = 0;

  virtual Desk* FindDesk(std::string_view name) const = 0;  // null where there is none

  struct Counts {
    uint64_t received, repeated, refused, parked, outbox_waiting, delivered, dead;
  };
  virtual Counts counts() const = 0;
};

}  // namespace heyi::exchange
