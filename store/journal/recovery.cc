#include "store/journal/recovery.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"

namespace heyi::store {

using base::Done;
using base::Result;

namespace {

constexpr std::string_view kFormatName = "heyi-journal ";
constexpr std::string_view kIdName = "id ";

base::Error BadFormat(std::string_view what) {
  return base::Error(base::ErrorKind::kUnavailable, "store.format", {}, what);
}

std::string FormatPath(const std::string& directory) { return directory + "/FORMAT"; }

// The header that segment `file` begins with.
Result<HeaderState> ReadFirstHeader(const std::string& directory, uint64_t journal, const SegmentFile& segment,
                                    GroupHeader* header) {
  if (segment.size < kGroupHeaderBytes) return HeaderState::kNone;
  const std::string path = SegmentPath(directory, segment.number);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return FileFailed("open", path);
  char bytes[kGroupHeaderBytes];
  HEYI_CHECK(PreadAll(file.fd(), bytes, sizeof bytes, 0, path));
  return ReadGroupHeader({bytes, sizeof bytes}, 0, journal, segment.number, header);
}

// How far the groups of the last segment are good.
struct Tail {
  Chain chain;            // behind the last good group
  uint64_t end = 0;       // aligned, behind the last good group
  bool any = false;
  GroupHeader last;       // the last good group, at `last_at`, when `any`
  uint64_t last_at = 0;
  Damage damage;          // why `end` is the end; what is empty where there is nothing but zeros
};

// False where a body of the group does not match its checksum.
bool BodiesHold(std::string_view segment, uint64_t at, const GroupHeader& header) {
  GroupReader reader(segment, at, header);
  while (reader.Next()) {
    for (const BodyView& body : reader.entry().bodies) {
      if (base::Crc32c(segment.substr(body.pointer.offset, body.pointer.stored_size)) != body.pointer.crc) return false;
    }
  }
  return true;
}

Result<Tail> WalkTail(std::string_view segment, uint32_t number, uint64_t journal) {
  Tail tail;
  Tail before;  // without the last good group
  GroupHeader header;
  HeaderState state;
  while ((state = ReadGroupHeader(segment, tail.end, journal, number, &header)) == HeaderState::kGood) {
    if (!tail.any) {
      tail.chain = {header.sequence, header.t0, header.time_before, header.previous};
    } else if (!Follows(header, tail.chain)) {
      return CorruptAt(number, tail.end, "the group does not follow the one before");
    }
    GroupReader reader(segment, tail.end, header);
    while (reader.Next()) {
    }
    if (!reader.damage().what.empty()) {
      tail.damage = reader.damage();
      return tail;
    }
    before = tail;
    tail.any = true;
    tail.last = header;
    tail.last_at = tail.end;
    tail.chain.Pass(header);
    tail.chain.time_ms = reader.time_ms();
    tail.end = AlignGroup(reader.end());
  }
  if (tail.any && !BodiesHold(segment, tail.last_at, tail.last)) {
    before.damage = {before.end, "a body of the last group is damaged"};
    return before;
  }
  if (state == HeaderState::kBad) tail.damage = {tail.end, "the group's header is damaged"};
  if (state == HeaderState::kNone && tail.end < segment.size() && !AllZero(segment.substr(tail.end))) {
    tail.damage = {tail.end, "the group's header is missing"};
  }
  return tail;
}

// After a failed sync the page cache may show what the disk does not have. The last group is all that can be so:
// written once more, the same bytes, it is as durable as the sync says. And where the journal was not closed in good
// order, the segment ends behind it: what is torn can never be taken for a group later.
Result<Done> SecureLastGroup(const std::string& directory, uint32_t number, std::string_view segment, const Tail& tail,
                             bool clean) {
  const std::string path = SegmentPath(directory, number);
  const File file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.open()) return FileFailed("open", path);
  const std::string_view group = segment.substr(tail.last_at, kGroupHeaderBytes + tail.last.length);
  HEYI_CHECK(PwriteAll(file.fd(), group, tail.last_at, path));
  if (clean) return Sync(file.fd(), path);
  if (tail.end < segment.size() && ::ftruncate(file.fd(), static_cast<off_t>(tail.end)) != 0) {
    return FileFailed("cut", path);
  }
  if (::fsync(file.fd()) != 0) return FileFailed("fsync", path);
  return Done{};
}

Result<Done> RemoveLeftovers(const std::string& directory) {
  std::error_code failed;
  std::vector<std::string> names;
  const std::filesystem::directory_iterator end;
  for (auto it = std::filesystem::directory_iterator(directory, failed); !failed && it != end; it.increment(failed)) {
    if (it->path().string().ends_with(".seg.new")) names.push_back(it->path().string());
  }
  for (const std::string& name : names) {
    if (::unlink(name.c_str()) != 0) return FileFailed("remove", name);
  }
  return Done{};
}

}  // namespace

bool HasFormat(const std::string& directory) { return std::filesystem::exists(FormatPath(directory)); }

Result<Done> WriteFormat(const std::string& directory, base::Random& random) {
  uint64_t id = 0;
  random.Fill(&id, sizeof id);
  const std::string text = fmt::format("{}{}\n{}{:016x}\n", kFormatName, kJournalFormat, kIdName, id);
  return base::WriteFileDurably(FormatPath(directory), text, 0600);
}

