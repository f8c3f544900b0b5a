#include "exchange/channel.h"

#include <algorithm>

namespace heyi::exchange {

std::string_view ChannelKindName(ChannelKind kind) {
  constexpr std::string_view kNames[] = {"http", "mllp", "folder"};
  return kNames[static_cast<size_t>(kind)];
}

uint32_t RetryRules::PauseMs(uint32_t tries) const {
  const uint32_t doublings = std::min<uint32_t>(tries == 0 ? 0 : tries - 1, 31);
  return static_cast<uint32_t>(std::min<uint64_t>(max_ms, uint64_t{first_ms} << doublings));
}

bool IsChannelName(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::unique_ptr<Channel> MakeChannel(const Route& route, const net::HttpClient::Options& client, const Cancelled& cancelled) {
  switch (route.kind) {
    case ChannelKind::kHttp: return MakeHttpChannel(route, client, cancelled);
    case ChannelKind::kMllp: return MakeMllpChannel(route, cancelled);
    case ChannelKind::kFolder: return MakeFolderChannel(route);
  }
  return nullptr;
}

}  // namespace heyi::exchange
