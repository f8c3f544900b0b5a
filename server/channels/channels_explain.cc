// What the channels of a configuration do, and whether this machine lets them (server/channels/channels_config.h).
#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "server/channels/channels_config.h"

namespace heyi::server {
namespace {

std::string WhoInChinese(const base::Caller& caller) {
  return fmt::format("身份 {}（部门 {}，角色 {}，目的 {}）", caller.client, caller.department, caller.role, caller.purpose);
}

std::string RulesInChinese(const exchange::Route& route) {
  return fmt::format("失败后 {} 毫秒重试，逐次加倍，最长 {} 毫秒；连续失败 {} 次即熔断，{} 毫秒后试发一条", route.retry.first_ms, route.retry.max_ms,
                     route.breaker.failures, route.breaker.pause_ms);
}

// Empty: it can be used. These two.
std::string WhyNotUsable(const std::string& directory) {
  std::error_code failed;
  if (!std::filesystem::is_directory(directory, failed)) return "no such directory";
  return ::access(directory.c_str(), R_OK | W_OK | X_OK) == 0 ? "" : std::strerror(errno);
}

std::string WhyNotListening(const MllpListener& listener) {
  if (listener.port == 0) return {};
  try {
    Poco::Net::ServerSocket probe;
    probe.bind(Poco::Net::SocketAddress(listener.host, listener.port), /*reuseAddress=*/true);
    return {};
  } catch (const Poco::Exception& failed) {
    return failed.code() == EADDRINUSE ? "" : failed.displayText();  // as it is while Heyi runs
  }
}

}  // namespace

base::Outcome CheckChannels(const Config& config) {
  base::Outcome outcome;
  const auto check_folder = [&](const std::string& name, const std::string& directory) {
    if (const std::string why = WhyNotUsable(directory); !why.empty()) outcome.Add("server.channel-folder", name, fmt::format("{}: {}", directory, why));
  };
  for (const FolderWatch& watch : config.folders) check_folder(watch.name, watch.directory);
  for (const exchange::Route& route : config.outbound) {
    if (route.kind == exchange::ChannelKind::kFolder) check_folder(route.name, route.directory);
  }
  for (const MllpListener& listener : config.mllp) {
    if (const std::string why = WhyNotListening(listener); !why.empty()) outcome.Add("server.channel-port", listener.name, why);
  }
  return outcome;
}

std::vector<std::string> ExplainChannels(const Config& config) {
  std::vector<std::string> lines{"http（入站）：各部门用令牌向 /exchange/部门 发送报文，始终开放"};
  for (const MllpListener& one : config.mllp) {
    lines.push_back(fmt::format("{}（入站，MLLP）：在 {}:{} 接收 HL7 v2 报文，{}；能连上该端口者即以此身份办理", one.name, one.host, one.port, WhoInChinese(one.caller)));
  }
  for (const FolderWatch& one : config.folders) {
    lines.push_back(fmt::format("{}（入站，文件夹）：从 {}/in 按 manifest.tsv 取 {} 报文，单个不超过 {} 字节，{}；回执放在 done 或 refused", one.name, one.directory,
                                one.format, one.file_bytes_max, WhoInChinese(one.caller)));
  }
  for (const exchange::Route& route : config.outbound) {
    const std::string_view unclear = route.idempotent ? "结果不明时重发（接收方可去重）" : "结果不明时隔离，等待人工处理";
    switch (route.kind) {
      case exchange::ChannelKind::kHttp:
        lines.push_back(fmt::format("{}（出站，HTTP）：把给 {} 的报文发往 {}，同时至多 {} 条；{}；{}", route.name, route.department, route.url, route.connections,
                                    unclear, RulesInChinese(route)));
        break;
      case exchange::ChannelKind::kMllp:
        lines.push_back(fmt::format("{}（出站，MLLP）：把给 {} 的报文发往 {}:{}，同时至多 {} 条；{}；{}", route.name, route.department, route.host, route.port,
                                    route.connections, unclear, RulesInChinese(route)));
        break;
      case exchange::ChannelKind::kFolder:
        lines.push_back(fmt::format("{}（出站，文件夹）：把给 {} 的报文写入 {} 并登记在 manifest.tsv；{}", route.name, route.department, route.directory,
                                    RulesInChinese(route)));
        break;
    }
  }
  return lines;
}

}  // namespace heyi::server