Result<uint64_t> ReadFormat(const std::string& directory) {
  HEYI_TRY(text, base::ReadFile(FormatPath(directory)));
  const std::vector<std::string_view> lines = base::Split(text, '\n');
  uint64_t version = 0;
  if (!lines[0].starts_with(kFormatName) || !base::ParseUnsigned(lines[0].substr(kFormatName.size()), &version) ||
      version == 0) {
    return BadFormat("FORMAT does not name a journal");
  }
  if (version > kJournalFormat) return BadFormat(fmt::format("heyi-journal {}", version));
  uint64_t id = 0;
  if (lines.size() < 2 || !lines[1].starts_with(kIdName)) return BadFormat("FORMAT has no id");
  const std::string_view digits = lines[1].substr(kIdName.size());
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
  if (failed != std::errc() || end != digits.data() + digits.size()) return BadFormat("FORMAT has no id");
  return id;
}

Result<std::optional<Place>> FindLastGroup(const std::string& directory, uint64_t journal,
                                           const std::vector<SegmentFile>& segments, uint32_t loaded_number,
                                           std::string_view loaded) {
  for (size_t i = segments.size(); i-- > 0;) {
    SegmentBytes own;
    std::string_view bytes = loaded;
    if (segments[i].number != loaded_number) {
      HEYI_TRY(whole, SegmentBytes::Load(directory, segments[i]));
      own = std::move(whole);
      bytes = own.view();
    }
    GroupHeader header;
    for (uint64_t end = AlignGroup(UsedBytes(bytes)); end > 0; end -= kGroupAlignment) {
      const uint64_t at = end - kGroupAlignment;
      if (ReadGroupHeader(bytes, at, journal, segments[i].number, &header) == HeaderState::kGood) {
        return std::optional<Place>({segments[i].number, at});
      }
    }
  }
  return std::optional<Place>();
}

namespace {

// The first groups of all segments; only the segments behind `last` may begin without a good one.
struct Firsts {
  std::vector<GroupHeader> headers;
  size_t last = 0;  // the last segment that begins with a good header
};

Result<Firsts> ReadFirsts(const std::string& directory, uint64_t journal, const std::vector<SegmentFile>& files) {
  Firsts firsts;
  std::vector<bool> good;
  for (const SegmentFile& file : files) {
    HEYI_TRY(state, ReadFirstHeader(directory, journal, file, &firsts.headers.emplace_back()));
    good.push_back(state == HeaderState::kGood);
    if (good.back()) firsts.last = good.size() - 1;
  }
  for (size_t i = 0; i < firsts.last; ++i) {
    const GroupHeader &here = firsts.headers[i], &next = firsts.headers[i + 1];
    if (!good[i]) return CorruptAt(files[i].number, 0, "the group's header is damaged");
    if (next.sequence <= here.sequence || next.t0 < here.t0) {
      return CorruptAt(files[i + 1].number, 0, "the segment is out of place");
    }
  }
  return firsts;
}

// Removes the segments from `first` on, whose torn bytes are counted; from the end, so that a crash leaves no gap.
Result<uint64_t> RemoveSegments(const std::string& directory, const std::vector<SegmentFile>& files, size_t first) {
  uint64_t torn = 0;
  for (size_t i = files.size(); i-- > first;) {
    HEYI_TRY(bytes, SegmentBytes::Load(directory, files[i]));
    torn += UsedBytes(bytes.view());
    const std::string path = SegmentPath(directory, files[i].number);
    if (::unlink(path.c_str()) != 0) return FileFailed("remove", path);
    HEYI_CHECK(base::SyncDirectory(directory));
  }
  return torn;
}

}  // namespace

Result<Recovered> RecoverJournal(const std::string& directory) {
  Recovered found;
  HEYI_TRY(journal, ReadFormat(directory));
  found.journal = journal;
  HEYI_CHECK(RemoveLeftovers(directory));
  HEYI_TRY(files, ListSegments(directory));
  if (files.empty()) return found;
  HEYI_TRY(firsts, ReadFirsts(directory, journal, files));
  size_t last = firsts.last;

  HEYI_TRY(bytes, SegmentBytes::Load(directory, files[last]));
  HEYI_TRY(last_group, FindLastGroup(directory, journal, files, files[last].number, bytes.view()));
  HEYI_TRY(tail, WalkTail(bytes.view(), files[last].number, journal));
  if (last_group.has_value() && last_group->segment != files[last].number) {
    return CorruptAt(last_group->segment, 0, "the group's header is damaged");
  }
  if (last_group.has_value() && last_group->offset > tail.end) {
    return CorruptAt(files[last].number, tail.damage.offset,
                     fmt::format("{}, and a good group stands behind it at byte {}", tail.damage.what,
                                 last_group->offset));
  }
  if (!tail.any && last > 0) {  // the first group of a segment is torn: the end is that of the segment before
    --last;
    HEYI_TRY(whole, SegmentBytes::Load(directory, files[last]));
    bytes = std::move(whole);
    HEYI_TRY(end, WalkTail(bytes.view(), files[last].number, journal));
    tail = end;
    if (!tail.any || !Follows(firsts.headers[last + 1], tail.chain)) {
      return CorruptAt(files[last].number, tail.damage.what.empty() ? tail.end : tail.damage.offset,
                       "the group is damaged, and the next segment has a good one");
    }
  }

  const size_t kept = tail.any ? last + 1 : last;
  HEYI_TRY(torn, RemoveSegments(directory, files, kept));
  found.torn_bytes = torn;
  if (kept == 0) return found;
  const uint64_t used = UsedBytes(bytes.view());
  if (used > tail.end) found.torn_bytes += used - tail.end;
  found.chain = tail.chain;
  found.append_at = tail.end;
  found.clean = tail.last.closed && found.torn_bytes == 0;
  HEYI_CHECK(SecureLastGroup(directory, files[last].number, bytes.view(), tail, found.clean));
  if (!found.clean) files[last].size = std::min(files[last].size, tail.end);
  for (size_t i = 0; i < kept; ++i) found.segments.push_back({files[i].size, firsts.headers[i].t0});
  return found;
}

}  // namespace heyi::store
