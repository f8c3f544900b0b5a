// A folder that a department hands messages in by, without a network: DIR/in with its manifest (manifest.h), from where each
// file goes to DIR/done or DIR/refused, its acknowledgement NAME.ack beside it.
//
// A file is taken only as the manifest has it: a wrong digest or half a file waits, and is told of after a while. Files are
// taken in the manifest's order. A crash between taking and moving a file lets it be taken again, which the inbox answers
// as it did the first time. Nothing outside DIR is touched, whatever the names and links in it say.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "exchange/folder/directory.h"
#include "exchange/folder/manifest.h"

namespace heyi::exchange {

class WatchedFolder {
 public:
  struct Options {
    std::string directory;
    uint64_t file_bytes_max = 4u << 20;
    uint32_t tell_after_ms = 60'000;  // how long a file may lie there unnamed or other than named
  };

  // DIR must be there; in, done and refused are made. `clock` outlives it.
  //   errors  kUnavailable, kNotFound exchange.folder
  static base::Result<std::unique_ptr<WatchedFolder>> Open(Options options, const base::Clock& clock);

  enum class Fate : uint8_t { kDone, kRefused, kLater };  // later: nothing is taken now; the round ends
  // What becomes of a file's bytes; fills the acknowledgement.
  using Take = std::function<Fate(std::string bytes, std::string* answer)>;

  struct Round {
    size_t done = 0, refused = 0;
    size_t waiting = 0;                       // files left in DIR/in
    std::optional<base::TimeMs> oldest_ms;    // first seen
    bool later = false;
    std::string trouble;                      // for operators; empty: nothing has waited too long
  };
  Round Scan(const Take& take);               // once through DIR/in; one thread

 private:
  struct Waiting {
    base::TimeMs first_seen_ms = 0;
    FileStamp looked_at;                      // what did not agree, and with which line
    std::string line;
    std::string why;
    bool told = false;
  };
  struct Candidate {
    std::string name;
    const Manifest::Entry* entry;
  };

  WatchedFolder(Options options, const base::Clock& clock, Directory in, Directory done, Directory refused);
  base::Result<base::Done> ReadManifest();
  // The file's bytes where they are what the manifest says; else why not.
  std::optional<std::string> BytesOf(const Candidate& candidate, Waiting& waiting) const;
  base::Result<base::Done> Put(const std::string& name, const Directory& to, const std::string& answer) const;
  void Tell(const std::string& name, Waiting& waiting, Round& round) const;

  const Options options_;
  const base::Clock& clock_;
  const Directory in_, done_, refused_;
  std::optional<FileStamp> manifest_stamp_;
  Manifest manifest_;
  std::map<std::string, Waiting> waiting_;
};

}  // namespace heyi::exchange
