#include "store/query/docid_stream.h"

#include <algorithm>
#include <queue>

#include "base/bytes.h"

namespace heyi::store {
namespace {

constexpr int kStepsBeforeSeek = 8;
constexpr uint64_t kBytesPerRow = 12;  // in a compressed table

class OfPosting : public DocidStream {
 public:
  OfPosting(Scan& scan, std::string posting) : scan_(scan), posting_(std::move(posting)), rows_(scan.Walk()) {}

  uint32_t SeekTo(uint32_t from) override {
    if (started_ && (current_ >= from || current_ == kNoDocid)) return current_;
    if (!started_) {
      started_ = true;
      Seek(from);
    } else {
      int steps = 0;
      while (OnPosting() && TailOf(Key()).docid < from) {
        if (++steps > kStepsBeforeSeek) {
          Seek(from);
          break;
        }
        Next();
      }
    }
    return current_ = Settle();
  }

  bool Has(uint32_t docid) override {
    for (Seek(docid); OnPosting(); Next()) {
      const PostingTail tail = TailOf(Key());
      if (tail.docid != docid) return false;
      if (tail.t <= scan_.reader().t()) return rows_.value().empty();
    }
    return false;
  }
  uint64_t EstimateSize() const override { return scan_.EstimateRows(posting_, BehindAll(posting_)); }

 private:
  std::string_view Key() const { return {rows_.key().data(), rows_.key().size()}; }
  bool OnPosting() const {
    return !scan_.ended() && rows_.Valid() && rows_.key().size() == posting_.size() + kPostingTailBytes &&
           Key().starts_with(posting_);
  }
  void Seek(uint32_t docid) {
    std::string key = posting_;
    PutPostingTail(key, docid, kTMax);
    rows_.Seek(key);
    scan_.Spend(1);
  }
  void Next() {
    rows_.Next();
    scan_.Spend(1);
  }
  // From the first event of a docid: the first docid that is open at t.
  uint32_t Settle() {
    while (OnPosting()) {
      const PostingTail tail = TailOf(Key());
      if (tail.t > scan_.reader().t()) {  // of the future
        Next();
        continue;
      }
      if (rows_.value().empty()) return tail.docid;
      do Next();
      while (OnPosting() && TailOf(Key()).docid == tail.docid);
    }
    return kNoDocid;
  }

  Scan& scan_;
  std::string posting_;
  leveldb::Iterator& rows_;
  uint32_t current_ = kNoDocid;
  bool started_ = false;
};

class OfVector : public DocidStream {
 public:
  explicit OfVector(std::vector<uint32_t> sorted) : docids_(std::move(sorted)), at_(docids_.cbegin()) {}
  uint32_t SeekTo(uint32_t from) override {
    if (at_ != docids_.cend() && *at_ < from) at_ = std::lower_bound(at_, docids_.cend(), from);
    return at_ == docids_.cend() ? kNoDocid : *at_;
  }
  bool Has(uint32_t docid) override { return std::binary_search(docids_.begin(), docids_.end(), docid); }
  uint64_t EstimateSize() const override { return docids_.size(); }

 private:
  std::vector<uint32_t> docids_;
  std::vector<uint32_t>::const_iterator at_;
};

class Union : public DocidStream {
 public:
  explicit Union(std::vector<DocidStreamPtr> streams) : streams_(std::move(streams)) {}
  uint32_t SeekTo(uint32_t from) override {
    if (!started_) {
      started_ = true;
      for (size_t i = 0; i < streams_.size(); ++i) Push(i, from);
    }
    while (!heads_.empty() && heads_.top().first < from) {
      const size_t stream = heads_.top().second;
      heads_.pop();
      Push(stream, from);
    }
    return heads_.empty() ? kNoDocid : heads_.top().first;
  }
  bool Has(uint32_t docid) override {
    return std::any_of(streams_.begin(), streams_.end(), [docid](const DocidStreamPtr& stream) { return stream->Has(docid); });
  }
  uint64_t EstimateSize() const override {
    uint64_t sum = 0;
    for (const DocidStreamPtr& stream : streams_) sum += stream->EstimateSize();
    return sum;
  }

