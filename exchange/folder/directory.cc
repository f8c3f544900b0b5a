#include "exchange/folder/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "base/text.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;

constexpr size_t kFileNameBytesMax = 200;

Error FolderError(std::string_view name, std::string_view what) {
  const ErrorKind kind = errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable;
  return Error(kind, "exchange.folder", {}, fmt::format("{}: {}: {}", name, what, std::strerror(errno)));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  const int fd_;
};

bool WriteWhole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

bool IsPlainFileName(std::string_view name) {
  if (name.empty() || name.size() > kFileNameBytesMax || name.front() == '.' || !base::IsValidUtf8(name)) return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
  });
}

Directory::Directory(Directory&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Directory::~Directory() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<Directory> Directory::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FolderError(path, "open");
  return Directory(fd);
}

base::Result<Directory> Directory::OpenOrMake(const std::string& name) const {
  if (::mkdirat(fd_, name.c_str(), 0770) != 0 && errno != EEXIST) return FolderError(name, "make");
  const int fd = ::openat(fd_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return FolderError(name, "open");
  return Directory(fd);
}

base::Result<FileStamp> Directory::Stamp(const std::string& name) const {
  struct stat status {};
  if (::fstatat(fd_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return FolderError(name, "look");
  if (!S_ISREG(status.st_mode)) return Error(ErrorKind::kUnavailable, "exchange.folder", {}, name + ": not a plain file");
  return FileStamp{status.st_ino, static_cast<uint64_t>(status.st_size), status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool Directory::Has(const std::string& name) const {
  struct stat status {};
  return ::fstatat(fd_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

base::Result<std::string> Directory::Read(const std::string& name, uint64_t bytes_max) const {
  // Without O_NONBLOCK opening a pipe would wait for its writer.
  const FileDescriptor file(::openat(fd_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.ok()) return FolderError(name, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return FolderError(name, "look");
  if (!S_ISREG(status.st_mode)) return Error(ErrorKind::kUnavailable, "exchange.folder", {}, name + ": not a plain file");
  std::string bytes;
  char buffer[64 << 10];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FolderError(name, "read");
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<size_t>(got) > bytes_max) {
      return Error(ErrorKind::kTooLarge, "exchange.folder", {}, fmt::format("{}: longer than {} bytes", name, bytes_max));
    }
    bytes.append(buffer, static_cast<size_t>(got));
  }
}

base::Result<base::Done> Directory::List(const std::function<bool(const std::string&)>& visit) const {
  const int fd = ::openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // its own place in the list
  if (fd < 0) return FolderError(".", "list");
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd), ::closedir);
  if (entries == nullptr) {
    ::close(fd);
    return FolderError(".", "list");
  }
  while (const dirent* entry = ::readdir(entries.get())) {
    if (entry->d_name[0] == '.') continue;
    if (!visit(entry->d_name)) break;
  }
  return base::Done{};
}

base::Result<base::Done> Directory::Sync() const {
  if (::fsync(fd_) != 0) return FolderError(".", "sync");
  return base::Done{};
}

base::Result<base::Done> Directory::Write(const std::string& name, std::string_view bytes) const {
  const std::string aside = fmt::format(".{}.part", name);
  {
    const FileDescriptor file(::openat(fd_, aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0660));
    if (!file.ok()) return FolderError(name, "create");
    if (!WriteWhole(file.get(), bytes) || ::fsync(file.get()) != 0) {
      const Error failed = FolderError(name, "write");
      ::unlinkat(fd_, aside.c_str(), 0);
      return failed;
    }
  }
  if (::renameat(fd_, aside.c_str(), fd_, name.c_str()) != 0) return FolderError(name, "rename");
  return Sync();
}

base::Result<base::Done> Directory::Append(const std::string& name, std::string_view line) const {
  const bool is_new = !Has(name);
  const FileDescriptor file(::openat(fd_, name.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0660));
  if (!file.ok()) return FolderError(name, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return FolderError(name, "look");
  std::string text;
  char last = '\n';
  if (status.st_size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) != 1) return FolderError(name, "read");
  if (last != '\n') text += '\n';
  text.append(line).append(1, '\n');
  if (!WriteWhole(file.get(), text) || ::fsync(file.get()) != 0) return FolderError(name, "append");
  return is_new ? Sync() : base::Done{};
}

base::Result<base::Done> Directory::MoveTo(const Directory& to, const std::string& name, const std::string& new_name) const {
  if (::renameat2(fd_, name.c_str(), to.fd_, new_name.c_str(), RENAME_NOREPLACE) != 0) return FolderError(name, "move");
  HEYI_CHECK(to.Sync());
  return Sync();
}

}  // namespace heyi::exchange
