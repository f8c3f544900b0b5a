#include "net/acceptor.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace heyi::net {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;

std::string AddressText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text));
  } else if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof(text));
  }
  return text;
}

class TcpAcceptor : public Acceptor {
 public:
  TcpAcceptor(const std::string& host, uint16_t port) {
    constexpr bool kReuseAddress = true, kReusePort = false;  // no second server may share the port unseen
    socket_.bind(Poco::Net::SocketAddress(host, port), kReuseAddress, kReusePort);
    socket_.listen(kBacklog);
    socket_.setBlocking(false);
    port_ = socket_.address().port();
  }

  int fd() const override { return socket_.impl()->sockfd(); }
  uint16_t port() const override { return port_; }

  Progress Accept(const std::function<void(Newcomer&&)>& adopt) override {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      sockaddr_storage address{};
      socklen_t size = sizeof(address);
      const int fd_accepted =
          ::accept4(fd(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd_accepted < 0) {
        const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (exhausted) return Progress::kExhausted;
        if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO) continue;
        return Progress::kAgain;
      }
      if (auto transport = MakePlainTransport(fd_accepted)) adopt({std::move(transport), AddressText(address)});
    }
    return Progress::kAgain;
  }

 private:
  Poco::Net::ServerSocket socket_;
  uint16_t port_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<Acceptor>> Listen(const std::string& host, uint16_t port) {
  try {
    return std::unique_ptr<Acceptor>(std::make_unique<TcpAcceptor>(host, port));
  } catch (const Poco::Exception& error) {
    return base::Error(base::ErrorKind::kUnavailable, "http.listen-failed", {},
                       host + ":" + std::to_string(port) + ": " + error.displayText());
  }
}

}  // namespace heyi::net
