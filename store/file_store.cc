// The store on disk: DIR/FORMAT, DIR/journal (the truth), DIR/views (LevelDB, made from it).
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "store/commit/committer.h"
#include "store/file_snapshot.h"
#include "store/index/prepare.h"
#include "store/limits.h"
#include "store/view/open_views.h"
#include "store/view/sweeper.h"

namespace heyi::store {
namespace {

constexpr std::string_view kFormatText = "heyi-store 1\n";
constexpr size_t kSweepPerSecond = 5'000;

base::Result<base::Done> CheckFormat(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::string path = directory + "/FORMAT";
  if (!std::filesystem::exists(path, error)) return base::WriteFileDurably(path, kFormatText);
  HEYI_TRY(text, base::ReadFile(path));
  if (text != kFormatText) return base::Error(base::ErrorKind::kUnavailable, "store.format", {}, text);
  return base::Done{};
}

class FileStore : public Store {
 public:
  FileStore(std::shared_ptr<StoreFiles> files, const ViewState& state, const base::Clock& clock)
      : files_(std::move(files)), clock_(clock), sweeper_(*files_->views, files_->horizon, clock) {
    Publish(state);
    committer_ = std::make_unique<Committer>(*files_->journal, *files_->views, files_->indexer, files_->horizon, state,
                                             [this](const ViewState& now) { Publish(now); });
    sweeping_ = std::thread([this] { Sweep(); });
  }

  ~FileStore() override {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    sweeping_.join();
    const bool whole = !committer_->stopped();
    committer_.reset();
    if (whole) files_->views->Flush();
  }

  std::shared_ptr<const Snapshot> Now() const override { return Newest(); }
  base::Result<std::shared_ptr<const Snapshot>> At(uint64_t t) const override;

  base::Result<PreparedWrite> PrepareWrite(const Snapshot& snapshot, const fhir::Tree& tree, uint32_t label) const override {
    return PrepareWriteOn(snapshot, files_->indexer, Packer(), tree, label);
  }
  base::Result<PreparedWrite> PrepareDelete(const Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                            uint32_t label) const override {
    return PrepareDeleteOn(snapshot, files_->indexer, type, id, label);
  }
  PreparedWrite PrepareBlob(std::string id, std::string_view bytes) const override {
    return PrepareBlobWith(Packer(), std::move(id), bytes);
  }
  std::string PostingOf(const fhir::Type& type, const fhir::Criterion& criterion) const override {
    return files_->indexer.PostingOf(type, criterion);
  }

  void Commit(CommitDraft draft, Completion done) override { committer_->Commit(std::move(draft), std::move(done)); }

  uint64_t WaitBeyond(uint64_t t, uint32_t timeout_ms) const override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return closing_ || newest_->t() > t; });
    return newest_->t();
  }

  base::Result<base::Done> Follow(uint64_t from_t, const std::function<base::Result<bool>(const EntryView&)>& visit) const override {
    const uint64_t until = Newest()->t();
    if (from_t > until) return base::Done{};
    return files_->journal->Scan(from_t, [&](const EntryView& entry) -> base::Result<bool> {
      if (entry.t > until) return false;
      HEYI_TRY(more, visit(entry));
      return more && entry.t < until;
    });
  }

  StoreHealth health() const override {
    StoreHealth health;
    if (const auto reason = committer_->stopped()) {
      health.accepting = false;
      health.reason = *reason;
    }
    health.applied_t = Newest()->t();
    health.last_t = std::max(health.applied_t, files_->journal->last_t());
    return health;
  }

 private:
  std::shared_ptr<const FileSnapshot> Newest() const {
    std::lock_guard lock(mutex_);
    return newest_;
  }

  void Publish(const ViewState& state) {
    auto pin = std::make_shared<ViewPin>(files_, state);
    std::shared_ptr<const FileSnapshot> snapshot = std::make_shared<FileSnapshot>(std::move(pin), state.applied_t);
    {
      std::lock_guard lock(mutex_);
      newest_.swap(snapshot);
    }
    changed_.notify_all();  // the old one, where nobody holds it, goes here, outside the lock
  }

  PackFunction Packer() const {
    return [this](std::string type, std::string id, uint64_t version, std::string_view raw, uint32_t slot, uint32_t label) {
      return files_->journal->Pack(std::move(type), std::move(id), version, raw, slot, label);
    };
  }

  void Sweep() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::seconds(1), [this] { return closing_; })) {
      lock.unlock();
      if (!committer_->stopped()) {
        if (auto swept = sweeper_.Step(kSweepPerSecond); !swept.ok()) {
          committer_->Stop(base::EnglishText(swept.error().outcome.issues().front()));
        }
      }
      lock.lock();
    }
  }

  // Did t stop being the newest longer ago than a cursor lives?
  base::Result<bool> Expired(uint64_t t) const;

  std::shared_ptr<StoreFiles> files_;
  const base::Clock& clock_;
  Sweeper sweeper_;
  std::unique_ptr<Committer> committer_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::shared_ptr<const FileSnapshot> newest_;
  bool closing_ = false;
  std::thread sweeping_;
};

base::Result<bool> FileStore::Expired(uint64_t t) const {
  const base::TimeMs oldest_ms = clock_.NowMs() - kCursorLifeMs;
  if (const auto old = files_->horizon.NewestBefore(oldest_ms); old && old->t > t) return true;
  if (const auto young = files_->horizon.OldestFrom(oldest_ms); young && young->t <= t + 1) return false;
  std::optional<base::TimeMs> followed_ms;  // when the entry behind t came
  HEYI_CHECK(files_->journal->Scan(t + 1, [&](const EntryView& entry) -> base::Result<bool> {
    followed_ms = entry.time_ms;
    return false;
  }));
  return followed_ms && *followed_ms < oldest_ms;
}

base::Result<std::shared_ptr<const Snapshot>> FileStore::At(uint64_t t) const {
  const std::shared_ptr<const FileSnapshot> newest = Newest();
  if (t == newest->t()) return std::shared_ptr<const Snapshot>(newest);
  if (t > newest->t()) return base::Error(base::ErrorKind::kGone, "store.expired");
  HEYI_TRY(expired, Expired(t));
  if (expired) return base::Error(base::ErrorKind::kGone, "store.expired");
  return std::shared_ptr<const Snapshot>(std::make_shared<FileSnapshot>(newest->pin(), t));
}

}  // namespace

base::Result<std::unique_ptr<Store>> OpenFileStore(const StoreOptions& options, OpenReport* report) {
  OpenReport ignored;
  if (report == nullptr) report = &ignored;
  *report = OpenReport();
  HEYI_CHECK(CheckFormat(options.directory));
  auto files = std::make_shared<StoreFiles>(options.parameters, options.guards, options.derived);
  HEYI_TRY(journal, OpenFileJournal({options.directory + "/journal", options.clock, options.random}, &report->journal));
  files->journal = std::move(journal);
  const bool is_new = files->journal->last_t() == 0;
  if (is_new && !options.dictionary.empty()) {
    HEYI_CHECK(files->journal->AddDictionary(options.dictionary));
  }
  HEYI_TRY(views, OpenOrRebuild(options.directory + "/views", *files->journal, files->indexer, files->horizon, report));
  files->views = std::move(views.db);
  if (is_new) {  // all it had to show is its dictionary
    report->rebuilt = false;
    report->why.clear();
  }
  if (report->rebuilt) base::Log(base::LogLevel::kWarning, "views-rebuilt", {{"why", report->why}});
  return std::unique_ptr<Store>(std::make_unique<FileStore>(std::move(files), views.state, *options.clock));
}

}  // namespace heyi::store
