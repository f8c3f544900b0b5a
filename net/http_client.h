// Outbound HTTP by libcurl: bounded, no redirects, and only to where the configuration allows.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace heyi::net {

struct ClientRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  uint32_t timeout_ms = 0;  // shorter than the client's own; 0 = that
  bool fresh_connection = false;  // curl sends a request again when a kept connection dies under it: not where that does harm
  const std::atomic<bool>* cancelled = nullptr;  // outlives the request; within a second of its being true the request ends as failed
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

class HttpClient {
 public:
  struct Options {
    std::vector<std::string> allowed_prefixes;  // "http://127.0.0.1:8091/"; a URL that starts with none is refused
    uint32_t connect_timeout_ms = 5'000;
    uint32_t total_timeout_ms = 30'000;
    uint64_t answer_bytes_max = 16 * 1024 * 1024;
  };

  explicit HttpClient(Options options);

  // errors  kForbidden "http.client.not-allowed" without a packet sent; kUnavailable "http.client.unreachable" when no byte
  //         of the request left; kUnavailable "http.client.failed" when it may have arrived
  // Any status is a value, not an error. Thread-safe; keeps connections per thread.
  base::Result<ClientResponse> Send(const ClientRequest& request) const;

 private:
  Options options_;
};

}  // namespace heyi::net
