#include "exchange/folder/watched_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/digest.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"

namespace heyi::exchange {
namespace {

constexpr size_t kFilesSeenMax = 200'000;
constexpr size_t kUnnamedMax = 1'000;  // of which we say that they wait; those beyond are only counted
constexpr std::string_view kAckSuffix = ".ack";
constexpr int kSameNamesMax = 1'000;

std::string WhyFailed(const base::Error& error) { return base::EnglishText(error.outcome.issues().front()); }

}  // namespace

WatchedFolder::WatchedFolder(Options options, const base::Clock& clock, Directory in, Directory done, Directory refused)
    : options_(std::move(options)), clock_(clock), in_(std::move(in)), done_(std::move(done)), refused_(std::move(refused)) {}

base::Result<std::unique_ptr<WatchedFolder>> WatchedFolder::Open(Options options, const base::Clock& clock) {
  HEYI_TRY(directory, Directory::Open(options.directory));
  HEYI_TRY(in, directory.OpenOrMake("in"));
  HEYI_TRY(done, directory.OpenOrMake("done"));
  HEYI_TRY(refused, directory.OpenOrMake("refused"));
  return std::unique_ptr<WatchedFolder>(new WatchedFolder(std::move(options), clock, std::move(in), std::move(done), std::move(refused)));
}

base::Result<base::Done> WatchedFolder::ReadManifest() {
  const std::string name(kManifestName);
  auto stamp = in_.Stamp(name);
  if (!stamp.ok() && stamp.error().kind == base::ErrorKind::kNotFound) {
    manifest_ = {};
    manifest_stamp_.reset();
    return base::Done{};
  }
  if (!stamp.ok()) return std::move(stamp).error();
  if (manifest_stamp_ == *stamp) return base::Done{};
  HEYI_TRY(text, in_.Read(name, kManifestBytesMax));
  manifest_ = Manifest::Parse(text);
  manifest_stamp_ = *stamp;
  return base::Done{};
}

std::optional<std::string> WatchedFolder::BytesOf(const Candidate& candidate, Waiting& waiting) const {
  if (candidate.entry == nullptr) {
    waiting.why = "the manifest does not name it";
    return std::nullopt;
  }
  if (candidate.name.ends_with(kAckSuffix)) {
    waiting.why = "such names are acknowledgements'";
    return std::nullopt;
  }
  const ManifestLine& line = candidate.entry->line;
  const auto stamp = in_.Stamp(candidate.name);
  if (!stamp.ok()) {
    waiting.why = WhyFailed(stamp.error());
    return std::nullopt;
  }
  std::string named = WriteManifestLine(line);
  if (waiting.looked_at == *stamp && waiting.line == named) return std::nullopt;  // nothing has changed since
  waiting.looked_at = *stamp;
  waiting.line = std::move(named);
  if (stamp->size != line.size) {
    waiting.why = fmt::format("{} bytes, the manifest says {}", stamp->size, line.size);
    return std::nullopt;
  }
  if (line.size > options_.file_bytes_max) {
    waiting.why = fmt::format("longer than {} bytes", options_.file_bytes_max);
    return std::nullopt;
  }
  auto bytes = in_.Read(candidate.name, options_.file_bytes_max);
  if (!bytes.ok()) {
    waiting.why = WhyFailed(bytes.error());
    waiting.looked_at = {};  // it may be readable the next time
    return std::nullopt;
  }
  if (bytes->size() != line.size || base::ToHex(base::Sha256(*bytes)) != line.sha256) {
    waiting.why = "not the digest that the manifest says";
    return std::nullopt;
  }
  return std::move(*bytes);
}

// The acknowledgement first: a file that has been moved has one.
base::Result<base::Done> WatchedFolder::Put(const std::string& name, const Directory& to, const std::string& answer) const {
  std::string new_name = name;  // a name that was used before stays
  for (int n = 2; to.Has(new_name); ++n) {
    if (n > kSameNamesMax) return base::Error(base::ErrorKind::kUnavailable, "exchange.folder", {}, name + ": too many of that name");
    new_name = fmt::format("{}~{}", name, n);
  }
  HEYI_CHECK(to.Write(new_name + std::string(kAckSuffix), answer));
  return in_.MoveTo(to, name, new_name);
}

void WatchedFolder::Tell(const std::string& name, Waiting& waiting, Round& round) const {
  round.oldest_ms = std::min(round.oldest_ms.value_or(waiting.first_seen_ms), waiting.first_seen_ms);
  if (clock_.NowMs() - waiting.first_seen_ms < options_.tell_after_ms) return;
  if (round.trouble.empty()) round.trouble = fmt::format("{}: {}", base::IsValidUtf8(name) ? name : "(a name that is no UTF-8)", waiting.why);
  if (std::exchange(waiting.told, true)) return;
  base::Log(base::LogLevel::kWarning, "exchange.file-waits", {{"file", base::IsValidUtf8(name) ? name : "(no UTF-8)"}, {"why", waiting.why}});
}

WatchedFolder::Round WatchedFolder::Scan(const Take& take) {
  Round round;
  if (const auto read = ReadManifest(); !read.ok()) {
    round.trouble = WhyFailed(read.error());
    return round;
  }
  std::vector<Candidate> candidates;
  size_t seen = 0, unnamed = 0;
  // However much lies there unnamed, it does not hide what the manifest names.
  const auto listed = in_.List([&](const std::string& name) {
    if (name == kManifestName) return true;
    const Manifest::Entry* entry = IsPlainFileName(name) ? manifest_.Find(name) : nullptr;
    if (entry == nullptr && ++unnamed > kUnnamedMax) ++round.waiting;
    else candidates.push_back({name, entry});
    return ++seen < kFilesSeenMax;
  });
  if (!listed.ok()) {
    round.trouble = WhyFailed(listed.error());
    return round;
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    const size_t first = a.entry == nullptr ? SIZE_MAX : a.entry->number, second = b.entry == nullptr ? SIZE_MAX : b.entry->number;
    return first != second ? first < second : a.name < b.name;
  });
  std::map<std::string, Waiting> still;
  for (const Candidate& candidate : candidates) {
    Waiting waiting;
    if (const auto known = waiting_.find(candidate.name); known != waiting_.end()) waiting = std::move(known->second);
    else waiting.first_seen_ms = clock_.NowMs();
    std::optional<std::string> bytes;
    if (!round.later) bytes = BytesOf(candidate, waiting);
    if (bytes) {
      std::string answer;
      const Fate fate = take(std::move(*bytes), &answer);
      base::FaultPoint("folder.taken");
      if (fate != Fate::kLater) {
        const auto put = Put(candidate.name, fate == Fate::kDone ? done_ : refused_, answer);
        if (put.ok()) {
          ++(fate == Fate::kDone ? round.done : round.refused);
          continue;
        }
        waiting.why = WhyFailed(put.error());
      } else {
        waiting.why = "not taken now";
        round.later = true;
      }
      waiting.looked_at = {};
    }
    ++round.waiting;
    Tell(candidate.name, waiting, round);
    still.insert_or_assign(candidate.name, std::move(waiting));
  }
  waiting_ = std::move(still);
  return round;
}

}  // namespace heyi::exchange
