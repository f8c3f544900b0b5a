// The listening socket, and which loop gets a new connection: the one with the fewest.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/mailbox.h"

namespace heyi::net {

class Acceptor {
 public:
  enum class Progress : unsigned char { kAgain, kExhausted };  // kExhausted: no descriptor or memory for another one

  virtual ~Acceptor() = default;

  virtual int fd() const = 0;
  virtual uint16_t port() const = 0;

  // Accepts what waits, at most a few dozen, and hands each to `adopt`.
  virtual Progress Accept(const std::function<void(Newcomer&&)>& adopt) = 0;
};

// errors  kUnavailable "http.listen-failed"
base::Result<std::unique_ptr<Acceptor>> Listen(const std::string& host, uint16_t port);

}  // namespace heyi::net
