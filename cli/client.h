// Talking to a running Heyi from the command line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json/value.h"
#include "base/result.h"
#include "net/http_client.h"

namespace heyi::cli {

class Witness;  // cli/witness.h

class Client {
 public:
  // `server`: "http://127.0.0.1:8080"
  //   witness  is told every change that was answered 2xx; null: nobody
  Client(std::string server, std::string token, std::shared_ptr<Witness> witness = nullptr);

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
  std::shared_ptr<Witness> witness_;
  net::HttpClient http_;
};

}  // namespace heyi::cli
