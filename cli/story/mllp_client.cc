#include "cli/story/mllp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/mllp.h"

namespace heyi::cli {
namespace {

constexpr int kAnswerWaitMs = 10'000;

class Socket {
 public:
  Socket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Connect(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  bool Receive(std::string* bytes) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, kAnswerWaitMs) <= 0) return false;
    char buffer[4096];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    bytes->append(buffer, static_cast<size_t>(got));
    return true;
  }

 private:
  int fd_;
};

}  // namespace

base::Result<std::string> SendByMllp(uint16_t port, std::string_view message) {
  const base::Error failed(base::ErrorKind::kUnavailable, "cli.mllp", {}, std::to_string(port));
  Socket socket;
  if (!socket.Connect(port)) return failed;
  if (!socket.Send(net::kMllpBegin + std::string(message) + net::kMllpEnd + '\r')) return failed;
  std::string answer;
  for (size_t end; (end = answer.find(net::kMllpEnd)) == std::string::npos;) {
    if (!socket.Receive(&answer)) return failed;
  }
  return answer.substr(1, answer.find(net::kMllpEnd) - 1);
}

std::string AcknowledgementCode(std::string_view acknowledgement) {
  const size_t msa = acknowledgement.find("MSA|");
  return msa == std::string_view::npos ? std::string() : std::string(acknowledgement.substr(msa + 4, 2));
}

}  // namespace heyi::cli
