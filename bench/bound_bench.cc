// What this machine lets anybody do: the bounds that bench/http puts beside Heyi's figures, in the same run.
//
//   bound_bench answer PORT BYTES            two epoll loops on 127.0.0.1 that answer whatever ends in a blank line with the
//                                            same BYTES of body, until killed
//   bound_bench append DIRECTORY BYTES N…    groups of N times BYTES over zeros, an fdatasync each, two seconds a line:
//                                            "N items/s sync_p50_us"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

double Seconds(steady_clock::time_point since) { return duration<double>(steady_clock::now() - since).count(); }

int Listen(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0), on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 512) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  return fd;
}

void Watch(int loop, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
}

void Serve(uint16_t port, const std::string& answer) {
  const int listener = Listen(port), loop = ::epoll_create1(0);
  Watch(loop, listener);
  std::vector<epoll_event> events(256);
  char buffer[16 << 10];
  for (;;) {
    const int count = ::epoll_wait(loop, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == listener) {
        const int on = 1, client = ::accept(listener, nullptr, nullptr);
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        Watch(loop, client);
        continue;
      }
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) {
        ::close(fd);
      } else if (got >= 4 && std::memcmp(buffer + got - 4, "\r\n\r\n", 4) == 0) {
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) ::close(fd);
      }
    }
  }
}

int Answer(uint16_t port, size_t bytes) {
  const std::string body(bytes, 'x');
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" + body;
  std::thread other(Serve, port, std::cref(answer));
  Serve(port, answer);
  other.join();
  return 0;
}

// Zeros first, as a journal has them: overwriting needs no new blocks.
int Append(const std::string& directory, size_t bytes, size_t items) {
  constexpr size_t kFileBytes = 64 << 20;
  const std::string path = directory + "/bound";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  const std::string zeros(1 << 20, '\0');
  for (size_t i = 0; i < kFileBytes / zeros.size(); ++i) {
    if (::write(file, zeros.data(), zeros.size()) < 0) return 1;
  }
  ::fdatasync(file);
  std::string group(items * bytes, 'x');
  for (char& c : group) c = static_cast<char>(std::rand());
  std::vector<double> latencies;
  const auto start = steady_clock::now();
  for (size_t at = 0; Seconds(start) < 2; at += group.size()) {
    if (at + group.size() > kFileBytes) at = 0;
    const auto begun = steady_clock::now();
    if (::pwrite(file, group.data(), group.size(), static_cast<off_t>(at)) < 0 || ::fdatasync(file) != 0) return 1;
    latencies.push_back(Seconds(begun) * 1e6);
  }
  const double rate = static_cast<double>(latencies.size() * items) / Seconds(start);
  std::sort(latencies.begin(), latencies.end());
  std::printf("%zu %.0f %.0f\n", items, rate, latencies[latencies.size() / 2]);
  ::close(file);
  ::unlink(path.c_str());
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string what = count > 1 ? words[1] : "";
  if (what == "answer" && count == 4) return Answer(static_cast<uint16_t>(std::atoi(words[2])), static_cast<size_t>(std::atol(words[3])));
  if (what == "append" && count >= 5) {
    int failed = 0;
    for (int i = 4; i < count; ++i) failed |= Append(words[2], static_cast<size_t>(std::atol(words[3])), static_cast<size_t>(std::atol(words[i])));
    return failed;
  }
  std::fprintf(stderr, "bound_bench answer PORT BYTES | append DIRECTORY BYTES N…\n");
  return 2;
}
