// HL7 v2 by MLLP: each message goes to the exchange, each acknowledgement out by the single exit.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "exchange/exchange.h"
#include "net/mllp_server.h"
#include "server/config.h"
#include "server/http/exit.h"
#include "server/metrics.h"
#include "server/workers.h"

namespace heyi::server {

class MllpFront : public net::MllpHandler {
 public:
  struct Parts {
    const interaction::Services& services;
    exchange::Exchange& exchange;
    Exit& exit;
    Workers& workers;
    Metrics& metrics;
    const base::Clock& clock;
    base::Random& random;
  };
  // Listens; `parts` outlive it.
  static base::Result<std::unique_ptr<MllpFront>> Start(const MllpListener& listener, const Parts& parts);

  void Handle(std::string frame, std::string peer, net::MllpReply done) override;
  uint16_t port() const { return server_->port(); }
  void Stop(uint32_t grace_ms) { server_->Stop(grace_ms); }

 private:
  using Leaves = std::vector<std::pair<audit::Leaf, bool>>;  // and whether it rode in a commit

  void RecordAll(const Leaves& leaves, std::function<void()> then);
  // Each fills `answer`. No leaves: not allowed, and nothing is answered.
  Leaves TakeOne(std::string message, const std::string& peer, std::string& answer);
  Leaves TakeBatch(const std::string& frame, const std::string& peer, std::string& answer);

  MllpFront(base::Caller caller, const Parts& parts) : caller_(std::move(caller)), parts_(parts) {}

  const base::Caller caller_;
  const Parts parts_;
  std::unique_ptr<net::MllpServer> server_;
};

}  // namespace heyi::server
