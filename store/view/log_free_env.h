// An Env under which LevelDB has no log: its *.log files go nowhere and are empty when read.
//
// The journal holds everything, and applied-t lies in the same batch as what it stands for, so the tables are always
// a prefix of the journal and the rest is replayed. Not writing it twice saves a third of the disk's work; and a hole
// in an unsynced log would lose entries below applied-t without a word.
#pragma once

#include <leveldb/env.h>

namespace heyi::store {

class LogFreeEnv : public leveldb::EnvWrapper {
 public:
  LogFreeEnv() : leveldb::EnvWrapper(leveldb::Env::Default()) {}

  leveldb::Status NewWritableFile(const std::string& name, leveldb::WritableFile** file) override;
  leveldb::Status NewAppendableFile(const std::string& name, leveldb::WritableFile** file) override;
  leveldb::Status NewSequentialFile(const std::string& name, leveldb::SequentialFile** file) override;
};

}  // namespace heyi::store
