// Streams of docids in ascending order, and how they are combined: what a search plan is made of.
//
// A stream answers one question: which is your first docid from here on? Streams over postings leap (a seek) over what
// nobody asks for, so an intersection costs about as much as its smallest member.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/limits.h"
#include "store/view/keys.h"
#include "store/view/view_reader.h"

namespace heyi::store {

// What one search may cost, and what went wrong in the middle of it: streams have no other way to say so.
class Scan {
 public:
  explicit Scan(const ViewReader& reader) : reader_(reader) {}

  const ViewReader& reader() const { return reader_; }
  // Counts index rows; false when the search must end.
  bool Spend(uint64_t rows);
  void Fail(base::Error error);
  bool ended() const { return error_.has_value(); }

  // Rows to walk over, kept as long as the scan. LevelDB steps over a block that it cannot read and says so only when
  // asked, so every walk is asked before an answer is believed.
  leveldb::Iterator& Walk();
  base::Result<base::Done> Status();
  // About how many rows lie between two keys; may be far too low while they are young and still in memory.
  uint64_t EstimateRows(const std::string& from, const std::string& to) const;

 private:
  const ViewReader& reader_;
  uint64_t rows_left_ = kScanRowsMax;
  std::optional<base::Error> error_;
  std::vector<std::unique_ptr<leveldb::Iterator>> walks_;
};

class DocidStream {
 public:
  virtual ~DocidStream() = default;
  // The smallest docid >= `from`, or kNoDocid. `from` never falls from call to call.
  virtual uint32_t SeekTo(uint32_t from) = 0;
  // Is it one of them? In any order; a stream is asked either this or that.
  virtual bool Has(uint32_t docid) = 0;
  virtual uint64_t EstimateSize() const = 0;
};

using DocidStreamPtr = std::unique_ptr<DocidStream>;

// The docids under one whole posting, as of the reader's t. `scan` outlives it, as with all below.
DocidStreamPtr PostingStream(Scan& scan, std::string posting);
DocidStreamPtr VectorStream(std::vector<uint32_t> sorted);
DocidStreamPtr UnionOf(std::vector<DocidStreamPtr> streams);
DocidStreamPtr IntersectionOf(std::vector<DocidStreamPtr> streams);  // at least one
DocidStreamPtr Except(DocidStreamPtr base, DocidStreamPtr minus);

// The first key behind all keys that begin with `head`, which does not end in ff only.
std::string BehindAll(std::string head);

// Reads a stream to its end, at most `limit` docids; true where that was all.
bool Gather(DocidStream& stream, uint32_t from, size_t limit, std::vector<uint32_t>* docids);

}  // namespace heyi::store
