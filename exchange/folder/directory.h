// One directory, held open: files are reached through it by plain names only, so that no symbolic link and no `..` leads
// out of it, whatever happens to its path meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::exchange {

// UTF-8, 1 to 200 bytes, no control characters, slashes or backslashes, and no dot in front.
bool IsPlainFileName(std::string_view name);

struct FileStamp {              // changes when the file does
  uint64_t inode = 0, size = 0;
  int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

class Directory {
 public:
  // errors of all: kUnavailable exchange.folder, kNotFound exchange.folder where there is no such file
  static base::Result<Directory> Open(const std::string& path);
  base::Result<Directory> OpenOrMake(const std::string& name) const;  // a directory in it; not a link to one
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&&) = delete;
  ~Directory();

  base::Result<FileStamp> Stamp(const std::string& name) const;  // of a regular file; kUnavailable for anything else
  base::Result<std::string> Read(const std::string& name, uint64_t bytes_max) const;
  bool Has(const std::string& name) const;                       // whatever it is

  // Names in no order, without those that begin with a dot, until `visit` returns false.
  base::Result<base::Done> List(const std::function<bool(const std::string& name)>& visit) const;

  base::Result<base::Done> Write(const std::string& name, std::string_view bytes) const;   // aside, synced, renamed: whole or not at all
  base::Result<base::Done> Append(const std::string& name, std::string_view line) const;   // synced; a torn line before it is ended
  base::Result<base::Done> MoveTo(const Directory& to, const std::string& name, const std::string& new_name) const;  // replaces nothing; both synced

 private:
  explicit Directory(int fd) : fd_(fd) {}
  base::Result<base::Done> Sync() const;

  int fd_;
};

}  // namespace heyi::exchange
