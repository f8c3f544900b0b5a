#include "exchange/folder/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "exchange/folder/directory.h"

namespace heyi::exchange {

std::string WriteManifestLine(const ManifestLine& line) { return fmt::format("{}\t{}\t{}", line.name, line.sha256, line.size); }

std::optional<ManifestLine> ReadManifestLine(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  const auto columns = base::Split(text, '\t');
  ManifestLine line;
  if (columns.size() != 3 || !IsPlainFileName(columns[0]) || columns[1].size() != 64 || !base::ParseUnsigned(columns[2], &line.size)) return std::nullopt;
  line.name = columns[0];
  line.sha256 = base::AsciiLower(columns[1]);
  if (line.sha256.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  return line;
}

Manifest Manifest::Parse(std::string_view text) {
  Manifest manifest;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  size_t number = 0;
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(end + 1);
    ++number;
    if (base::Trim(row).empty() || row.front() == '#') continue;
    if (auto line = ReadManifestLine(row)) {
      std::string name = line->name;
      manifest.entries_.insert_or_assign(std::move(name), Entry{std::move(*line), number});
    } else {
      ++manifest.wrong_lines_;
    }
  }
  return manifest;
}

const Manifest::Entry* Manifest::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace heyi::exchange
