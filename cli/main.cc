#include <cstdio>
#include <string_view>

#include "cli/command.h"

int main(int count, char** words) {
  using heyi::cli::Command;
  const std::string_view wanted = count > 1 ? words[1] : "";
  if (wanted == "--version") {
    std::printf("heyi %s\n", HEYI_VERSION);
    return 0;
  }
  for (const Command& command : heyi::cli::Commands()) {
    if (command.name == wanted) return command.run(count - 2, words + 2);
  }
  std::fprintf(stderr, "heyi %s (和颐): FHIR server and exchange hub for integrated medical and elder care\n\n", HEYI_VERSION);
  for (const Command& command : heyi::cli::Commands()) {
    std::fprintf(stderr, "  heyi %.*s\n      %.*s\n", static_cast<int>(command.usage.size()), command.usage.data(),
                 static_cast<int>(command.help.size()), command.help.data());
  }
  return wanted.empty() || wanted == "--help" ? 0 : 2;
}
