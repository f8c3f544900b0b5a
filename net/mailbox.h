// Where answers and orders for a loop's thread are left. Connections are named by id, never by pointer: one that is
// gone just gets no more answers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http.h"
#include "net/transport.h"

namespace heyi::net {

using ConnectionId = uint64_t;

// What the request decides about the shape of its answer.
struct AnswerShape {
  bool head_only = false;
  bool close = false;            // the connection closes after it
  bool says_keep_alive = false;  // HTTP/1.0 must be told
  bool says_allow = false;       // 405 by the reader
};

struct Answer {
  ConnectionId connection = 0;
  uint64_t sequence = 0;  // of the request on its connection
  AnswerShape shape;
  bool abandoned = false;  // the responder was dropped
  Response response;
};

struct Newcomer {
  std::unique_ptr<Transport> transport;
  std::string peer;
};

class Mailbox {
 public:
  // Takes answers given on the loop's own thread.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void TakeLocal(Answer&& answer) = 0;
  };

  struct Letters {
    std::vector<Answer> answers;
    std::vector<Newcomer> newcomers;
    bool stop = false;
    int64_t grace_ms = 0;
  };

  // Null where the system refuses an eventfd.
  static std::shared_ptr<Mailbox> Make();
  ~Mailbox();

  // From any thread. On the owner's thread: straight to it, without lock. After Close(): forgotten.
  void Deliver(Answer&& answer);
  void Deliver(Newcomer&& newcomer);
  void OrderStop(int64_t grace_ms);

  // On the owner's thread.
  void Open(Owner& owner);
  void Close();
  void TakeAll(Letters* letters);  // swaps
  int event_fd() const { return event_fd_; }  // becomes readable at the first letter after each TakeAll()

 private:
  explicit Mailbox(int event_fd) : event_fd_(event_fd) {}
  void Wake();

  const int event_fd_;
  Owner* owner_ = nullptr;  // written and used on the owner's thread only
  std::mutex mutex_;
  bool closed_ = false;  // these under mutex_
  bool woken_ = false;
  Letters letters_;
};

}  // namespace heyi::net
