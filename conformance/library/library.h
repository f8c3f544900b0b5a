// A library file as a source: the index in memory, bodies read when they are asked for. Thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conformance/library/source.h"

namespace heyi::conformance {

// The base library that the build puts beside a definitions pack: "heyi-r4.definitions" beside "heyi-r4.pack".
std::string LibraryBeside(std::string_view pack_path);

class Library : public CanonicalSource {
 public:
  // Reads the index alone; about a millisecond for HL7's 3,100 resources.
  //   errors  kInternal conformance.definitions: no such file, not a library, damaged
  static base::Result<std::unique_ptr<Library>> Open(const std::string& path);
  ~Library() override;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const std::string& package() const { return package_; }          // "hl7.fhir.r4.core"
  const std::string& package_version() const { return package_version_; }
  size_t size() const { return entries_.size(); }

  std::shared_ptr<const base::JsonValue> Find(std::string_view type, std::string_view url, std::string_view version) const override;
  std::vector<CanonicalName> Names(std::string_view type) const override;
  std::vector<std::string> Versions(std::string_view type, std::string_view url) const override;
  uint64_t Generation() const override { return 0; }

 private:
  struct Entry {
    std::string_view type, url, version;  // into index_
    uint64_t offset = 0, size = 0, raw_size = 0;
  };
  Library() = default;
  bool ReadIndex();
  std::span<const Entry> Of(std::string_view type) const;
  std::span<const Entry> Of(std::string_view type, std::string_view url) const;
  std::shared_ptr<const base::JsonValue> Read(const Entry& entry) const;

  int file_ = -1;
  uint64_t bodies_at_ = 0;
  std::string index_;
  std::string package_, package_version_;
  std::vector<Entry> entries_;  // in the file's order
};

}  // namespace heyi::conformance
