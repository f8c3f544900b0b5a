// Segment files: 000001.seg, 000002.seg … in the journal's directory.
//
// A segment is written full of zeros and synced before it gets its name, so that a group only overwrites blocks that
// are there already: its fdatasync has no metadata to flush and costs half as much as that of a growing file.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/limits.h"

namespace heyi::store {

base::Error FileFailed(std::string_view doing, const std::string& path);  // file.failed with errno's text

class File {  // owns a descriptor
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  File& operator=(File&& other) noexcept;
  ~File();

  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

std::string SegmentPath(const std::string& directory, uint32_t number);

// Numbers and sizes of the segment files, which must count from 1 without a gap.
//   errors  store.corrupt: one is missing; file.failed
struct SegmentFile {
  uint32_t number = 0;
  uint64_t size = 0;
};
base::Result<std::vector<SegmentFile>> ListSegments(const std::string& directory);

// Makes the zeroed segment `number`, durable with its name. Gives up when `*give_up` becomes true.
base::Result<File> CreateSegment(const std::string& directory, uint32_t number, uint64_t size,
                                 const std::atomic<bool>& give_up);

// A whole segment in memory, by read(2): a bad disk is an error here and not a SIGBUS.
class SegmentBytes {
 public:
  static base::Result<SegmentBytes> Load(const std::string& directory, const SegmentFile& file);
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
};

base::Result<base::Done> PwriteAll(int fd, std::string_view bytes, uint64_t at, const std::string& path);
base::Result<base::Done> PreadAll(int fd, char* out, size_t size, uint64_t at, const std::string& path);
base::Result<base::Done> Sync(int fd, const std::string& path);  // fdatasync

bool AllZero(std::string_view bytes);
// How many bytes there are up to the last one that is not zero.
uint64_t UsedBytes(std::string_view bytes);

// The segments that hold groups, for reading. Add by one thread; everything else by any.
class SegmentSet {
 public:
  explicit SegmentSet(std::string directory);
  ~SegmentSet();
  SegmentSet(const SegmentSet&) = delete;
  SegmentSet& operator=(const SegmentSet&) = delete;

  // The next segment, whose first group's first entry is `first_t`. False where there are kSegmentsMax.
  bool Add(uint64_t size, uint64_t first_t);

  uint32_t count() const { return count_.load(std::memory_order_acquire); }
  uint64_t size(uint32_t number) const;  // 0: no such segment
  uint32_t FindByT(uint64_t t) const;    // the segment that `t` stands in, if it is there at all; 0 = none

  // Mapped once, at the first call; groups appended later show in it.
  base::Result<std::string_view> Mapped(uint32_t number) const;
  base::Result<base::Done> Read(uint32_t number, uint64_t at, size_t size, char* out) const;

 private:
  struct Segment {
    uint64_t size = 0;
    uint64_t first_t = 0;
    std::atomic<const char*> mapping{nullptr};
  };
  Segment* Find(uint32_t number) const;

  std::string directory_;
  std::unique_ptr<std::atomic<Segment*>[]> slots_;  // by number - 1
  std::atomic<uint32_t> count_{0};
  mutable std::mutex mapping_mutex_;
};

}  // namespace heyi::store
