// One connection: bytes in → messages → answers in order → bytes out. Lives on its loop's thread only. What a message is,
// a protocol says: HTTP (http_connection.h) or MLLP (mllp_connection.h).
//
//   open      reads messages and sends answers
//   lingering the last answer is out and our side closed: reads and forgets until the other side closes too, because
//             closing at once would destroy an answer that still travels
//   dead      to be removed by the loop
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

  virtual ~Connection() = default;

  // What happened, told by the loop; after one or more of them it calls Settle() once.
  void Readable();
  void Broken() { phase_ = Phase::kDead; }
  void Answered(Answer&& answer);
  void DeadlineReached();
  void Stop();  // no more messages; answers under way may finish

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

 protected:
  Connection(LoopShared& shared, ConnectionId id, std::unique_ptr<Transport> transport);

  // The protocol:
  virtual void Read(std::string_view* input) = 0;      // takes bytes off the front of *input, and messages that are whole
  virtual bool between_messages() const = 0;           // nothing has come of a further one
  virtual void InputEnded() = 0;                       // no more bytes will come
  virtual void Render(Answer&& answer) = 0;            // appends it to `out_`
  virtual void BeforeSending() {}                      // in every turn
  virtual int64_t message_deadline_ms() const = 0;     // of the message that has begun to come
  virtual void MessageIsLate() = 0;                    // it has passed

  // For the protocol:
  uint64_t BeginMessage();                             // one is whole: its number on this connection
  uint64_t TakeNumber() { return messages_++; }        // of an answer to what is no message
  void EndMessages() { no_more_messages_ = true; }
  void Die() { phase_ = Phase::kDead; }
  bool no_more_messages() const { return no_more_messages_; }
  uint64_t unanswered() const { return messages_ - answers_; }

  LoopShared& shared_;
  Output out_;
  int64_t begun_since_ms_ = 0;  // 0: no message has begun
  int64_t last_byte_ms_;

 private:
  enum class Phase : unsigned char { kOpen, kLingering, kDead };

  void Linger();
  void Process(std::string_view input);
  void Write(Answer&& answer);
  void Flush();
  bool blocked() const;  // too much is unanswered or unsent to read a further message

  const ConnectionId id_;
  const std::unique_ptr<Transport> transport_;
  std::string pending_;                // input held back: too much is unanswered, unsent or done in this turn
  std::map<uint64_t, Answer> parked_;  // answers that wait for earlier ones

  Phase phase_ = Phase::kOpen;
  bool served_ = false;          // a whole message has come
  bool no_more_messages_ = false;
  bool input_ended_ = false;
  bool last_answer_written_ = false;
  unsigned handled_this_turn_ = 0;  // messages; a client that sends many at once lets others in between
  uint64_t messages_ = 0, answers_ = 0;

  int64_t rest_since_ms_;
  int64_t last_sent_ms_;
  int64_t linger_until_ms_ = 0;
};

// Makes the connections of a loop, each of one protocol.
using ConnectionMaker = std::function<std::unique_ptr<Connection>(LoopShared& shared, ConnectionId id, Newcomer&& newcomer)>;

}  // namespace heyi::net
