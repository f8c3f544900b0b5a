// The LevelDB folder that holds the views: options, reads, one kind of write, and what to do when it is damaged.
//
// Nothing in it is precious. Whoever meets damage reports it through Failed(), which leaves a mark beside the folder;
// the next open sees the mark, throws the folder away and makes it again from the journal.
#pragma once

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/view/log_free_env.h"

namespace leveldb {
class Cache;
class FilterPolicy;
}  // namespace leveldb

namespace heyi::store {

class ViewDb {
 public:
  // Opens or makes `directory`. errors  kUnavailable store.view-corrupt
  static base::Result<std::unique_ptr<ViewDb>> Open(const std::string& directory);
  static bool MarkedDamaged(const std::string& directory);
  // Removes the folder and its mark.
  static base::Result<base::Done> Destroy(const std::string& directory);

  ~ViewDb();
  ViewDb(const ViewDb&) = delete;
  ViewDb& operator=(const ViewDb&) = delete;

  // `snapshot` null: the newest. errors  kUnavailable store.view-corrupt, as of all below
  base::Result<std::optional<std::string>> Get(std::string_view key, const leveldb::Snapshot* snapshot) const;
  std::unique_ptr<leveldb::Iterator> Walk(const leveldb::Snapshot* snapshot) const;
  base::Result<base::Done> Write(leveldb::WriteBatch* batch);

  const leveldb::Snapshot* TakeSnapshot() { return db_->GetSnapshot(); }
  void ReleaseSnapshot(const leveldb::Snapshot* snapshot) { db_->ReleaseSnapshot(snapshot); }

  // Writes what is in memory into a table, so that the next start has nothing to replay.
  void Flush();
  int Level0Files() const;
  // About how many bytes of tables lie between two keys; what is still in memory does not count.
  uint64_t ApproximateBytes(const std::string& from, const std::string& to) const;

  // The error for a failed status or an undecodable row; marks the folder for rebuilding.
  base::Error Failed(std::string_view why) const;

 private:
  explicit ViewDb(std::string directory);

  std::string directory_;
  LogFreeEnv env_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;
  mutable std::atomic<bool> marked_{false};
};

}  // namespace heyi::store
