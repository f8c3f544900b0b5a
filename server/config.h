// The server's configuration: one JSON file. Made at first start where there is none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/ids.h"
#include "base/json/value.h"
#include "base/result.h"
#include "exchange/channel.h"
#include "exchange/inbox/retention_days.h"
#include "exchange/subscription/limits.h"
#include "interaction/on_write.h"

namespace heyi::server {

// A bearer token, known only by its SHA-256, and the caller it stands for.
struct TokenGrant {
  std::string token_sha256;  // hex
  base::Caller caller;
};

// Where a hospital's system sends HL7 v2 by MLLP. The transport knows no token: whoever reaches the port is this caller.
struct MllpListener {
  std::string name;          // of the channel
  std::string host;
  uint16_t port = 0;
  base::Caller caller;
};

// A folder that a department hands messages in by (exchange/folder/watched_folder.h). Whoever can write there is this caller.
struct FolderWatch {
  std::string name;          // of the channel
  std::string directory;
  std::string format;        // of its messages: an adapter's department; the caller's where the file does not say
  base::Caller caller;
  uint64_t file_bytes_max = 4u << 20;
  uint32_t tell_after_ms = 60'000;
};

struct Config {
  std::string district_name;
  std::string area_code;      // 6 digits, of the hub
  std::string hub_code;       // the hub's own credit code, sender of what it sends
  std::vector<TokenGrant> tokens;
  std::vector<exchange::Route> outbound;  // channels out
  std::vector<MllpListener> mllp;         // channels in, beside HTTP, which is always there
  std::vector<FolderWatch> folders;
  std::vector<std::string> outbound_allowed;  // URL prefixes, and mllp://HOST:PORT; nothing else is ever connected to
  interaction::WriteRules on_write;
  exchange::Retention retention;
  exchange::SubscriptionLimits subscriptions;
  std::string policy_file;    // empty: the built-in policy
  std::string release_file, routes_file;  // empty: the built-in release profiles and routes
  bool access_leaf_lazy = false;  // true: answers do not wait for their leaf's sync (at most 10 ms behind)
};

base::Result<Config> ParseConfig(std::string text);
base::Result<Config> LoadConfig(const std::string& path);

std::string NewToken(base::Random& random);  // 192 random bits, base64url

// Writes DIR/config.json for trying things out, with new random tokens: DIR/operator.token has all rights,
// DIR/tokens/<name>.token stand for the invented district's departments. `receiver_port` is where the story listens; MLLP gets the port behind it.
base::Result<base::Done> WriteTrialConfig(const std::string& directory, uint16_t receiver_port, base::Random& random);

}  // namespace heyi::server
