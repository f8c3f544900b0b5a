// A library: the canonical resources of one package in one file, found by type and url without reading the rest.
//
//   library = "HEYILIBR" version:u8 index_size:u32 index_raw_size:u32 zstd(index) body*
//   index   = package:blob package_version:blob count entry*     entries sorted by type, url, then version, latest first
//   entry   = type:blob url:blob version:blob offset:varint size:varint raw_size:varint
//   body    = zstd(JSON), at `offset` from the first body
// Fixed numbers are little-endian, a blob is a varint length and its bytes (base/bytes.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heyi::conformance {

inline constexpr std::string_view kLibraryMagic = "HEYILIBR";
inline constexpr uint8_t kLibraryVersion = 1;

// One canonical resource to be written down.
struct LibraryEntry {
  std::string type, url, version;
  std::string json;
};

// The bytes of a library file. Of two entries of the same type, url and version the first stays.
std::string WriteLibrary(std::string_view package, std::string_view package_version, std::vector<LibraryEntry> entries);

}  // namespace heyi::conformance
