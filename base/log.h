// The server's log: one JSON object a line on a file descriptor. No personal data goes in.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

namespace heyi::base {

enum class LogLevel : unsigned char { kInfo, kWarning, kError };

// Writes {"time":…,"level":…,"event":…,fields…}. Thread-safe, one write(2) a line.
void Log(LogLevel level, std::string_view event,
         std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {});

void SendLogTo(int fd);  // standard error until then

}  // namespace heyi::base
