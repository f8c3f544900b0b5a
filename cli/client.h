// Talking to a running Heyi from the command line.
#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"
#include "base/result.h"
#include "net/http_client.h"

namespace heyi::cli {

class Client {
 public:
  // `server`: "http://127.0.0.1:8080"
  Client(std::string server, std::string token);

  struct Answer {
    int status = 0;
    std::string body;
    base::JsonValue json;   // null where the body is none
    std::string etag, location;
  };
  base::Result<Answer> Send(std::string_view method, std::string_view path, std::string body) const;
  base::Result<Answer> Get(std::string_view path) const { return Send("GET", path, {}); }
  base::Result<Answer> Post(std::string_view path, std::string body) const { return Send("POST", path, std::move(body)); }
  base::Result<Answer> Put(std::string_view path, std::string body) const { return Send("PUT", path, std::move(body)); }

  const std::string& server() const { return server_; }

 private:
  std::string server_;
  std::string token_;
  net::HttpClient http_;
};

}  // namespace heyi::cli
