// A directory of one's own below the system's temporary one ($TMPDIR), gone with its holder.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace heyi::cli {

class ScratchDirectory {
 public:
  static base::Result<ScratchDirectory> Make();
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: moved away
};

// Bytes that the files below `directory` take on the disk, blocks that are only reserved included.
uint64_t AllocatedBytes(const std::string& directory);

}  // namespace heyi::cli
