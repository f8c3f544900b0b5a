// heyi serve: opens the data folder and serves until SIGTERM or SIGINT.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/report_error.h"
#include "server/server.h"

namespace heyi::cli {
namespace {

constexpr std::string_view kOptions[] = {"data", "listen", "config", "log"};

bool SplitAddress(std::string_view listen, std::string* host, uint16_t* port) {
  const size_t colon = listen.rfind(':');
  uint64_t number = 0;
  if (colon == std::string_view::npos || !base::ParseUnsigned(listen.substr(colon + 1), &number) || number > 65535) return false;
  *host = listen.substr(0, colon);
  *port = static_cast<uint16_t>(number);
  return true;
}

}  // namespace

int RunServe(int count, const char* const* words) {
  Arguments arguments;
  server::ServeOptions options;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data") ||
      !SplitAddress(arguments.Option("listen", "127.0.0.1:8080"), &options.host, &options.port)) {
    std::fprintf(stderr, "usage: heyi serve --data DIR --listen HOST:PORT [--config FILE] [--log FILE]\n");
    return 2;
  }
  options.data_directory = arguments.Option("data", "");
  options.pack_path = PackPath();
  base::SystemRandom random;
  const base::SystemClock clock;
  std::error_code failed;
  std::filesystem::create_directories(options.data_directory, failed);
  if (arguments.Has("log")) {
    const int log = ::open(arguments.Option("log", "").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log >= 0) base::SendLogTo(log);
  }
  const std::string config_path = arguments.Option("config", options.data_directory + "/config.json");
  if (!arguments.Has("config") && !std::filesystem::exists(config_path)) {
    const auto receiver_port = static_cast<uint16_t>(options.port + 1);
    if (auto made = server::WriteTrialConfig(options.data_directory, receiver_port, random); !made.ok()) return ReportError(made.error());
  }
  auto config = server::LoadConfig(config_path);
  if (!config.ok()) return ReportError(config.error());
  options.config = std::move(*config);

  // Blocked before any thread starts, so that they all inherit it and sigwait below gets the signal.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto server = server::Server::Start(options, clock, random);
  if (!server.ok()) return ReportError(server.error());
  std::printf("heyi: ready at %s\n", (*server)->base_url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  base::Log(base::LogLevel::kInfo, "server.stopping");
  (*server)->Stop();
  return 0;
}

}  // namespace heyi::cli
