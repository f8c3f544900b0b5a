// Endpoints that look allowed and are not, or lead elsewhere: refused as they are written, an error where they got past
// that, and never a packet to any of the ports that they could be taken to mean.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/exchange/subscription_bench.h"
#include "tests/exchange/subscription_house.h"

namespace heyi::exchange {
namespace {

// A port on which whoever connects is noticed.
class Trap {
 public:
  Trap(int family, uint16_t port) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (family == AF_INET) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_ANY);
      bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    } else {
      ::setsockopt(fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_port = htons(port);
      address.sin6_addr = in6addr_loopback;
      bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    }
    bound_ = bound_ && ::listen(fd_, 64) == 0;
  }
  ~Trap() { ::close(fd_); }
  Trap(const Trap&) = delete;

  bool bound() const { return bound_; }
  int Connections() const {
    int count = 0;
    for (int fd; (fd = ::accept(fd_, nullptr, nullptr)) >= 0; ++count) ::close(fd);
    return count;
  }

 private:
  int fd_;
  bool bound_ = false;
};

// Three ports that a prefix with `allowed` could be confused with: itself, itself with a digit more, and any other.
struct Traps {
  uint16_t allowed = 0, longer = 0, other = 0;
  std::vector<std::unique_ptr<Trap>> all;

  Traps() {
    for (uint16_t port = 3'301; port < 6'500 && all.empty(); port = static_cast<uint16_t>(port + 7)) {
      allowed = port;
      longer = static_cast<uint16_t>(port * 10 + 1);
      other = static_cast<uint16_t>(port + 1);
      for (uint16_t one : {allowed, longer, other}) all.push_back(std::make_unique<Trap>(AF_INET, one));
      const bool bound = all[0]->bound() && all[1]->bound() && all[2]->bound();
      if (!bound) all.clear();
    }
    for (uint16_t one : {allowed, other}) {  // where the machine has IPv6
      auto trap = std::make_unique<Trap>(AF_INET6, one);
      if (trap->bound()) all.push_back(std::move(trap));
    }
  }
  int Connections() const {
    int count = 0;
    for (const auto& trap : all) count += trap->Connections();
    return count;
  }
};

// {A} the allowed port, {L} the longer one, {O} the other. As they stand in JSON.
constexpr std::string_view kHostile[] = {
    // elsewhere, plainly
    "http://127.0.0.1:{O}/hook/x",
    "https://127.0.0.1:{A}/hook/x",
    "http://localhost:{A}/hook/x",
    "http://127.0.0.2:{A}/hook/x",
    "http://0.0.0.0:{A}/hook/x",
    "http://[::1]:{A}/hook/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1/hook/x",
    // the prefix as text
    "http://127.0.0.1:{L}/hook/x",
    "http://127.0.0.1:{A}/hooked",
    "http://127.0.0.1:{A}/",
    "http://127.0.0.1:{A}",
    "http://127.0.0.1:{A}hook/x",
    "http://hook.example.evil.example:{O}/x",
    "http://hook.example@127.0.0.1:{O}/x",
    "http://hook.example:{O}/x",
    "http://hook.example.:{O}/x",
    // user information
    "http://127.0.0.1:{A}@127.0.0.1:{O}/hook/x",
    "http://127.0.0.1:{A}/hook@127.0.0.1:{O}/../../",
    "http://user:pass@127.0.0.1:{A}/hook/x",
    "http://127.0.0.1%3a{A}%2fhook@127.0.0.1:{O}/x",
    "http://:{O}@127.0.0.1:{A}/hook/x",
    // backslashes, encodings, dots
    "http://127.0.0.1:{A}\\\\@127.0.0.1:{O}/hook/x",
    "http:\\\\\\\\127.0.0.1:{A}/hook/x",
    "http://127.0.0.1:{A}/hook\\\\..\\\\admin",
    "http://127.0.0.1:{A}/hook/../admin",
    "http://127.0.0.1:{A}/hook/%2e%2e/admin",
    "http://127.0.0.1:{A}/hook%2f..%2fadmin",
    "http://127.0.0.1:{A}/hook/.%2E/admin",
    "http://127.0.0.1:{A}/./hook/x",
    "http://127.0.0.1:{A}//hook/x",
    "http://127.0.0.1:{A}/%68ook/x",
    "http://127.0.0.1:{A}/HOOK/x",
    "http://%31%32%37.0.0.1:{A}/hook/x",
    // other spellings of the address
    "http://2130706433:{A}/hook/x",
    "http://0x7f000001:{A}/hook/x",
    "http://0x7f.0.0.1:{A}/hook/x",
    "http://017700000001:{A}/hook/x",
    "http://0177.0.0.1:{A}/hook/x",
    "http://127.1:{A}/hook/x",
    "http://127.0.0.1.:{A}/hook/x",
    "http://[::ffff:127.0.0.1]:{A}/hook/x",
    "http://[::ffff:7f00:1]:{A}/hook/x",
    "http://[::127.0.0.1]:{A}/hook/x",
    "http://[::1%25lo]:{A}/hook/x",
    "http://127.0.0.1.nip.example:{A}/hook/x",
    "http://\\u2460\\u2461\\u2466.0.0.1:{A}/hook/x",
    "http://127\\u3002" "0\\u3002" "0\\u3002" "1:{A}/hook/x",
    // ports
    "http://127.0.0.1:{A}0/hook/x",
    "http://127.0.0.1:+{A}/hook/x",
    "http://127.0.0.1: {A}/hook/x",
    "http://127.0.0.1:{A}:{O}/hook/x",
    "http://127.0.0.1:99999/hook/x",
    // schemes
    "file:///etc/passwd",
    "ftp://127.0.0.1:{A}/hook/x",
    "gopher://127.0.0.1:{A}/hook/x",
    "dict://127.0.0.1:{A}/hook/x",
    "ldap://127.0.0.1:{A}/hook/x",
    "javascript:http://127.0.0.1:{A}/hook/x",
    "mailto:x@hook.example",
    "urn:uuid:9e41ff6d-5be6-4e6a-8b85-abd4e7f58400",
    "//127.0.0.1:{A}/hook/x",
    "127.0.0.1:{A}/hook/x",
    "http:127.0.0.1:{A}/hook/x",
    "http:///127.0.0.1:{A}/hook/x",
    // control characters, blanks, fragments
    "http://127.0.0.1:{A}/hook/x\\r\\nX-Injected: 1",
    "http://127.0.0.1:{A}/hook/x\\u0001",
    "http://127.0.0.1:{A}\\t/hook/x",
    "http://127.0.0.1:{A}/hook/x y",
    " http://127.0.0.1:{A}/hook/x",
    "http://127.0.0.1:{A}/hook/x#@127.0.0.1:{O}/",
    "http://127.0.0.1:{O}/#http://127.0.0.1:{A}/hook/",
    "http://127.0.0.1:{O}/?http://127.0.0.1:{A}/hook/",
};

