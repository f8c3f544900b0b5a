#include "cli/scratch_directory.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace heyi::cli {
namespace {

constexpr uint64_t kStatBlockBytes = 512;  // the unit of st_blocks, whatever the file system's own

}  // namespace

base::Result<ScratchDirectory> ScratchDirectory::Make() {
  std::error_code failed;
  std::string path = (std::filesystem::temp_directory_path(failed) / "heyi-XXXXXX").string();
  if (failed || ::mkdtemp(path.data()) == nullptr) {
    return base::Error(base::ErrorKind::kUnavailable, "file.failed", {},
                       fmt::format("make {}: {}", path, failed ? failed.message() : std::strerror(errno)));
  }
  return ScratchDirectory(std::move(path));
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

uint64_t AllocatedBytes(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code failed;
  for (auto at = std::filesystem::recursive_directory_iterator(directory, failed); !failed && at != std::filesystem::end(at);
       at.increment(failed)) {
    struct stat status {};
    if (::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      bytes += static_cast<uint64_t>(status.st_blocks) * kStatBlockBytes;
    }
  }
  return bytes;
}

}  // namespace heyi::cli
