// What a server has acknowledged, written down by its client, and held against it later: was anything lost or doubled?
//
// One line of JSON for each change that was answered 2xx: {"method", "path", "body", "answer"}.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/client.h"

namespace heyi::cli {

class Witness {
 public:
  explicit Witness(std::string path) : path_(std::move(path)) {}

  void Record(std::string_view method, std::string_view path, std::string_view body, std::string_view answer);

 private:
  const std::string path_;
  std::mutex mutex_;
};

struct Testimony {
  int held = 0;
  int broken = 0;
  std::string first_broken;  // the request and what came instead
};

// Asks `client`'s server for each line of the file: a message sent again must get the very acknowledgement it got then,
// and of a resource the version that was answered must be there, byte for byte. No such file: nothing was acknowledged.
base::Result<Testimony> HoldAgainst(const Client& client, const std::string& path);

}  // namespace heyi::cli
