#include "store/view/view_db.h"

#include <leveldb/cache.h>
#include <leveldb/filter_policy.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "store/limits.h"

namespace heyi::store {
namespace {

constexpr int kBloomBitsPerKey = 10;
constexpr size_t kBlockCacheBytes = 64u << 20;
constexpr size_t kTableFileBytes = 16u << 20;

std::string MarkOf(const std::string& directory) { return directory + ".damaged"; }

leveldb::Slice SliceOf(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

base::Result<std::unique_ptr<ViewDb>> ViewDb::Open(const std::string& directory) {
  std::unique_ptr<ViewDb> view(new ViewDb(directory));
  view->cache_.reset(leveldb::NewLRUCache(kBlockCacheBytes));
  view->filter_.reset(leveldb::NewBloomFilterPolicy(kBloomBitsPerKey));
  leveldb::Options options;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.env = &view->env_;
  options.write_buffer_size = kViewWriteBufferBytes;
  options.max_file_size = kTableFileBytes;
  options.block_cache = view->cache_.get();
  options.filter_policy = view->filter_.get();
  leveldb::DB* db = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, directory, &db);
  if (!status.ok()) return view->Failed(status.ToString());
  view->db_.reset(db);
  return view;
}

bool ViewDb::MarkedDamaged(const std::string& directory) {
  std::error_code error;
  return std::filesystem::exists(MarkOf(directory), error);
}

base::Result<base::Done> ViewDb::Destroy(const std::string& directory) {
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (!error) std::filesystem::remove(MarkOf(directory), error);
  if (error) return base::Error(base::ErrorKind::kUnavailable, "file.failed", {}, "remove " + directory + ": " + error.message());
  return base::Done{};
}

ViewDb::ViewDb(std::string directory) : directory_(std::move(directory)) {}
ViewDb::~ViewDb() = default;

base::Result<std::optional<std::string>> ViewDb::Get(std::string_view key, const leveldb::Snapshot* snapshot) const {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  options.snapshot = snapshot;
  std::string value;
  const leveldb::Status status = db_->Get(options, SliceOf(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return Failed(status.ToString());
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<leveldb::Iterator> ViewDb::Walk(const leveldb::Snapshot* snapshot) const {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  options.snapshot = snapshot;
  return std::unique_ptr<leveldb::Iterator>(db_->NewIterator(options));
}

base::Result<base::Done> ViewDb::Write(leveldb::WriteBatch* batch) {
  const leveldb::Status status = db_->Write(leveldb::WriteOptions(), batch);
  if (!status.ok()) return Failed(status.ToString());
  return base::Done{};
}

void ViewDb::Flush() {
  // Compacting a range in which nothing lies does nothing but write the memory table out first.
  const leveldb::Slice nothing("\x01");
  db_->CompactRange(&nothing, &nothing);
}

int ViewDb::Level0Files() const {
  std::string text;
  return db_->GetProperty("leveldb.num-files-at-level0", &text) ? std::atoi(text.c_str()) : 0;
}

uint64_t ViewDb::ApproximateBytes(const std::string& from, const std::string& to) const {
  const leveldb::Range range(from, to);
  uint64_t bytes = 0;
  db_->GetApproximateSizes(&range, 1, &bytes);
  return bytes;
}

base::Error ViewDb::Failed(std::string_view text) const {
  std::string why;  // names out of damaged files are no text
  for (char c : text) why += c >= ' ' && c <= '~' ? c : '?';
  if (!marked_.exchange(true)) {
    std::ofstream mark(MarkOf(directory_));
    mark << why << '\n';
  }
  return base::Error(base::ErrorKind::kUnavailable, "store.view-corrupt", {}, why);
}

}  // namespace heyi::store