 private:
  using Head = std::pair<uint32_t, size_t>;
  void Push(size_t stream, uint32_t from) {
    const uint32_t docid = streams_[stream]->SeekTo(from);
    if (docid != kNoDocid) heads_.push({docid, stream});
  }
  std::vector<DocidStreamPtr> streams_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
  bool started_ = false;
};

class Intersection : public DocidStream {
 public:
  explicit Intersection(std::vector<DocidStreamPtr> streams) : streams_(std::move(streams)) {}
  uint32_t SeekTo(uint32_t from) override {
    size_t agreed = 0;
    for (size_t i = 0; agreed < streams_.size(); i = (i + 1) % streams_.size()) {
      const uint32_t docid = streams_[i]->SeekTo(from);
      if (docid == kNoDocid) return kNoDocid;
      agreed = docid == from ? agreed + 1 : 1;
      from = docid;
    }
    return from;
  }
  bool Has(uint32_t docid) override {
    return std::all_of(streams_.begin(), streams_.end(), [docid](const DocidStreamPtr& stream) { return stream->Has(docid); });
  }
  uint64_t EstimateSize() const override {
    uint64_t least = UINT64_MAX;
    for (const DocidStreamPtr& stream : streams_) least = std::min(least, stream->EstimateSize());
    return least;
  }

 private:
  std::vector<DocidStreamPtr> streams_;
};

class Difference : public DocidStream {
 public:
  Difference(DocidStreamPtr base, DocidStreamPtr minus) : base_(std::move(base)), minus_(std::move(minus)) {}
  uint32_t SeekTo(uint32_t from) override {
    for (;;) {
      const uint32_t docid = base_->SeekTo(from);
      if (docid == kNoDocid || minus_->SeekTo(docid) != docid) return docid;
      from = docid + 1;
    }
  }
  bool Has(uint32_t docid) override { return base_->Has(docid) && !minus_->Has(docid); }
  uint64_t EstimateSize() const override { return base_->EstimateSize(); }

 private:
  DocidStreamPtr base_;
  DocidStreamPtr minus_;
};

}  // namespace

std::string BehindAll(std::string head) {
  for (size_t i = head.size(); i-- > 0;) {
    head[i] = static_cast<char>(head[i] + 1);
    if (head[i] != '\0') break;
  }
  return head;
}

uint64_t Scan::EstimateRows(const std::string& from, const std::string& to) const {
  return reader_.db().ApproximateBytes(from, to) / kBytesPerRow;
}

bool Scan::Spend(uint64_t rows) {
  if (rows_left_ >= rows) {
    rows_left_ -= rows;
    return true;
  }
  rows_left_ = 0;
  Fail(base::Error(base::ErrorKind::kTooLarge, "search.too-costly"));
  return false;
}

void Scan::Fail(base::Error error) {
  if (!error_) error_ = std::move(error);
}

leveldb::Iterator& Scan::Walk() { return *walks_.emplace_back(reader_.Walk()); }

base::Result<base::Done> Scan::Status() {
  for (const auto& walk : walks_) {
    if (!walk->status().ok()) Fail(reader_.db().Failed(walk->status().ToString()));
  }
  if (error_) return *error_;
  return base::Done{};
}

DocidStreamPtr PostingStream(Scan& scan, std::string posting) {
  return std::make_unique<OfPosting>(scan, std::move(posting));
}

DocidStreamPtr VectorStream(std::vector<uint32_t> sorted) { return std::make_unique<OfVector>(std::move(sorted)); }

DocidStreamPtr UnionOf(std::vector<DocidStreamPtr> streams) {
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<Union>(std::move(streams));
}

DocidStreamPtr IntersectionOf(std::vector<DocidStreamPtr> streams) {
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<Intersection>(std::move(streams));
}

DocidStreamPtr Except(DocidStreamPtr base, DocidStreamPtr minus) {
  return std::make_unique<Difference>(std::move(base), std::move(minus));
}

bool Gather(DocidStream& stream, uint32_t from, size_t limit, std::vector<uint32_t>* docids) {
  for (uint32_t docid = stream.SeekTo(from); docid != kNoDocid; docid = stream.SeekTo(docid + 1)) {
    if (docids->size() == limit) return false;
    docids->push_back(docid);
  }
  return true;
}

}  // namespace heyi::store
