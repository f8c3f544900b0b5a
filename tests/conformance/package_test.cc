// FHIR packages, good and hostile, made here byte by byte; and the library files that they become.
#include "conformance/library/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/json/value.h"
#include "conformance/library/library.h"
#include "conformance/limits.h"

namespace heyi::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = R"({"name":"t.example","version":"1.0.0","fhirVersions":["4.0.1"],"dependencies":{"hl7.fhir.r4.core":"4.0.1"}})";

// A tar, ustar headers only, so that they can say what is not true.
class Tar {
 public:
  Tar& Add(const std::string& name, std::string_view body) { return Add(name, body, '0', body.size(), {}); }
  Tar& Link(const std::string& name, const std::string& to, char kind) { return Add(name, {}, kind, 0, to); }
  Tar& Add(const std::string& name, std::string_view body, char kind, uint64_t size, const std::string& link) {
    std::string header(512, '\0');
    const auto put = [&](size_t at, const std::string& text) { header.replace(at, text.size(), text); };
    const auto octal = [](uint64_t value, int digits) {
      char text[32];
      std::snprintf(text, sizeof(text), "%0*llo", digits, static_cast<unsigned long long>(value));
      return std::string(text);
    };
    put(0, name.substr(0, 100));
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, octal(size, 11));
    put(136, "00000000000");
    put(148, "        ");
    header[156] = kind;
    put(157, link.substr(0, 100));
    put(257, std::string("ustar\0" "00", 8));
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, octal(sum, 6) + std::string("\0 ", 2));
    bytes_ += header;
    bytes_ += body;
    bytes_.resize((bytes_.size() + 511) / 512 * 512);
    return *this;
  }
  std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

 private:
  std::string bytes_;
};

// gzip, by an archive of one raw entry.
std::string Gzip(const std::string& raw) {
  std::string out(raw.size() + raw.size() / 100 + 4096, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_raw(writer);
  EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, "x");
  archive_entry_set_filetype(entry, AE_IFREG);
  EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
  EXPECT_EQ(archive_write_data(writer, raw.data(), raw.size()), static_cast<la_ssize_t>(raw.size()));
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string Tgz(const Tar& tar) { return Gzip(tar.bytes()); }

std::string Resource(const std::string& url, const std::string& more = {}) {
  return R"({"resourceType":"ValueSet","url":")" + url + R"(","version":"1","status":"active","text":{"status":"generated",
      "div":"<div>x</div>"})" + more + "}";
}

// The rule that refused it, or "" where it was read.
std::string Refusal(std::string_view tgz, PackageContent* content = nullptr) {
  auto read = ReadPackage(tgz);
  if (!read.ok()) return read.error().outcome.issues().at(0).rule;
  if (content != nullptr) *content = std::move(*read);
  return {};
}

TEST(Package, Good) {
  Tar tar;
  tar.Add("package/package.json", kManifest).Add("package/ValueSet-a.json", Resource("http://t.example/a")).Add("package/.index.json", R"({"files":[]})");
  tar.Add("package/Patient-x.json", R"({"resourceType":"Patient","id":"x"})").Add("package/other/x.json", "no JSON").Add("package/readme.md", "x");
  PackageContent content;
  ASSERT_EQ(Refusal(Tgz(tar), &content), "");
  EXPECT_EQ(content.name, "t.example");
  EXPECT_EQ(content.version, "1.0.0");
  EXPECT_EQ(content.dependencies, std::vector<std::string>({"hl7.fhir.r4.core@4.0.1"}));
  ASSERT_EQ(content.resources.size(), 1u);
  EXPECT_EQ(content.resources[0].type, "ValueSet");
  EXPECT_EQ(content.resources[0].url, "http://t.example/a");
  EXPECT_EQ(content.resources[0].version, "1");
  EXPECT_EQ(content.resources[0].json.find("div"), std::string::npos) << "narratives are left out";
  EXPECT_EQ(content.passed_over, 4u);
}

TEST(Package, ManifestMayComeLast) {
  EXPECT_EQ(Refusal(Tgz(Tar().Add("package/ValueSet-a.json", Resource("http://t.example/a")).Add("package/package.json", kManifest))), "");
}

