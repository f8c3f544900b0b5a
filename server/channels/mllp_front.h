// HL7 v2 by MLLP: each message goes to the exchange, each acknowledgement out by the single exit.
#pragma once

#include <memory>

#include "net/mllp_server.h"
#include "server/channels/message_taker.h"
#include "server/config.h"

namespace heyi::server {

class MllpFront : public net::MllpHandler {
 public:
  // Listens; `parts` outlive it.
  static base::Result<std::unique_ptr<MllpFront>> Start(const MllpListener& listener, const ChannelParts& parts);

  void Handle(std::string frame, std::string peer, net::MllpReply done) override;
  uint16_t port() const { return server_->port(); }
  void Stop(uint32_t grace_ms) { server_->Stop(grace_ms); }

 private:
  MllpFront(const MllpListener& listener, const ChannelParts& parts)
      : taker_(listener.name, listener.caller, adapters::HealthAdapter(), parts), workers_(parts.workers) {}

  const MessageTaker taker_;
  Workers& workers_;
  std::unique_ptr<net::MllpServer> server_;
};

}  // namespace heyi::server
