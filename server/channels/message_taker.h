// A message that came by another way than HTTP: policy is asked, the exchange takes it, and its leaves are recorded before
// the sender hears of it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "interaction/services.h"
#include "server/http/exit.h"
#include "server/metrics.h"
#include "server/workers.h"

namespace heyi::server {

struct ChannelParts {
  const interaction::Services& services;
  exchange::Exchange& exchange;
  Exit& exit;
  Workers& workers;
  Metrics& metrics;
  const base::Clock& clock;
  base::Random& random;
};

class MessageTaker {
 public:
  // `parts` and `adapter` outlive it. `caller`: whom its senders are taken for.
  MessageTaker(std::string channel, base::Caller caller, const adapters::Adapter& adapter, const ChannelParts& parts)
      : channel_(std::move(channel)), caller_(std::move(caller)), adapter_(adapter), parts_(parts) {}

  struct Taken {
    std::string answer;
    std::vector<std::pair<audit::Leaf, bool>> leaves;  // and whether it rode in a commit; none: not allowed, and nothing is answered
    bool later = false;    // not taken, to be sent again
    bool refused = false;  // of a batch: one of its messages
  };
  // A message, or a batch of HL7 v2. Blocks; any thread.
  Taken Take(std::string raw, const std::string& peer) const;

  // Calls `then` when every leaf is durable, or with false where one could not be recorded.
  void Record(const Taken& taken, std::function<void(bool durable)> then) const;

 private:
  Taken TakeOne(std::string message, const std::string& peer) const;
  Taken TakeBatch(const std::string& frame, const std::string& peer) const;

  const std::string channel_;
  const base::Caller caller_;
  const adapters::Adapter& adapter_;
  const ChannelParts parts_;
};

}  // namespace heyi::server