TEST(Package, Manifests) {
  const auto with = [](std::string_view manifest) { return Refusal(Tgz(Tar().Add("package/package.json", manifest))); };
  EXPECT_EQ(with(kManifest), "");
  EXPECT_EQ(with(R"({"name":"a","version":"1"})"), "");
  EXPECT_EQ(with(R"({"name":"a","version":"1","fhir-version-list":["4.0.0"]})"), "");
  for (const std::string_view bad : {R"({"name":"a"})", R"({"version":"1"})", R"({})", R"([])", R"(x)", R"()", R"({"name":1,
      "name":2})", R"({"name":{},"version":[]})",
                                     R"({"name":"a","version":"1","fhirVersions":["5.0.0"]})", R"({"name":"a","version":"1","fhirVersions":["4.0.1",
                                     "4.3.0"]})",
                                     R"({"name":"a","version":"1","fhir-version-list":["3.0.2"]})"}) {
    EXPECT_EQ(with(bad), "package.manifest") << bad;
  }
  EXPECT_EQ(Refusal(Tgz(Tar().Add("package/ValueSet-a.json", Resource("http://t.example/a")))), "package.manifest");
  EXPECT_EQ(Refusal(Tgz(Tar().Add("package.json", kManifest))), "package.manifest");
  EXPECT_EQ(Refusal(Tgz(Tar().Add("other/package.json", kManifest))), "package.manifest");
}