std::string Filled(std::string_view form, const Traps& traps) {
  std::string text(form);
  for (const auto& [mark, port] :
       {std::pair("{A}", traps.allowed), std::pair("{L}", traps.longer), std::pair("{O}", traps.other)}) {
    for (size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, 3, std::to_string(port));
  }
  return text;
}

std::vector<std::string> Allowed(const Traps& traps) {
  return {fmt::format("http://127.0.0.1:{}/hook", traps.allowed), "http://hook.example/"};
}

// Written past the check (a store from before it, another list of prefixes since): an error, and no connection.
TEST(SubscriptionEndpoint, HostileOnesGetNoPacket) {
  static_assert(std::size(kHostile) >= 30);
  const Traps traps;
  ASSERT_GE(traps.all.size(), 3u);
  SubscriptionBench bench(Allowed(traps), /*checked=*/false);
  size_t number = 0, refused = 0;
  for (std::string_view form : kHostile) {
    const std::string id = fmt::format("s{}", ++number), endpoint = Filled(form, traps);
    const auto written = bench.Put("Subscription", id, CriteriaSubscription(id, "Patient?", endpoint));
    if (written.status == 422) {  // no url at all, by the type's own format
      ++refused;
      continue;
    }
    ASSERT_EQ(written.status, 201) << endpoint << written.body;
    EXPECT_EQ(bench.WaitForStatus(id, "error"), "error") << endpoint;
  }
  EXPECT_LT(refused, number / 2);
  bench.Put("Patient", "p1", R"({"resourceType":"Patient","id":"p1","active":true})");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(traps.Connections(), 0);

  // The traps do see who comes.
  ASSERT_EQ(bench
                .Put("Subscription", "good",
                     CriteriaSubscription("good", "Patient?", fmt::format("http://127.0.0.1:{}/hook/x", traps.allowed)))
                .status,
            201);
  ASSERT_EQ(bench.WaitForStatus("good", "active"), "active");
  bench.Put("Patient", "p1", R"({"resourceType":"Patient","id":"p1","active":false})");
  int connections = 0;
  for (int i = 0; i < 400 && connections == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    connections = traps.Connections();
  }
  EXPECT_GE(connections, 1);
}

TEST(SubscriptionEndpoint, HostileOnesAreRefusedAsTheyAreWritten) {
  const Traps traps;
  ASSERT_GE(traps.all.size(), 3u);
  SubscriptionBench bench(Allowed(traps), /*checked=*/true);
  for (std::string_view form : kHostile) {
    const std::string endpoint = Filled(form, traps);
    for (const std::string more : {"", R"(,"payload":"application/fhir+json")"}) {
      const auto written = bench.Put("Subscription", "s", CriteriaSubscription("s", "Patient?", endpoint, more));
      EXPECT_EQ(written.status, 422) << endpoint << written.body;
    }
  }
  EXPECT_EQ(traps.Connections(), 0);
  EXPECT_EQ(bench
                .Put("Subscription", "s",
                     CriteriaSubscription("s", "Patient?", fmt::format("HTTP://127.0.0.1:0{}/hook?a=b", traps.allowed)))
                .status,
            201);
  EXPECT_EQ(bench.Put("Subscription", "t", CriteriaSubscription("t", "Patient?", "http://hook.example:80/x")).status,
            201);
}

}  // namespace
}  // namespace heyi::exchange
