#include "store/journal/segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "store/journal/format.h"

namespace heyi::store {

using base::Done;
using base::Result;

base::Error FileFailed(std::string_view doing, const std::string& path) {
  return base::Error(base::ErrorKind::kUnavailable, "file.failed", {},
                     fmt::format("{} {}: {}", doing, path, std::strerror(errno)));
}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

std::string SegmentPath(const std::string& directory, uint32_t number) {
  return fmt::format("{}/{:06}.seg", directory, number);
}

Result<std::vector<SegmentFile>> ListSegments(const std::string& directory) {
  std::vector<SegmentFile> files;
  std::error_code failed;
  const std::filesystem::directory_iterator end;
  for (auto it = std::filesystem::directory_iterator(directory, failed); !failed && it != end; it.increment(failed)) {
    const std::string name = it->path().filename().string();
    uint64_t number = 0;
    if (!name.ends_with(".seg") || !base::ParseUnsigned({name.data(), name.size() - 4}, &number)) continue;
    if (number == 0 || number > kSegmentsMax || name != fmt::format("{:06}.seg", number)) continue;
    struct stat status{};
    if (::stat(it->path().c_str(), &status) != 0) return FileFailed("stat", it->path().string());
    files.push_back({static_cast<uint32_t>(number), static_cast<uint64_t>(status.st_size)});
  }
  if (failed) {
    errno = failed.value();
    return FileFailed("list", directory);
  }
  std::sort(files.begin(), files.end(), [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
  for (uint32_t i = 0; i < files.size(); ++i) {
    if (files[i].number != i + 1) return CorruptAt(i + 1, 0, "the segment is missing");
  }
  return files;
}

Result<File> CreateSegment(const std::string& directory, uint32_t number, uint64_t size,
                           const std::atomic<bool>& give_up) {
  const std::string path = SegmentPath(directory, number);
  const std::string beside = path + ".new";
  File file(::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.open()) return FileFailed("create", beside);
  const auto fill = [&]() -> Result<Done> {
    // Space is claimed first: a full disk shows at once, and the blocks lie together.
    if (::fallocate(file.fd(), 0, 0, static_cast<off_t>(size)) != 0 && errno != EOPNOTSUPP && errno != ENOSYS) {
      return FileFailed("allocate", beside);
    }
    const std::string zeros(std::min<uint64_t>(size, 1 << 20), '\0');
    for (uint64_t at = 0; at < size; at += zeros.size()) {
      if (give_up) {
        errno = ECANCELED;
        return FileFailed("zero", beside);
      }
      HEYI_CHECK(PwriteAll(file.fd(), std::string_view(zeros).substr(0, size - at), at, beside));
    }
    if (::fsync(file.fd()) != 0) return FileFailed("fsync", beside);
    if (::rename(beside.c_str(), path.c_str()) != 0) return FileFailed("rename", beside);
    return base::SyncDirectory(directory);
  };
  const Result<Done> filled = fill();
  if (!filled.ok()) {
    ::unlink(beside.c_str());
    return filled.error();
  }
  return file;
}

Result<SegmentBytes> SegmentBytes::Load(const std::string& directory, const SegmentFile& segment) {
  const std::string path = SegmentPath(directory, segment.number);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return FileFailed("open", path);
  SegmentBytes loaded;
  loaded.size_ = segment.size;
  loaded.bytes_ = std::make_unique_for_overwrite<char[]>(segment.size);
  HEYI_CHECK(PreadAll(file.fd(), loaded.bytes_.get(), loaded.size_, 0, path));
  return loaded;
}

Result<Done> PwriteAll(int fd, std::string_view bytes, uint64_t at, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return FileFailed("write", path);
    bytes.remove_prefix(static_cast<size_t>(put));
    at += static_cast<uint64_t>(put);
  }
  return Done{};
}

Result<Done> PreadAll(int fd, char* out, size_t size, uint64_t at, const std::string& path) {
  while (size > 0) {
    const ssize_t got = ::pread(fd, out, size, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = ENODATA;  // shorter than it was
    if (got <= 0) return FileFailed("read", path);
    out += got;
    size -= static_cast<size_t>(got);
    at += static_cast<uint64_t>(got);
  }
  return Done{};
}

Result<Done> Sync(int fd, const std::string& path) {
  if (::fdatasync(fd) != 0) return FileFailed("fdatasync", path);
  return Done{};
}

bool AllZero(std::string_view bytes) {
  return bytes.empty() || (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

uint64_t UsedBytes(std::string_view bytes) {
  constexpr size_t kPiece = 4096;
  while (!bytes.empty()) {
    const size_t start = bytes.size() > kPiece ? bytes.size() - kPiece : 0;
    const std::string_view piece = bytes.substr(start);
    if (!AllZero(piece)) return start + piece.find_last_not_of('\0') + 1;
    bytes = bytes.substr(0, start);
  }
  return 0;
}

SegmentSet::SegmentSet(std::string directory)
    : directory_(std::move(directory)), slots_(std::make_unique<std::atomic<Segment*>[]>(kSegmentsMax)) {}

SegmentSet::~SegmentSet() {
  for (uint32_t i = 0; i < count(); ++i) {
    std::unique_ptr<Segment> segment(slots_[i].load());
    if (const char* mapping = segment->mapping.load()) ::munmap(const_cast<char*>(mapping), segment->size);
  }
}

bool SegmentSet::Add(uint64_t size, uint64_t first_t) {
  const uint32_t at = count();
  if (at == kSegmentsMax) return false;
  auto segment = std::make_unique<Segment>();
  segment->size = size;
  segment->first_t = first_t;
  slots_[at].store(segment.release(), std::memory_order_release);
  count_.store(at + 1, std::memory_order_release);
  return true;
}

SegmentSet::Segment* SegmentSet::Find(uint32_t number) const {
  return number >= 1 && number <= count() ? slots_[number - 1].load(std::memory_order_acquire) : nullptr;
}

uint64_t SegmentSet::size(uint32_t number) const {
  const Segment* segment = Find(number);
  return segment != nullptr ? segment->size : 0;
}

uint32_t SegmentSet::FindByT(uint64_t t) const {
  uint32_t low = 0, high = count();  // the answer is in [low, high]
  while (low < high) {
    const uint32_t middle = low + (high - low + 1) / 2;
    if (Find(middle)->first_t <= t) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

Result<std::string_view> SegmentSet::Mapped(uint32_t number) const {
  Segment* segment = Find(number);
  if (segment == nullptr) return CorruptAt(number, 0, "the segment is missing");
  const char* mapping = segment->mapping.load(std::memory_order_acquire);
  if (mapping == nullptr && segment->size > 0) {
    const std::lock_guard<std::mutex> lock(mapping_mutex_);
    mapping = segment->mapping.load(std::memory_order_acquire);
    if (mapping == nullptr) {
      const std::string path = SegmentPath(directory_, number);
      const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!file.open()) return FileFailed("open", path);
      void* made = ::mmap(nullptr, segment->size, PROT_READ, MAP_SHARED, file.fd(), 0);
      if (made == MAP_FAILED) return FileFailed("map", path);
      mapping = static_cast<const char*>(made);
      segment->mapping.store(mapping, std::memory_order_release);
    }
  }
  return std::string_view(mapping, segment->size);
}

Result<Done> SegmentSet::Read(uint32_t number, uint64_t at, size_t size, char* out) const {
  const std::string path = SegmentPath(directory_, number);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return FileFailed("open", path);
  return PreadAll(file.fd(), out, size, at, path);
}

}  // namespace heyi::store
