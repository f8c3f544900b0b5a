#include "conformance/library/package.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "base/json/value.h"
#include "conformance/limits.h"

namespace heyi::conformance {
namespace {

using base::Done;
using base::JsonValue;
using base::Result;

constexpr std::string_view kFolder = "package/";
constexpr std::string_view kManifest = "package/package.json";

base::Error Refused(std::string_view rule, std::string_view what) { return {base::ErrorKind::kInvalid, rule, {}, what}; }

struct Closes {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

class PackageReader {
 public:
  explicit PackageReader(std::string_view tgz) : tgz_(tgz), reader_(archive_read_new()) {}

  Result<PackageContent> Read() {
    archive_read_support_filter_gzip(reader_.get());
    archive_read_support_format_tar(reader_.get());
    if (archive_read_open_memory(reader_.get(), tgz_.data(), tgz_.size()) != ARCHIVE_OK) return Broken();
    for (archive_entry* entry = nullptr;;) {
      const int got = archive_read_next_header(reader_.get(), &entry);
      if (got == ARCHIVE_EOF) break;
      if (got != ARCHIVE_OK) return Broken();
      if (++files_ > kPackageFilesMax) return Refused("package.archive", "too many files");
      HEYI_CHECK(Entry(entry));
    }
    if (content_.name.empty()) return Refused("package.manifest", kManifest);
    return std::move(content_);
  }

 private:
  base::Error Broken() const {
    const char* why = archive_error_string(reader_.get());
    return Refused("package.archive", why == nullptr ? "not a gzip'd tar" : why);
  }

  Result<Done> Entry(archive_entry* entry) {
    const char* const named = archive_entry_pathname(entry);
    const std::string path(named == nullptr ? "" : named);
    const std::string_view rest = std::string_view(path).substr(path.starts_with(kFolder) ? kFolder.size() : 0);
    const bool resource = path.starts_with(kFolder) && rest.ends_with(".json") && rest.find('/') == std::string_view::npos;
    const la_int64_t size = archive_entry_size(entry);
    if (size < 0 || static_cast<uint64_t>(size) > kLibraryBodyBytesMax) return Refused("package.archive", path + ": too many bytes");
    if (archive_entry_filetype(entry) != AE_IFREG || !resource) {
      bytes_ += static_cast<uint64_t>(size);  // unpacked, too, on the way to the next
      if (bytes_ > kPackageBytesMax) return Refused("package.archive", path + ": too many bytes");
      ++content_.passed_over;
      return Done{};
    }
    HEYI_TRY(text, Body(path));
    auto json = base::ParseJson(std::move(text));
    if (!json.ok()) return Refused(path == kManifest ? "package.manifest" : "package.resource", path);
    return path == kManifest ? Manifest(*json) : Resource(*json);
  }

  Result<std::string> Body(const std::string& path) {
    std::string text;
    char buffer[64 * 1024];
    for (;;) {
      const la_ssize_t got = archive_read_data(reader_.get(), buffer, sizeof(buffer));
      if (got == 0) return text;
      if (got < 0) return Broken();
      bytes_ += static_cast<uint64_t>(got);
      if (bytes_ > kPackageBytesMax) return Refused("package.archive", path + ": too many bytes");
      text.append(buffer, static_cast<size_t>(got));
    }
  }

  Result<Done> Manifest(const JsonValue& manifest) {
    content_.name = manifest.StringAt("name");
    content_.version = manifest.StringAt("version");
    if (content_.name.empty() || content_.version.empty()) return Refused("package.manifest", "name, version");
    for (const std::string_view field : {"fhirVersions", "fhir-version-list"}) {
      for (const JsonValue& version : manifest[field].items()) {
        if (!version.text().starts_with("4.0")) return Refused("package.manifest", "FHIR " + version.text());
      }
    }
    for (const JsonValue::Member& one : manifest["dependencies"].members()) {
      content_.dependencies.push_back(one.first + "@" + one.second.text());
    }
    return Done{};
  }

  Result<Done> Resource(const JsonValue& resource) {
    const std::string_view type = resource.StringAt("resourceType");
    const std::string_view url = resource.StringAt("url");
    if (type.empty() || url.empty()) {
      ++content_.passed_over;
      return Done{};
    }
    JsonValue lean = JsonValue::Object();
    for (const JsonValue::Member& member : resource.members()) {
      if (member.first != "text") lean.Set(member.first, member.second);
    }
    content_.resources.push_back({std::string(type), std::string(url), std::string(resource.StringAt("version")), base::WriteJson(lean)});
    return Done{};
  }

  const std::string_view tgz_;
  const std::unique_ptr<archive, Closes> reader_;
  PackageContent content_;
  size_t files_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

Result<PackageContent> ReadPackage(std::string_view tgz) { return PackageReader(tgz).Read(); }

}  // namespace heyi::conformance
