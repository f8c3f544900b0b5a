// HL7 v2 messages as the rest of the program sees them: the frame is taken off, nothing is interpreted.
// https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/mailbox.h"

namespace heyi::net {

inline constexpr char kMllpBegin = '\x0b', kMllpEnd = '\x1c';  // VT … FS CR

// The right to answer one message, once, from any thread. An empty answer sends nothing. Dropped unanswered, it closes
// the connection, so that the sender sends again.
class MllpReply {
 public:
  MllpReply(std::shared_ptr<Mailbox> mailbox, ConnectionId connection, uint64_t sequence);
  MllpReply(MllpReply&&) noexcept = default;
  MllpReply& operator=(MllpReply&&) = delete;
  ~MllpReply();

  void operator()(std::string answer);

 private:
  std::shared_ptr<Mailbox> mailbox_;  // null once used
  ConnectionId connection_;
  uint64_t sequence_;
};

class MllpHandler {
 public:
  virtual ~MllpHandler() = default;

  // Called on a loop thread with what stood between VT and FS: answer at once from memory, or hand the work (and `done`)
  // to another thread. The connection's next message comes after the answer. `peer`: the other side's address.
  virtual void Handle(std::string frame, std::string peer, MllpReply done) = 0;
};

}  // namespace heyi::net
