#include "base/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace heyi::base {
namespace {

struct Armed {
  std::string name;
  long at = 1;
};

Armed ReadEnvironment() {
  const char* text = std::getenv("HEYI_KILL_AT");
  Armed armed;
  if (text == nullptr) return armed;
  const std::string value(text);
  const size_t colon = value.rfind(':');
  armed.name = value.substr(0, colon);
  if (colon != std::string::npos) armed.at = std::strtol(value.c_str() + colon + 1, nullptr, 10);
  return armed;
}

const Armed kArmed = ReadEnvironment();
std::atomic<long> passes{0};

}  // namespace

const bool kFaultsArmed = std::getenv("HEYI_KILL_AT") != nullptr;

void PassFaultPoint(std::string_view name) {
  if (name == kArmed.name && ++passes == kArmed.at) ::kill(::getpid(), SIGKILL);
}

}  // namespace heyi::base
