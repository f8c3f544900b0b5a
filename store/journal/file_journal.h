// The journal in segment files: the embedded default.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "store/journal/format.h"
#include "store/journal/journal.h"
#include "store/journal/pack.h"
#include "store/journal/place_index.h"
#include "store/journal/preparer.h"
#include "store/journal/recovery.h"
#include "store/journal/segment.h"
#include "store/limits.h"

namespace heyi::store {

struct SegmentSizes {
  uint64_t begun = kFirstSegmentBytes;   // of a segment that is made at open, while the server waits
  uint64_t prepared = kSegmentBytes;     // of the others
};

class FileJournal : public Journal {
 public:
  static base::Result<std::unique_ptr<FileJournal>> Open(const FileJournalOptions& options, const SegmentSizes& sizes,
                                                         RecoveryReport* report);
  ~FileJournal() override;  // closes in good order unless stopped

  uint64_t last_t() const override { return last_t_.load(std::memory_order_acquire); }
  PackedBody Pack(std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot,
                  uint32_t label) const override;
  base::Result<std::vector<AppendedEntry>> Append(std::span<EntryDraft* const> group) override;
  base::Result<base::Done> Scan(uint64_t from_t,
                                const std::function<base::Result<bool>(const EntryView&)>& visit) const override;
  base::Result<std::string> ReadBody(const Pointer& pointer) const override;
  base::Result<base::Done> AddDictionary(std::string bytes) override;
  bool stopped() const override { return stopped_.load(std::memory_order_acquire); }

 private:
  FileJournal(const FileJournalOptions& options, const SegmentSizes& sizes, File lock);

  base::Result<base::Done> Begin(const Recovered& found);
  base::Result<base::Done> LoadDictionaries();
  base::Error Stop(const base::Error& why);

  // Finds room for a group of `size` bytes, in the next segment where the present one has none. A segment is shown to
  // readers with its first group.
  base::Result<base::Done> MakeRoom(uint64_t size);
  // Writes and syncs buffer_, a group with room for its header in front.
  base::Result<base::Done> WriteGroup(uint32_t count, uint32_t entries_crc, base::TimeMs last_time_ms, bool closed);

  const std::string directory_;
  const base::Clock& clock_;
  base::Random& random_;
  const SegmentSizes sizes_;
  const File lock_;
  uint64_t journal_ = 0;  // id

  SegmentSet segments_;
  mutable PlaceIndex places_;
  DictionarySet dictionaries_;
  SegmentPreparer preparer_;

  // The writer's.
  File file_;               // of the last segment
  std::string path_;
  uint64_t at_ = 0;         // where the next group goes
  uint64_t size_ = 0;       // of the last segment
  uint32_t number_ = 0;
  Chain chain_;
  bool closed_ = false;     // the last group says that the journal was closed
  std::string buffer_;
  std::string stopped_why_;

  std::atomic<uint64_t> last_t_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace heyi::store
