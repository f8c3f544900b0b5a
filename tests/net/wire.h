// A raw client on a loopback socket, and handlers to talk to.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "net/ascii.h"
#include "net/http_server.h"
#include "tests/net/probes.h"

namespace heyi::net {

inline int64_t NowMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// Waits until `condition` holds; false after five seconds.
template <typename Condition>
bool Eventually(const Condition& condition) {
  for (const int64_t until = NowMs() + 5000; NowMs() < until;) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

struct WireAnswer {
  int status = 0;  // 0: none came
  std::string head, body;
  std::string Header(std::string_view name) const {
    for (std::string_view line : base::Split(head, '\n')) {
      const size_t colon = line.find(':');
      if (colon != std::string_view::npos && EqualsIgnoringCase(line.substr(0, colon), name)) {
        return std::string(base::Trim(line.substr(colon + 1)));
      }
    }
    return "";
  }
};

class Wire {
 public:
  explicit Wire(uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Wire() { ::close(fd_); }
  Wire(const Wire&) = delete;

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void Fin() { ::shutdown(fd_, SHUT_WR); }

  // The next answer; of a HEAD request the head only.
  WireAnswer Read(bool head_only, int timeout_ms = 5000) {
    WireAnswer answer;
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!More(timeout_ms)) return answer;
    }
    answer.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    if (head_only || answer.status < 200) return answer;
    const auto size = static_cast<size_t>(std::atoll(answer.Header("content-length").c_str()));
    while (buffer_.size() < size && More(timeout_ms)) {
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return answer;
  }
  WireAnswer Read() { return Read(false); }

  // What comes up to and with `end`; less where it does not come.
  std::string ReadUntil(std::string_view end, int timeout_ms = 5000) {
    size_t at;
    while ((at = buffer_.find(end)) == std::string::npos && More(timeout_ms)) {
    }
    const size_t size = at == std::string::npos ? buffer_.size() : at + end.size();
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
  }

  // Does the other side close, or reset where it was still being sent to?
  bool Ends(int timeout_ms = 3000) {
    while (More(timeout_ms)) {
    }
    return ended_;
  }

  // Does the other side close, sending nothing more?
  bool Closes(int timeout_ms = 3000) {
    if (!buffer_.empty()) return false;
    return !More(timeout_ms) && ended_;
  }
  bool ended() const { return ended_; }
  bool reset() const { return reset_; }

 private:
  bool More(int timeout_ms) {
    pollfd wait{fd_, POLLIN, 0};
    if (ended_ || ::poll(&wait, 1, timeout_ms) <= 0) return false;
    char bytes[16384];
    const ssize_t got = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (got <= 0) {
      ended_ = true;
      reset_ = got < 0;
      return false;
    }
    buffer_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  int fd_;
  std::string buffer_;
  bool ended_ = false, reset_ = false;
};

// Answers at once: 200 and what was asked; framing errors with their rule.
class Echo : public HttpHandler {
 public:
  uint64_t BodyBytesMax(std::string_view, std::string_view) const override { return kProbeBodyBytesMax; }
  void Handle(Request request, std::unique_ptr<Responder> responder) override {
    Response response;
    response.headers.emplace_back("Content-Type", "text/plain");
    response.body = std::string(request.method) + " " + std::string(request.target) + "\n" + request.body;
    responder->Send(std::move(response));
  }
  void HandleFramingError(const FramingError& error, std::string_view, std::unique_ptr<Responder> responder) override {
    responder->Send({.status = error.status, .headers = {}, .body = error.rule});
  }
};

// Keeps requests until the test answers them.
class Keeper : public Echo {
 public:
  struct Kept {
    Request request;
    std::unique_ptr<Responder> responder;
  };
  void Handle(Request request, std::unique_ptr<Responder> responder) override {
    const std::lock_guard lock(mutex_);
    kept_.push_back({std::move(request), std::move(responder)});
    changed_.notify_all();
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  std::deque<Kept> TakeAll(size_t at_least) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(5), [&] { return kept_.size() >= at_least; }));
    return std::exchange(kept_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Kept> kept_;
};

inline std::unique_ptr<HttpServer> StartServer(HttpHandler& handler, const Limits& limits, unsigned loops) {
  auto server = HttpServer::Start({.host = "127.0.0.1", .port = 0, .loops = loops, .limits = limits}, handler);
  EXPECT_TRUE(server.ok());
  return std::move(server).value();
}

}  // namespace heyi::net
