// One connection: bytes in → requests → answers in order → bytes out. Lives on its loop's thread only.
//
//   open      reads requests and sends answers
//   lingering the last answer is out and our side closed: reads and forgets until the other side closes too, because
//             closing at once would destroy an answer that still travels
//   dead      to be removed by the loop
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/http_reader.h"
#include "net/limits.h"
#include "net/link_list.h"
#include "net/mailbox.h"
#include "net/output.h"
#include "net/response_writer.h"
#include "net/timer_wheel.h"
#include "net/transport.h"

namespace heyi::net {

// What the connections of one loop share.
struct LoopShared {
  const Limits limits;
  HttpHandler& handler;
  const std::shared_ptr<Mailbox> mailbox;
  int64_t now_ms = 0;  // of this turn, monotonic
  DateLine date;
  BufferPool buffers;
  std::vector<char> receive_buffer;
  uint64_t requests = 0, framing_errors = 0;
};

class Connection {
 public:
  struct Wants {
    bool read = false, write = false;
    bool operator==(const Wants&) const = default;
  };

  Connection(LoopShared& shared, ConnectionId id, std::unique_ptr<Transport> transport, std::string peer);

  // What happened, told by the loop; after one or more of them it calls Settle() once.
  void Readable();
  void Broken() { phase_ = Phase::kDead; }
  void Answered(Answer&& answer);
  void DeadlineReached();
  void Stop();  // no more requests; answers under way may finish

  // Goes on with input that was held back, sends, and comes to rest.
  void Settle();

  // After Settle():
  bool dead() const { return phase_ == Phase::kDead; }
  bool has_work() const;    // call Settle() again in the next turn
  Wants wants() const;
  int64_t deadline_ms() const;
  bool served() const { return served_; }
  bool at_rest() const;     // nothing is under way: may be closed without loss

  ConnectionId id() const { return id_; }
  int fd() const { return transport_->fd(); }

  // Kept by the loop:
  TimerWheel::Timer timer;
  Link rank;             // in the order of eviction
  Wants watched;         // what epoll has been told
  bool touched = false;  // will be settled in this turn

 private:
  enum class Phase : unsigned char { kOpen, kLingering, kDead };

  void Linger();
  void Process(std::string_view input);
  void TakeRequest();
  void Refuse(const FramingError& error);
  void Write(Answer&& answer);
  void Flush();
  uint64_t unanswered() const { return requests_ - answers_; }
  bool blocked() const;  // too much is unanswered or unsent to read a further request

  LoopShared& shared_;
  const ConnectionId id_;
  const std::unique_ptr<Transport> transport_;
  const std::string peer_;
  HttpReader reader_;
  Output out_;
  std::string pending_;               // input held back: too much is unanswered, unsent or done in this turn
  std::map<uint64_t, Answer> parked_;  // answers that wait for earlier ones

  Phase phase_ = Phase::kOpen;
  bool served_ = false;          // a whole request has come
  bool no_more_requests_ = false;
  bool input_ended_ = false;
  bool last_answer_written_ = false;
  bool continue_due_ = false;    // a 100 is to be sent once all earlier answers are
  unsigned handled_this_turn_ = 0;  // requests; a client that sends many at once lets others in between
  uint64_t requests_ = 0, answers_ = 0;

  int64_t rest_since_ms_;
  int64_t head_since_ms_ = 0;  // 0: no head has begun
  int64_t last_byte_ms_;
  int64_t last_sent_ms_;
  int64_t linger_until_ms_ = 0;
};

}  // namespace heyi::net
