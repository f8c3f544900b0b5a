// Library files written: bodies one after the other, the index in front.
#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"
#include "conformance/library/library_format.h"
#include "conformance/library/source.h"

namespace heyi::conformance {
namespace {

constexpr int kLevel = 9;

bool Before(const LibraryEntry& a, const LibraryEntry& b) {
  if (a.type != b.type) return a.type < b.type;
  if (a.url != b.url) return a.url < b.url;
  return CompareVersions(a.version, b.version) > 0;
}

bool Same(const LibraryEntry& a, const LibraryEntry& b) { return a.type == b.type && a.url == b.url && a.version == b.version; }

}  // namespace

std::string WriteLibrary(std::string_view package, std::string_view package_version, std::vector<LibraryEntry> entries) {
  std::stable_sort(entries.begin(), entries.end(), Before);
  entries.erase(std::unique(entries.begin(), entries.end(), Same), entries.end());
  std::string index, bodies;
  base::PutBlob(index, package);
  base::PutBlob(index, package_version);
  base::PutVarint(index, entries.size());
  for (const LibraryEntry& entry : entries) {
    const std::string body = base::ZstdCompress(entry.json, nullptr, kLevel);
    for (const std::string* text : {&entry.type, &entry.url, &entry.version}) base::PutBlob(index, *text);
    base::PutVarint(index, bodies.size());
    base::PutVarint(index, body.size());
    base::PutVarint(index, entry.json.size());
    bodies += body;
  }
  const std::string packed = base::ZstdCompress(index, nullptr, kLevel);
  std::string library(kLibraryMagic);
  library += static_cast<char>(kLibraryVersion);
  base::PutLittle(library, static_cast<uint32_t>(packed.size()));
  base::PutLittle(library, static_cast<uint32_t>(index.size()));
  return library + packed + bodies;
}

}  // namespace heyi::conformance
