#include "net/transport.h"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace heyi::net {
namespace {

// POCO owns the socket, but its sendBytes throws where a socket would block: the two hot verbs go past it.
class PlainTransport : public Transport {
 public:
  explicit PlainTransport(int fd) : socket_(new Poco::Net::StreamSocketImpl(fd)), fd_(fd) {}

  int fd() const override { return fd_; }

  IoResult Receive(std::span<char> into) override {
    const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
    if (got > 0) return {IoResult::Kind::kDone, static_cast<size_t>(got)};
    return {got == 0 ? IoResult::Kind::kEnd : KindOfErrno()};
  }

  IoResult Send(std::span<const iovec> pieces) override {
    ssize_t sent;
    if (pieces.size() == 1) {
      sent = ::send(fd_, pieces.front().iov_base, pieces.front().iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(pieces.data());
      message.msg_iovlen = pieces.size();
      sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    }
    if (sent > 0) return {IoResult::Kind::kDone, static_cast<size_t>(sent)};
    return {KindOfErrno()};
  }

  void EndSending() override { ::shutdown(fd_, SHUT_WR); }

 private:
  static IoResult::Kind KindOfErrno() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? IoResult::Kind::kAgain : IoResult::Kind::kFailed;
  }

  Poco::Net::StreamSocket socket_;
  int fd_;
};

}  // namespace

std::unique_ptr<Transport> MakePlainTransport(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  try {
    return std::make_unique<PlainTransport>(fd);
  } catch (const Poco::Exception&) {
    ::close(fd);
    return nullptr;
  }
}

}  // namespace heyi::net
