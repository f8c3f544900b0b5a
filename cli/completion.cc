// heyi completion: a script for bash (or zsh with bashcompinit) that completes the commands' names.
#include <cstdio>
#include <string>

#include "cli/command.h"

namespace heyi::cli {

int RunCompletion(int, const char* const*) {
  std::string names;
  for (const Command& command : Commands()) names.append(names.empty() ? "" : " ").append(command.name);
  std::printf("_heyi() {\n"
              "  if [ \"$COMP_CWORD\" = 1 ]; then COMPREPLY=($(compgen -W \"%s\" -- \"${COMP_WORDS[1]}\"))\n"
              "  else COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\")); fi\n"
              "}\n"
              "complete -F _heyi heyi\n",
              names.c_str());
  return 0;
}

}  // namespace heyi::cli
