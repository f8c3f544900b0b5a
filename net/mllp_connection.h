// A connection that speaks MLLP: one message at a time, each answered before the next is read.
#pragma once

#include <memory>
#include <string>

#include "net/connection.h"
#include "net/mllp.h"
#include "net/mllp_reader.h"

namespace heyi::net {

class MllpConnection final : public Connection {
 public:
  // `handler` outlives the connection.
  MllpConnection(LoopShared& shared, ConnectionId id, Newcomer&& newcomer, MllpHandler& handler, const MllpBounds& bounds);

 private:
  void Read(std::string_view* input) override;
  bool between_messages() const override { return reader_.idle(); }
  void InputEnded() override;
  void Render(Answer&& answer) override;
  int64_t message_deadline_ms() const override;
  void MessageIsLate() override;

  void CountDropped();
  void GiveUp(const char* why);

  MllpHandler& handler_;
  const std::string peer_;
  MllpReader reader_;
  uint64_t counted_ = 0;  // of what the reader has dropped
};

}  // namespace heyi::net
