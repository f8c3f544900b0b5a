#include "store/journal/file_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"

namespace heyi::store {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr size_t kBufferKept = 4 << 20;  // a larger one is given back

std::string FirstDetail(const Error& error) {
  return error.outcome.empty() ? std::string() : error.outcome.issues().front().detail;
}

// What the format cannot hold. Nothing has been written when this is said.
Result<Done> CheckDrafts(std::span<EntryDraft* const> group) {
  const auto too_large = [](std::string_view what) { return Error(ErrorKind::kTooLarge, "store.too-large", {}, what); };
  uint64_t total = 0;
  for (const EntryDraft* draft : group) {
    uint64_t size = draft->leaf.size();
    for (const Fact& fact : draft->facts) {
      size += fact.space.size() + fact.key.size() + (fact.value.has_value() ? fact.value->size() : 0) + 32;
    }
    for (const PackedBody& body : draft->bodies) {
      if (body.raw_size > kEntryBytesMax) return too_large(fmt::format("a body of {} bytes", body.raw_size));
      const bool salted = body.salt.size() == kSaltBytes;
      if (!salted && (!body.salt.empty() || !body.stored.empty())) std::abort();  // only Pack makes stored bytes
      size += body.stored.size() + body.type.size() + body.id.size() + 128;
    }
    if (draft->bodies.size() > kBodiesMax) return too_large(fmt::format("{} bodies in an entry", draft->bodies.size()));
    if (size > kEntryBytesMax) return too_large(fmt::format("an entry of {} bytes", size));
    total += size + 256;
  }
  if (total > kGroupHardMax) return too_large(fmt::format("a group of {} bytes", total));
  return Done{};
}

Error Full() {
  return Error(ErrorKind::kUnavailable, "file.failed", {}, fmt::format("more than {} segments", kSegmentsMax));
}

Result<File> Lock(const std::string& directory) {
  const std::string path = directory + "/LOCK";
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.open()) return FileFailed("open", path);
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return Error(ErrorKind::kUnavailable, "store.locked", {}, directory);
  return FileFailed("lock", path);
}

Result<Done> MakeDirectory(const std::string& directory) {
  std::error_code failed;
  if (std::filesystem::is_directory(directory, failed)) return Done{};
  std::filesystem::create_directories(directory, failed);
  if (failed) {
    errno = failed.value();
    return FileFailed("make", directory);
  }
  ::chmod(directory.c_str(), 0700);
  const std::string parent = std::filesystem::absolute(directory).lexically_normal().parent_path().string();
  return base::SyncDirectory(parent);
}

}  // namespace

FileJournal::FileJournal(const FileJournalOptions& options, const SegmentSizes& sizes, File lock)
    : directory_(options.directory),
      clock_(*options.clock),
      random_(*options.random),
      sizes_(sizes),
      lock_(std::move(lock)),
      segments_(options.directory),
      preparer_(options.directory) {}

FileJournal::~FileJournal() {
  if (stopped() || !file_.open() || closed_) return;
  buffer_.assign(kGroupHeaderBytes, '\0');
  const Result<Done> written = WriteGroup(0, 0, chain_.time_ms, true);  // MakeRoom always leaves room for it
  if (!written.ok()) base::Log(base::LogLevel::kWarning, "journal.not-closed", {{"why", FirstDetail(written.error())}});
}

Result<std::unique_ptr<FileJournal>> FileJournal::Open(const FileJournalOptions& options, const SegmentSizes& sizes,
                                                       RecoveryReport* report) {
  HEYI_CHECK(MakeDirectory(options.directory));
  HEYI_TRY(lock, Lock(options.directory));
  if (!HasFormat(options.directory)) {
    HEYI_TRY(segments, ListSegments(options.directory));
    if (!segments.empty()) return Error(ErrorKind::kUnavailable, "store.format", {}, "FORMAT is missing");
    HEYI_CHECK(WriteFormat(options.directory, *options.random));
  }
  HEYI_TRY(found, RecoverJournal(options.directory));
  std::unique_ptr<FileJournal> journal(new FileJournal(options, sizes, std::move(lock)));
  HEYI_CHECK(journal->Begin(found));
  HEYI_CHECK(journal->LoadDictionaries());
  if (report != nullptr) {
    *report = {.last_t = journal->last_t(),
               .torn_bytes = found.torn_bytes,
               .segments = journal->number_,
               .clean_shutdown = found.clean};
  }
  return journal;
}

