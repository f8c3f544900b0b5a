#include "mapping/embedded.h"

#include "base/text.h"

namespace heyi::mapping {
namespace {

constexpr EmbeddedFile kFiles[] = {
#include "files.inc"
};

}  // namespace

std::span<const EmbeddedFile> EmbeddedFiles() { return kFiles; }

std::string_view SystemUri(std::string_view name) {
  for (const EmbeddedFile& file : kFiles) {
    if (file.name != "systems.tsv") continue;
    for (std::string_view line : base::Split(file.text, '\n')) {
      if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '\t') return line.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace heyi::mapping
