// The section `channels` of the configuration: the ways in and out (docs/channels.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "server/config.h"

namespace heyi::server {

base::Result<base::Caller> ReadCaller(const base::JsonValue& row, std::string_view place);

// Fills `config` from root["channels"], which may be absent; config.outbound_allowed must be there. All that is wrong with
// the section by itself is found: unknown settings, names twice, ports twice, addresses that outbound_allowed does not have.
//   text    the whole file, for the line of what is wrong
//   errors  kInvalid server.channel-*; an expression is the path, "channels.outbound[0].url (line 12)"
base::Result<base::Done> ReadChannels(const base::JsonValue& root, std::string_view text, Config& config);

// What only the machine knows: a folder that is not there or cannot be written, an address that is not ours to listen on.
base::Outcome CheckChannels(const Config& config);

// What each channel does, one line each, in Chinese.
std::vector<std::string> ExplainChannels(const Config& config);

// The ways in, as the exchange knows them: "http" first.
std::vector<exchange::InboundChannel> InboundChannels(const Config& config);

}  // namespace heyi::server
