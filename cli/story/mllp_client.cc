#include "cli/story/mllp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "net/mllp.h"

namespace heyi::cli {
namespace {

constexpr int kAnswerWaitMs = 10'000;

}  // namespace

MllpClient::~MllpClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool MllpClient::Connect(uint16_t port) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool MllpClient::SendAll(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool MllpClient::Receive(std::string* bytes) const {
  pollfd wait{fd_, POLLIN, 0};
  if (::poll(&wait, 1, kAnswerWaitMs) <= 0) return false;
  char buffer[4096];
  const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  bytes->append(buffer, static_cast<size_t>(got));
  return true;
}

base::Error MllpClient::Failed(uint16_t port) {
  ::close(std::exchange(fd_, -1));
  return base::Error(base::ErrorKind::kUnavailable, "cli.mllp", {}, std::to_string(port));
}

base::Result<std::string> MllpClient::Send(uint16_t port, std::string_view message) {
  if (fd_ < 0 && !Connect(port)) return Failed(port);
  if (!SendAll(net::kMllpBegin + std::string(message) + net::kMllpEnd + '\r')) return Failed(port);
  std::string answer;
  while (!answer.ends_with(std::string{net::kMllpEnd, '\r'})) {
    if (!Receive(&answer)) return Failed(port);
  }
  return answer.substr(1, answer.size() - 3);
}

std::string AcknowledgementCode(std::string_view acknowledgement) {
  const size_t msa = acknowledgement.find("MSA|");
  return msa == std::string_view::npos ? std::string() : std::string(acknowledgement.substr(msa + 4, 2));
}

}  // namespace heyi::cli
