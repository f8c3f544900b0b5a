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

std::string_view SystemName(std::string_view uri) {
  for (const EmbeddedFile& file : kFiles) {
    if (file.name != "systems.tsv") continue;
    for (std::string_view line : base::Split(file.text, '\n')) {
      const size_t tab = line.find('\t');
      if (tab != std::string_view::npos && line[0] != '#' && line.substr(tab + 1) == uri) return line.substr(0, tab);
    }
  }
  return {};
}

}  // namespace heyi::mapping
