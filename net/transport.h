// Bytes to and from the other side of a connection, never blocking. Plain TCP now; TLS fits the same four verbs.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

namespace heyi::net {

struct IoResult {
  enum class Kind : unsigned char { kDone, kAgain, kEnd, kFailed };
  Kind kind;
  size_t bytes = 0;  // with kDone: at least 1
};

class Transport {
 public:
  virtual ~Transport() = default;  // closes

  virtual int fd() const = 0;
  virtual IoResult Receive(std::span<char> into) = 0;              // kEnd: the other side sends no more
  virtual IoResult Send(std::span<const iovec> pieces) = 0;        // takes a prefix of the pieces
  virtual void EndSending() = 0;
};

// Takes over `fd`, an accepted non-blocking TCP socket. Null where the system refuses.
std::unique_ptr<Transport> MakePlainTransport(int fd);

}  // namespace heyi::net
