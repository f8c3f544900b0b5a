#include "store/view/log_free_env.h"

namespace heyi::store {
namespace {

bool IsLog(const std::string& name) { return name.ends_with(".log"); }

class Nowhere : public leveldb::WritableFile {
 public:
  leveldb::Status Append(const leveldb::Slice&) override { return leveldb::Status::OK(); }
  leveldb::Status Close() override { return leveldb::Status::OK(); }
  leveldb::Status Flush() override { return leveldb::Status::OK(); }
  leveldb::Status Sync() override { return leveldb::Status::OK(); }
};

class Empty : public leveldb::SequentialFile {
 public:
  leveldb::Status Read(size_t, leveldb::Slice* result, char*) override {
    result->clear();
    return leveldb::Status::OK();
  }
  leveldb::Status Skip(uint64_t) override { return leveldb::Status::OK(); }
};

}  // namespace

leveldb::Status LogFreeEnv::NewWritableFile(const std::string& name, leveldb::WritableFile** file) {
  if (!IsLog(name)) return target()->NewWritableFile(name, file);
  *file = new Nowhere;
  return leveldb::Status::OK();
}

leveldb::Status LogFreeEnv::NewAppendableFile(const std::string& name, leveldb::WritableFile** file) {
  if (!IsLog(name)) return target()->NewAppendableFile(name, file);
  *file = new Nowhere;
  return leveldb::Status::OK();
}

leveldb::Status LogFreeEnv::NewSequentialFile(const std::string& name, leveldb::SequentialFile** file) {
  if (!IsLog(name)) return target()->NewSequentialFile(name, file);
  *file = new Empty;
  return leveldb::Status::OK();
}

}  // namespace heyi::store
