#include "conformance/library/library.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/log.h"
#include "conformance/library/library_format.h"
#include "conformance/limits.h"

namespace heyi::conformance {
namespace {

constexpr size_t kHeadBytes = kLibraryMagic.size() + 1 + 4 + 4;

bool ReadAt(int file, uint64_t offset, uint64_t size, std::string* out) {
  out->resize(size);
  for (size_t got = 0; got < size;) {
    const ssize_t n = ::pread(file, out->data() + got, size - got, static_cast<off_t>(offset + got));
    if (n <= 0) return false;
    got += static_cast<size_t>(n);
  }
  return true;
}

base::Error Refused(const std::string& path) { return {base::ErrorKind::kInternal, "conformance.definitions", {}, path}; }

}  // namespace

std::string LibraryBeside(std::string_view pack_path) {
  constexpr std::string_view kEnding = ".pack";
  if (pack_path.ends_with(kEnding)) pack_path.remove_suffix(kEnding.size());
  return std::string(pack_path) + ".definitions";
}

base::Result<std::unique_ptr<Library>> Library::Open(const std::string& path) {
  std::unique_ptr<Library> library(new Library());
  library->file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string head, packed;
  if (library->file_ < 0 || !ReadAt(library->file_, 0, kHeadBytes, &head)) return Refused(path);
  base::ByteReader reader(head);
  if (reader.Bytes(kLibraryMagic.size()) != kLibraryMagic || reader.Little<uint8_t>() != kLibraryVersion) return Refused(path);
  const auto size = reader.Little<uint32_t>();
  const auto raw_size = reader.Little<uint32_t>();
  if (size > kLibraryIndexBytesMax || raw_size > kLibraryIndexBytesMax) return Refused(path);
  if (!ReadAt(library->file_, kHeadBytes, size, &packed)) return Refused(path);
  if (!base::ZstdDecompress(packed, raw_size, nullptr, &library->index_)) return Refused(path);
  library->bodies_at_ = kHeadBytes + size;
  if (!library->ReadIndex()) return Refused(path);
  return library;
}

Library::~Library() {
  if (file_ >= 0) ::close(file_);
}

bool Library::ReadIndex() {
  base::ByteReader reader(index_);
  package_ = reader.Blob();
  package_version_ = reader.Blob();
  const uint64_t count = reader.Varint();
  if (count > index_.size()) return false;
  entries_.reserve(count);
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Entry& entry = entries_.emplace_back();
    entry.type = reader.Blob();
    entry.url = reader.Blob();
    entry.version = reader.Blob();
    entry.offset = reader.Varint();
    entry.size = reader.Varint();
    entry.raw_size = reader.Varint();
    if (entry.size > kLibraryBodyBytesMax || entry.raw_size > kLibraryBodyBytesMax) return false;
  }
  return reader.ok();
}

namespace {

// Those of sorted entries whose `member` is that text.
template <typename Entry>
std::span<const Entry> Equal(std::span<const Entry> entries, std::string_view Entry::*member, std::string_view text) {
  const auto from = std::partition_point(entries.begin(), entries.end(), [&](const Entry& one) { return one.*member < text; });
  const auto to = std::partition_point(from, entries.end(), [&](const Entry& one) { return one.*member == text; });
  return entries.subspan(static_cast<size_t>(from - entries.begin()), static_cast<size_t>(to - from));
}

}  // namespace

std::span<const Library::Entry> Library::Of(std::string_view type) const { return Equal(std::span<const Entry>(entries_), &Entry::type, type); }

std::span<const Library::Entry> Library::Of(std::string_view type, std::string_view url) const { return Equal(Of(type), &Entry::url, url); }

std::shared_ptr<const base::JsonValue> Library::Read(const Entry& entry) const {
  std::string stored, json;
  if (!ReadAt(file_, bodies_at_ + entry.offset, entry.size, &stored) || !base::ZstdDecompress(stored, entry.raw_size, nullptr, &json)) {
    base::Log(base::LogLevel::kError, "conformance.definition-damaged", {{"url", entry.url}});
    return nullptr;
  }
  auto value = base::ParseJson(std::move(json));
  if (!value.ok()) return nullptr;
  return std::make_shared<const base::JsonValue>(std::move(*value));
}

std::shared_ptr<const base::JsonValue> Library::Find(std::string_view type, std::string_view url, std::string_view version) const {
  for (const Entry& entry : Of(type, url)) {
    if (version.empty() || VersionFits(version, entry.version)) return Read(entry);
  }
  return nullptr;
}

std::vector<CanonicalName> Library::Names(std::string_view type) const {
  std::vector<CanonicalName> names;
  for (const Entry& entry : Of(type)) names.push_back({std::string(entry.url), std::string(entry.version)});
  return names;
}

std::vector<std::string> Library::Versions(std::string_view type, std::string_view url) const {
  std::vector<std::string> versions;
  for (const Entry& entry : Of(type, url)) versions.emplace_back(entry.version);
  return versions;
}

}  // namespace heyi::conformance
