// A channel carries messages between the exchange and a department's system. What it looks like from outside is
// configuration (docs/channels.md); what every way out has to say about a send is here.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "exchange/outbox/outbox.h"
#include "net/http_client.h"

namespace heyi::exchange {

enum class ChannelKind : uint8_t { kHttp, kMllp, kFolder };
std::string_view ChannelKindName(ChannelKind kind);  // "http"

// What became of one send.
enum class Sent : uint8_t {
  kTaken,    // the receiver has it, in its own words
  kRefused,  // the receiver will not have it, however often it is sent
  kNotSent,  // it has surely not taken it: send the same again later
  kUnclear,  // it may have taken it
};

// Whose fault it is when a message stays here; decides how bad that is and who has to see to it (outbox/dead_letters.h).
enum class Fault : uint8_t {
  kNone,
  kContent,    // the receiver says what is wrong with the message
  kAgreement,  // the two systems do not understand each other: address, rights, type, version
  kReceiver,   // the receiver's system is out of order, or only it knows what it did
  kHub,        // the message cannot be sent by us
};

struct SendResult {
  Sent sent = Sent::kTaken;
  Fault fault = Fault::kNone;
  std::string reason;  // for operators; empty where taken
};

struct RetryRules {  // before the n-th try again: first_ms doubled n - 1 times, at most max_ms
  uint32_t first_ms = 200;
  uint32_t max_ms = 60'000;
  uint32_t PauseMs(uint32_t tries) const;  // 1 = the first try has failed
};

struct BreakerRules {
  uint32_t failures = 5;         // in a row open it
  uint32_t pause_ms = 2'000;     // until one message is tried; doubles while that fails
  uint32_t pause_max_ms = 60'000;
};

// A way out to a department.
struct Route {
  std::string name;              // of the channel, in keys and addresses: IsChannelName
  std::string department;
  ChannelKind kind = ChannelKind::kHttp;
  std::string url;               // http
  std::string host;              // mllp
  uint16_t port = 0;
  std::string directory;         // folder
  bool idempotent = false;       // a repeat does no harm there: unclear sends are sent again, else quarantined
  uint32_t connect_timeout_ms = 5'000;
  uint32_t answer_timeout_ms = 30'000;
  uint32_t connections = 4;      // messages under way at a time, each of another elder or bed
  RetryRules retry = {};
  BreakerRules breaker = {};
};

// A way in, as operators see it. What listens there is the server's.
struct InboundChannel {
  std::string name;
  ChannelKind kind = ChannelKind::kHttp;
  std::string place;             // "127.0.0.1:8092", a directory
};

inline constexpr size_t kChannelsMax = 64;
inline constexpr uint32_t kConnectionsMax = 16;  // of one channel
bool IsChannelName(std::string_view name);       // 1 to 40 of a-z 0-9 -

// One connection of a way out; used by one thread.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual SendResult Send(const OutboxRow& row) = 0;  // blocks, within the route's timeouts
};

using Cancelled = std::atomic<bool>;  // outlives the channel; soon after it is true a send under way ends, unclear

// `client`: bounds and allowed addresses of HTTP; the route's timeouts take the place of its own.
std::unique_ptr<Channel> MakeChannel(const Route& route, const net::HttpClient::Options& client, const Cancelled& cancelled);

// outbox/http_channel.cc, outbox/mllp_channel.cc, folder/folder_channel.cc
std::unique_ptr<Channel> MakeHttpChannel(const Route& route, const net::HttpClient::Options& client, const Cancelled& cancelled);
std::unique_ptr<Channel> MakeMllpChannel(const Route& route, const Cancelled& cancelled);
std::unique_ptr<Channel> MakeFolderChannel(const Route& route);

}  // namespace heyi::exchange
