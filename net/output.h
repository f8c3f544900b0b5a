// What waits to be sent on one connection: small answers coalesced, large bodies as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/transport.h"

namespace heyi::net {

// Emptied buffers of one loop, so that an idle connection holds none and a busy one allocates none.
class BufferPool {
 public:
  std::string Take();
  void Give(std::string buffer);

 private:
  std::vector<std::string> spare_;
};

class Output {
 public:
  explicit Output(BufferPool& pool) : pool_(pool) {}

  bool empty() const { return bytes_ == 0; }
  size_t bytes() const { return bytes_; }

  // `size` bytes at the end to write into; Trim() takes back what was not needed.
  char* Grow(size_t size);
  void Trim(size_t size);

  void Append(std::string_view text);
  void AppendBody(std::string body);

  // Sends what the other side takes, at most `budget` bytes, in one system call.
  IoResult Send(Transport& transport, size_t budget);

 private:
  std::string& Last();  // the piece that what comes next is added to
  void Drop(size_t bytes);

  BufferPool& pool_;
  std::vector<std::string> pieces_;
  size_t sent_ = 0;  // of the first piece
  size_t bytes_ = 0;
};

}  // namespace heyi::net