Result<Done> FileJournal::Begin(const Recovered& found) {
  journal_ = found.journal;
  chain_ = found.chain;
  for (const RecoveredSegment& segment : found.segments) {
    if (!segments_.Add(segment.size, segment.first_t)) return Full();
  }
  last_t_ = chain_.t - 1;
  number_ = segments_.count();
  if (!found.clean) {
    HEYI_TRY(taken, preparer_.Take(number_ + 1, sizes_.begun));
    file_ = std::move(taken.file);
    size_ = taken.size;
    path_ = SegmentPath(directory_, ++number_);
    return Done{};
  }
  path_ = SegmentPath(directory_, number_);
  file_ = File(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  if (!file_.open()) return FileFailed("open", path_);
  size_ = segments_.size(number_);
  at_ = found.append_at;
  closed_ = true;
  return Done{};
}

Result<Done> FileJournal::LoadDictionaries() {
  return Scan(1, [this](const EntryView& entry) -> Result<bool> {
    if (entry.kind != EntryKind::kDictionary || entry.bodies.size() != 1) return false;
    const BodyView& body = entry.bodies.front();
    if (body.version != dictionaries_.newest() + 1 || body.version > kDictionariesMax) {
      return CorruptAt(entry.segment, entry.offset, "the dictionary is out of place");
    }
    HEYI_TRY(bytes, ReadBody(body.pointer));
    dictionaries_.Add(std::move(bytes));
    return true;
  });
}

PackedBody FileJournal::Pack(std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot,
                             uint32_t label) const {
  return PackBody(std::move(type), std::move(id), version, raw, slot, label, dictionaries_, random_);
}

Error FileJournal::Stop(const Error& why) {
  stopped_why_ = FirstDetail(why);
  stopped_ = true;
  base::Log(base::LogLevel::kError, "journal.stopped", {{"why", stopped_why_}});
  return Error(ErrorKind::kUnavailable, "store.stopped", {}, stopped_why_);
}

Result<std::vector<AppendedEntry>> FileJournal::Append(std::span<EntryDraft* const> group) {
  if (stopped()) return Error(ErrorKind::kUnavailable, "store.stopped", {}, stopped_why_);
  std::vector<AppendedEntry> appended(group.size());
  if (group.empty()) return appended;
  HEYI_CHECK(CheckDrafts(group));

  buffer_.assign(kGroupHeaderBytes, '\0');
  uint32_t entries_crc = 0;
  base::TimeMs time_ms = chain_.time_ms;
  const base::TimeMs now = clock_.NowMs();
  for (size_t i = 0; i < group.size(); ++i) {
    time_ms = std::max(now, time_ms);
    AppendEntry(*group[i], chain_.t + i, time_ms, &buffer_, &entries_crc, &appended[i]);
  }
  const Result<Done> room = MakeRoom(buffer_.size());
  if (!room.ok()) return Stop(room.error());
  for (AppendedEntry& entry : appended) {
    for (Pointer& pointer : entry.pointers) {
      pointer.segment = number_;
      pointer.offset += static_cast<uint32_t>(at_);
    }
  }
  const Result<Done> written = WriteGroup(static_cast<uint32_t>(group.size()), entries_crc, time_ms, false);
  if (!written.ok()) return Stop(written.error());
  last_t_.store(chain_.t - 1, std::memory_order_release);
  if (at_ > size_ / 2) preparer_.Request(number_ + 1, sizes_.prepared);
  return appended;
}

Result<Done> FileJournal::MakeRoom(uint64_t size) {
  const uint64_t needed = AlignGroup(size) + kGroupHeaderBytes;  // behind every group there is room to close
  if (at_ > size_ || needed > size_ - at_) {
    if (at_ > 0) ++number_;  // else the segment is empty still: a larger one takes its name
    HEYI_TRY(taken, preparer_.Take(number_, std::max(needed, sizes_.prepared)));
    file_ = std::move(taken.file);
    size_ = taken.size;
    at_ = 0;
    path_ = SegmentPath(directory_, number_);
  }
  if (at_ == 0 && !segments_.Add(size_, chain_.t)) return Full();
  return Done{};
}

Result<Done> FileJournal::WriteGroup(uint32_t count, uint32_t entries_crc, base::TimeMs last_time_ms, bool closed) {
  GroupHeader header{.journal = journal_,
                     .closed = closed,
                     .segment = number_,
                     .sequence = chain_.sequence,
                     .t0 = chain_.t,
                     .time_before = chain_.time_ms,
                     .count = count,
                     .previous = chain_.previous,
                     .length = static_cast<uint32_t>(buffer_.size() - kGroupHeaderBytes),
                     .entries_crc = entries_crc};
  EncodeGroupHeader(&header, buffer_.data());

  base::FaultPoint("journal.append");
  std::string_view rest = buffer_;
  if (base::kFaultsArmed) [[unlikely]] {
    HEYI_CHECK(PwriteAll(file_.fd(), rest.substr(0, rest.size() / 2), at_, path_));
    base::FaultPoint("journal.torn");
    rest.remove_prefix(rest.size() / 2);
  }
  // One call: a short write is a failure like any other.
  const auto rest_at = static_cast<off_t>(at_ + buffer_.size() - rest.size());
  const ssize_t put = ::pwrite(file_.fd(), rest.data(), rest.size(), rest_at);
  if (put >= 0 && static_cast<size_t>(put) != rest.size()) errno = EIO;
  if (put != static_cast<ssize_t>(rest.size())) return FileFailed("write", path_);
  base::FaultPoint("journal.before-sync");
  HEYI_CHECK(Sync(file_.fd(), path_));
  base::FaultPoint("journal.synced");

  places_.Note({header.t0, number_, at_});
  at_ += AlignGroup(buffer_.size());
  chain_.Pass(header);
  chain_.time_ms = last_time_ms;
  closed_ = closed;
  if (buffer_.capacity() > kBufferKept) std::string().swap(buffer_);
  return Done{};
}

Result<Done> FileJournal::AddDictionary(std::string bytes) {
  const uint32_t number = dictionaries_.newest() + 1;
  const auto refused = [](std::string_view why) { return Error(ErrorKind::kInternal, "store.dictionary", {}, why); };
  if (last_t() + 1 != number) return refused("the journal has other entries already");
  if (number > kDictionariesMax) return refused("there are too many");
  if (bytes.empty() || bytes.size() > kDictionaryBytesMax) return refused(fmt::format("{} bytes", bytes.size()));
  EntryDraft draft;
  draft.kind = EntryKind::kDictionary;
  const DictionarySet none;  // it must be read before any is known
  draft.bodies.push_back(PackBody("$dictionary", fmt::format("{}", number), number, bytes, 0, 0, none, random_));
  EntryDraft* const group[] = {&draft};
  HEYI_CHECK(Append(group));
  dictionaries_.Add(std::move(bytes));
  return Done{};
}

Result<Done> FileJournal::Scan(uint64_t from_t, const std::function<Result<bool>(const EntryView&)>& visit) const {
  const uint64_t last = last_t();
  from_t = std::max<uint64_t>(from_t, 1);
  if (from_t > last) return Done{};
  Chain chain;
  uint64_t at = 0;
  uint32_t number = segments_.FindByT(from_t);
  bool linked = number <= 1;  // only the very first group is known to have none before it
  number = std::max<uint32_t>(number, 1);
  if (const auto place = places_.NewestUpTo(from_t); place && place->segment == number && place->offset > 0) {
    at = place->offset;
    linked = false;
  }
  while (chain.t <= last) {
    HEYI_TRY(bytes, segments_.Mapped(number));
    GroupHeader header;
    const HeaderState state = ReadGroupHeader(bytes, at, journal_, number, &header);
    if (state == HeaderState::kNone && at > 0 && number < segments_.count()) {
      ++number;
      at = 0;
      continue;
    }
    if (state != HeaderState::kGood) return CorruptAt(number, at, "the group's header is damaged");
    places_.Note({header.t0, number, at});
    if (header.t0 + header.count <= from_t) {  // nothing of it is asked for
      chain.t = header.t0 + header.count;
      linked = false;
      at = AlignGroup(at + kGroupHeaderBytes + header.length);
      continue;
    }
    if (!linked) chain = {header.sequence, header.t0, header.time_before, header.previous};
    if (!Follows(header, chain)) return CorruptAt(number, at, "the group does not follow the one before");
    linked = true;
    GroupReader reader(bytes, at, header);
    while (reader.Next()) {
      if (reader.entry().t < from_t) continue;
      HEYI_TRY(more, visit(reader.entry()));
      if (!more) return Done{};
    }
    if (!reader.damage().what.empty()) return CorruptAt(number, reader.damage().offset, reader.damage().what);
    chain.Pass(header);
    chain.time_ms = reader.time_ms();
    at = AlignGroup(reader.end());
  }
  return Done{};
}

Result<std::string> FileJournal::ReadBody(const Pointer& pointer) const {
  if (pointer.stored_size == 0) return UnpackBody(pointer, {}, {}, dictionaries_);
  const uint64_t end = uint64_t{pointer.offset} + pointer.stored_size;
  if (end > segments_.size(pointer.segment) || pointer.offset < kSaltBytes) {
    return CorruptAt(pointer.segment, pointer.offset, "there is no such body");
  }
  const uint64_t start = pointer.offset - kSaltBytes;
  if (pointer.stored_size > kMappedBodyMax) {
    std::string both(end - start, '\0');
    HEYI_CHECK(segments_.Read(pointer.segment, start, both.size(), both.data()));
    const std::string_view view = both;
    return UnpackBody(pointer, view.substr(0, kSaltBytes), view.substr(kSaltBytes), dictionaries_);
  }
  HEYI_TRY(bytes, segments_.Mapped(pointer.segment));
  return UnpackBody(pointer, bytes.substr(start, kSaltBytes), bytes.substr(pointer.offset, pointer.stored_size),
                    dictionaries_);
}

Result<std::unique_ptr<Journal>> OpenFileJournal(const FileJournalOptions& options, RecoveryReport* report) {
  HEYI_TRY(journal, FileJournal::Open(options, SegmentSizes{}, report));
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace heyi::store
