#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "base/clock.h"
#include "base/json/value.h"

namespace heyi::base {
namespace {
std::atomic<int> log_fd{2};
}

void SendLogTo(int fd) { log_fd = fd; }

void Log(LogLevel level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  std::string line = "{\"time\":\"" + FormatInstant(SystemClock().NowMs()) + "\",\"level\":\"";
  line.append(kNames[static_cast<int>(level)]).append("\",\"event\":");
  AppendJsonString(line, event);
  for (const auto& [name, value] : fields) {
    line += ',';
    AppendJsonString(line, name);
    line += ':';
    AppendJsonString(line, value);
  }
  line += "}\n";
  [[maybe_unused]] const ssize_t written = ::write(log_fd, line.data(), line.size());
}

}  // namespace heyi::base