TEST(Package, NotAnArchive) {
  EXPECT_EQ(Refusal(""), "package.archive");
  EXPECT_EQ(Refusal("PK\x03\x04 something"), "package.archive");
  EXPECT_EQ(Refusal(Resource("http://t.example/a")), "package.archive");
  EXPECT_EQ(Refusal(std::string(100'000, '\0')).substr(0, 8), "package.");
  EXPECT_EQ(Refusal(std::string("\x1f\x8b\x08\0\0\0\0\0\0\0", 10)).substr(0, 8), "package.");
  EXPECT_EQ(Refusal(Gzip("not a tar at all")), "package.archive");
}

// Cut short anywhere: refused or, where only the end of the archive is missing, read; and never a crash.
TEST(Package, Truncated) {
  std::string noise = "x";  // so that it does not shrink to nothing
  for (int i = 0; i < 4'000; ++i) noise += std::to_string(i * 7919 % 10007);
  const std::string whole = Tgz(Tar().Add("package/package.json", kManifest).Add("package/ValueSet-a.json", Resource("http://t.example/a",
      R"(,"title":")" + noise + "\"")));
  ASSERT_EQ(Refusal(whole), "");
  size_t read = 0;
  for (size_t size = 0; size < whole.size(); size += std::max<size_t>(1, whole.size() / 500)) {
    PackageContent content;
    const std::string refusal = Refusal(std::string_view(whole).substr(0, size), &content);
    if (refusal.empty()) {
      ++read;
      EXPECT_EQ(content.resources.size(), 1u) << "half a package was taken at " << size;
    }
  }
  EXPECT_LT(read, 30u);
}

TEST(Package, DamagedAnywhere) {
  const std::string whole = Tgz(Tar().Add("package/package.json", kManifest).Add("package/ValueSet-a.json", Resource("http://t.example/a")));
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    (void)Refusal(damaged);
  }
  const std::string tar = Tar().Add("package/package.json", kManifest).Add("package/ValueSet-a.json", Resource("http://t.example/a")).bytes();
  for (size_t at = 0; at < tar.size(); at += 3) {
    std::string damaged = tar;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    (void)Refusal(Gzip(damaged));
  }
}

// Names that lead elsewhere are no files of the package; nothing is ever written under them.
TEST(Package, NamesThatLeadElsewhere) {
  Tar tar;
  tar.Add("package/package.json", kManifest);
  for (const char* name : {"../../etc/x.json", "/etc/x.json", "package/../../x.json", "package/a/../x.json", "package//x.json", "./package/x.json",
      "package/../package/x.json", "PACKAGE/x.json"}) {
    tar.Add(name, Resource("http://t.example/" + std::string(name)));
  }
  PackageContent content;
  ASSERT_EQ(Refusal(Tgz(tar), &content), "");
  EXPECT_EQ(content.resources.size(), 0u);
  EXPECT_EQ(content.passed_over, 8u);
}

TEST(Package, LinksAndDevicesArePassedOver) {
  Tar tar;
  tar.Add("package/package.json", kManifest);
  tar.Link("package/a.json", "/etc/passwd", '2').Link("package/b.json", "package/package.json", '1').Link("package/c.json", "",
      '3').Link("package/d.json", "", '5').Link("package/e.json", "", '6');
  PackageContent content;
  ASSERT_EQ(Refusal(Tgz(tar), &content), "");
  EXPECT_EQ(content.resources.size(), 0u);
}

TEST(Package, FilesThatAreNoJson) {
  for (const std::string_view bad : {"", "x", "{", R"({"a":1,"a":2})", "\xef\xbb\xbf{}", "{} {}"}) {
    const std::string refusal = Refusal(Tgz(Tar().Add("package/package.json", kManifest).Add("package/a.json", bad)));
    EXPECT_TRUE(refusal == "package.resource" || bad.starts_with("\xef")) << bad << ": " << refusal;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "[";
  EXPECT_EQ(Refusal(Tgz(Tar().Add("package/package.json", kManifest).Add("package/a.json", deep))), "package.resource");
  for (const std::string_view odd : {"[]", "1", "null", R"({"resourceType":1,"url":2})", R"({"resourceType":["x"],
      "url":{}})", R"({"resourceType":"ValueSet","url":""})"}) {
    EXPECT_EQ(Refusal(Tgz(Tar().Add("package/package.json", kManifest).Add("package/a.json", odd))), "") << odd;
  }
}

TEST(Package, TheSameFileTwice) {
  Tar tar;
  tar.Add("package/package.json", kManifest).Add("package/a.json", Resource("http://t.example/a", R"(,"title":"first")")).Add("package/a.json",
      Resource("http://t.example/a", R"(,"title":"second")"));
  PackageContent content;
  ASSERT_EQ(Refusal(Tgz(tar), &content), "");
  const std::string library = WriteLibrary(content.name, content.version, content.resources);
  EXPECT_EQ(content.resources.size(), 2u);
  EXPECT_LT(library.size(), 2'000u);
}

TEST(Package, ManyFiles) {
  const auto many = [](size_t count) {
    Tar tar;
    tar.Add("package/package.json", kManifest);
    for (size_t i = 1; i < count; ++i) tar.Add("package/" + std::to_string(i) + ".json", Resource("http://t.example/" + std::to_string(i)));
    return Tgz(tar);
  };
  PackageContent content;
  EXPECT_EQ(Refusal(many(5'000), &content), "");
  EXPECT_EQ(content.resources.size(), 4'999u);
  EXPECT_EQ(Refusal(many(kPackageFilesMax + 2)), "package.archive");
}

// ---- bombs ----

// Members of gzip one after the other are one stream: 64 MiB of zeros each.
std::string Zeros(int members) {
  const std::string one = Gzip(std::string(64u << 20, '\0'));
  std::string all;
  for (int i = 0; i < members; ++i) all += one;
  return all;
}

// A header alone, without the end of the archive.
std::string HeaderOf(const std::string& name, uint64_t size) {
  std::string bytes = Tar().Add("package/package.json", kManifest).Add(name, {}, '0', size, {}).bytes();
  bytes.resize(bytes.size() - 1024);
  return Gzip(bytes);
}

TEST(Package, BombsAreRefusedBeforeTheyUnpack) {
  const std::clock_t begin = std::clock();
  const std::string zeros = Zeros(20);
  for (const char* name : {"package/a.json", "package/a.bin", "elsewhere"}) {
    EXPECT_EQ(Refusal(HeaderOf(name, 20ull * (64u << 20)) + zeros), "package.archive") << name;
    EXPECT_EQ(Refusal(HeaderOf(name, 077777777777ull) + zeros), "package.archive") << name;
  }
  // Many files that are each allowed.
  Tar tar;
  tar.Add("package/package.json", kManifest);
  std::string tgz = Tgz(tar);
  tgz = HeaderOf("a", 0);
  for (int i = 0; i < 5; ++i) {
    std::string header = Tar().Add("b" + std::to_string(i), {}, '0', 4ull * (64u << 20), {}).bytes();
    header.resize(512);
    tgz += Gzip(header) + Zeros(4);
  }
  EXPECT_EQ(Refusal(tgz), "package.archive");
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf("bombs: %.2f s\n", seconds);
  EXPECT_LT(seconds, 60);
}

TEST(Package, SizesThatAreNotTrue) {
  EXPECT_EQ(Refusal(HeaderOf("package/a.json", 1000)), "package.archive");
  EXPECT_EQ(Refusal(HeaderOf("package/a.json", 100ull << 20)), "package.archive");
}

// ---- libraries ----

class LibraryFile : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/heyi-library-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  base::Result<std::unique_ptr<Library>> Opened(const std::string& bytes) {
    const std::string path = directory_ + "/x.definitions";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return Library::Open(path);
  }

  // Everything that can be asked of a library, asked.
  static size_t AskAll(const Library& library) {
    size_t found = 0;
    for (const char* type : {"ValueSet", "CodeSystem", "", "Zzz"}) {
      for (const CanonicalName& name : library.Names(type)) {
        for (const std::string& version : library.Versions(type, name.url)) found += library.Find(type, name.url, version) != nullptr ? 1 : 0;
      }
    }
    for (const char* url : {"http://t.example/a", "http://t.example/b", "", "zzz"}) {
      for (const char* version : {"", "1", "2", "9"}) found += library.Find("ValueSet", url, version) != nullptr ? 1 : 0;
    }
    return found;
  }

  static std::string Small() {
    return WriteLibrary("p", "1.0", {{"ValueSet", "http://t.example/b", "1", R"({"resourceType":"ValueSet","title":"b1"})"},
                                     {"ValueSet", "http://t.example/a", "2", R"({"resourceType":"ValueSet","title":"a2"})"},
                                     {"ValueSet", "http://t.example/a", "10", R"({"resourceType":"ValueSet","title":"a10"})"},
                                     {"ValueSet", "http://t.example/a", "2", R"({"resourceType":"ValueSet","title":"again"})"},
                                     {"CodeSystem", "http://t.example/c", "", R"({"resourceType":"CodeSystem","title":"c"})"}});
  }

  std::string directory_;
};

TEST_F(LibraryFile, WrittenAndReadBack) {
  auto library = Opened(Small());
  ASSERT_TRUE(library.ok());
  EXPECT_EQ((*library)->package(), "p");
  EXPECT_EQ((*library)->package_version(), "1.0");
  EXPECT_EQ((*library)->size(), 4u);
  EXPECT_EQ((*library)->Versions("ValueSet", "http://t.example/a"), std::vector<std::string>({"10", "2"}));
  const auto title = [&](const char* type, const char* url, const char* version) {
    const auto found = (*library)->Find(type, url, version);
    return found == nullptr ? std::string() : std::string(found->StringAt("title"));
  };
  EXPECT_EQ(title("ValueSet", "http://t.example/a", ""), "a10");
  EXPECT_EQ(title("ValueSet", "http://t.example/a", "2"), "a2");
  EXPECT_EQ(title("ValueSet", "http://t.example/a", "3"), "");
  EXPECT_EQ(title("ValueSet", "http://t.example/c", ""), "");
  EXPECT_EQ(title("CodeSystem", "http://t.example/c", ""), "c");
  const auto empty = Opened(WriteLibrary("p", "1", {}));
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ((*empty)->size(), 0u);
}

TEST_F(LibraryFile, DamagedAnywhere) {
  const std::string whole = Small();
  size_t refused = 0, opened = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto library = Opened(damaged);
      if (!library.ok()) {
        EXPECT_EQ(library.error().outcome.issues().at(0).rule, "conformance.definitions");
        ++refused;
        continue;
      }
      ++opened;
      (void)AskAll(**library);
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_GT(opened, 0u);  // damage of a body shows when it is read
}

TEST_F(LibraryFile, CutShort) {
  const std::string whole = Small();
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto library = Opened(whole.substr(0, size));
    if (library.ok()) (void)AskAll(**library);
  }
  EXPECT_FALSE(Library::Open(directory_ + "/none.definitions").ok());
  EXPECT_FALSE(Library::Open(directory_).ok());
}

// An index that is well formed and tells lies.
TEST_F(LibraryFile, IndexesThatLie) {
  const auto with = [&](uint64_t count, uint64_t offset, uint64_t size, uint64_t raw_size) {
    std::string index;
    base::PutBlob(index, "p");
    base::PutBlob(index, "1");
    base::PutVarint(index, count);
    for (const char* text : {"ValueSet", "http://t.example/a", "1"}) base::PutBlob(index, text);
    base::PutVarint(index, offset);
    base::PutVarint(index, size);
    base::PutVarint(index, raw_size);
    const std::string packed = base::ZstdCompress(index);
    std::string file(kLibraryMagic);
    file += static_cast<char>(kLibraryVersion);
    base::PutLittle(file, static_cast<uint32_t>(packed.size()));
    base::PutLittle(file, static_cast<uint32_t>(index.size()));
    const auto library = Opened(file + packed + "body");
    return library.ok() ? static_cast<int>(AskAll(**library)) : -1;
  };
  constexpr uint64_t kHuge = UINT64_MAX;
  EXPECT_EQ(with(kHuge, 0, 4, 4), -1);
  EXPECT_EQ(with(1'000'000, 0, 4, 4), -1);
  EXPECT_EQ(with(2, 0, 4, 4), -1);
  EXPECT_EQ(with(1, 0, 4, 4), 0);
  EXPECT_EQ(with(1, 0, kHuge, 4), -1);
  EXPECT_EQ(with(1, 0, 4, kHuge), -1);
  EXPECT_EQ(with(1, kHuge, 4, 4), 0);
  EXPECT_EQ(with(1, kHuge / 2, 4, 4), 0);
  EXPECT_EQ(with(1, 0, 0, 0), 0);
  EXPECT_EQ(with(1, 0, 100, kLibraryBodyBytesMax), 0);
}

}  // namespace
}  // namespace heyi::conformance
