// The manifest of a folder that messages are handed over in: one line a file, NAME<TAB>SHA256<TAB>SIZE, written when the
// file is whole. A file that it does not name, or names otherwise, is not there yet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::exchange {

inline constexpr std::string_view kManifestName = "manifest.tsv";
inline constexpr uint64_t kManifestBytesMax = 8u << 20;  // then its writer must begin another

struct ManifestLine {
  std::string name;
  std::string sha256;  // hex, lower case
  uint64_t size = 0;
};

std::string WriteManifestLine(const ManifestLine& line);  // without its end
std::optional<ManifestLine> ReadManifestLine(std::string_view text);

class Manifest {
 public:
  struct Entry {
    ManifestLine line;
    size_t number = 0;  // files are taken in the order of their lines
  };

  // Lines that are none are counted; a last line without its end is being written. Of two that name one file the later holds.
  static Manifest Parse(std::string_view text);

  const Entry* Find(const std::string& name) const;
  size_t wrong_lines() const { return wrong_lines_; }

 private:
  std::map<std::string, Entry> entries_;
  size_t wrong_lines_ = 0;
};

}  // namespace heyi::exchange
