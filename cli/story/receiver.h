// The civil-affairs bureau's own endpoint, as the story plays it: takes Heyi's messages, checks their digest, answers.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/message.h"
#include "base/result.h"
#include "net/http_server.h"

namespace heyi::cli {

class Receiver : public net::HttpHandler {
 public:
  static base::Result<std::unique_ptr<Receiver>> Listen(uint16_t port);

  struct Received {
    std::string type, id;
    base::JsonValue data;
  };
  std::vector<Received> received() const;  // each message id once
  size_t repeats() const;

  uint64_t BodyBytesMax(std::string_view, std::string_view) const override { return 1 << 20; }
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override;
  void HandleFramingError(const net::FramingError& error, std::string_view peer, std::unique_ptr<net::Responder> responder) override;

 private:
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::map<std::string, size_t> seen_;  // by message id
  size_t repeats_ = 0;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace heyi::cli
