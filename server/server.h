// The whole of Heyi in one process: stores, rooms, front. What `heyi serve` runs and what tests start.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "server/config.h"

namespace heyi::server {

struct ServeOptions {
  std::string data_directory;
  std::string pack_path;      // definitions
  std::string host = "127.0.0.1";
  uint16_t port = 0;          // 0: any free one
  Config config;
};

class Server {
 public:
  // Opens (recovers) the stores and listens. `clock` and `random` outlive the server.
  static base::Result<std::unique_ptr<Server>> Start(const ServeOptions& options, const base::Clock& clock, base::Random& random);
  virtual ~Server() = default;

  virtual uint16_t port() const = 0;
  virtual std::string base_url() const = 0;  // http://127.0.0.1:8080/fhir
  virtual std::vector<uint16_t> mllp_ports() const = 0;  // in the configuration's order
  virtual void Stop() = 0;                   // graceful: finishes answers under way, flushes the views
};

}  // namespace heyi::server
