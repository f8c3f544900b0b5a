// The whole server in this process, on a port and a data directory of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/text.h"
#include "net/http_client.h"
#include "server/server.h"
#include "tests/rest_file.h"

namespace heyi::server {

class RunningHouse {
 public:
  // `change` may alter the trial configuration; `directory` is where the data lie.
  using Change = std::function<void(Config& config, const std::string& directory)>;
  RunningHouse() : RunningHouse([](Config&, const std::string&) {}) {}
  explicit RunningHouse(const Change& change) {
    char name[] = "/tmp/heyi-http-XXXXXX";
    directory_ = ::mkdtemp(name);
    EXPECT_TRUE(WriteTrialConfig(directory_, 1, random_).ok());
    auto config = LoadConfig(directory_ + "/config.json");
    EXPECT_TRUE(config.ok());
    for (MllpListener& listener : config->mllp) listener.port = 0;  // any
    config_ = std::move(*config);
    change(config_, directory_);
    Start();
  }
  ~RunningHouse() {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Stops it and starts it again on the same data, on another port.
  void Restart() {
    server_.reset();
    Start();
  }

  std::string Token(const std::string& who) const {
    const std::string path = directory_ + (who == "operator" ? "/operator.token" : "/tokens/" + who + ".token");
    return std::string(base::Trim(*base::ReadFile(path)));
  }

  testing::Answer Ask(net::ClientRequest request, std::string_view target) {
    request.url = origin_ + std::string(target);
    const net::HttpClient client({{origin_ + "/"}, 5'000, 60'000, 256 << 20});
    auto response = client.Send(request);
    EXPECT_TRUE(response.ok()) << target;
    if (!response.ok()) return {};
    testing::Answer answer{response->status, {}, std::move(response->body)};
    for (auto& [name, value] : response->headers) {
      // "content-type" as the files write it: "Content-Type"
      for (size_t i = 0; i < name.size(); ++i) {
        if (i == 0 || name[i - 1] == '-') name[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
      }
      answer.headers[name == "Etag" ? "ETag" : name] = value;
    }
    return answer;
  }

  const std::string& directory() const { return directory_; }
  const std::string& origin() const { return origin_; }
  uint16_t port() const { return server_->port(); }
  uint16_t mllp_port() const { return server_->mllp_ports().at(0); }

 private:
  void Start() {
    auto started = Server::Start({directory_, HEYI_BINARY_DIR "/heyi-r4.pack", "127.0.0.1", 0, config_}, clock_, random_);
    EXPECT_TRUE(started.ok());
    server_ = std::move(*started);
    origin_ = "http://127.0.0.1:" + std::to_string(server_->port());
  }

  Config config_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::string directory_, origin_;
  std::unique_ptr<Server> server_;
};

}  // namespace heyi::server
