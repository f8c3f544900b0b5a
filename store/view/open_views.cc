#include "store/view/open_views.h"

#include <filesystem>

namespace heyi::store {
namespace {

bool IsViewDamage(const base::Error& error) {
  return !error.outcome.empty() && error.outcome.issues().front().rule == "store.view-corrupt";
}

std::string DetailOf(const base::Error& error) {
  return error.outcome.empty() ? std::string() : error.outcome.issues().front().detail;
}

// The views as they stand, brought up to the journal. `why` is set where they must be made again.
base::Result<OpenViews> OpenAsTheyAre(const std::string& directory, const Journal& journal, const Indexer& indexer,
                                      Horizon& horizon, OpenReport* report, std::string* why) {
  OpenViews views;
  HEYI_TRY(db, ViewDb::Open(directory));
  views.db = std::move(db);
  HEYI_TRY(fingerprint, views.db->Get(kFingerprintKey, nullptr));
  if (fingerprint != indexer.Fingerprint()) {
    *why = "made by other definitions, guards or derived views";
    return views;
  }
  HEYI_TRY(state, ReadViewState(*views.db));
  views.state = state;
  if (views.state.applied_t > journal.last_t()) {
    *why = "ahead of the journal";
    return views;
  }
  HEYI_CHECK(horizon.Load(*views.db));
  HEYI_TRY(replayed, Replay(journal, indexer, *views.db, views.state, horizon));
  report->replayed = replayed;
  return views;
}

base::Result<OpenViews> MakeAgain(const std::string& directory, const Journal& journal, const Indexer& indexer,
                                  Horizon& horizon, OpenReport* report) {
  HEYI_CHECK(ViewDb::Destroy(directory));
  OpenViews views;
  HEYI_TRY(db, ViewDb::Open(directory));
  views.db = std::move(db);
  leveldb::WriteBatch batch;
  batch.Put(leveldb::Slice(kFingerprintKey.data(), kFingerprintKey.size()), indexer.Fingerprint());
  HEYI_CHECK(views.db->Write(&batch));
  HEYI_CHECK(horizon.Load(*views.db));
  HEYI_TRY(replayed, Replay(journal, indexer, *views.db, views.state, horizon));
  report->replayed = replayed;
  return views;
}

}  // namespace

base::Result<OpenViews> OpenOrRebuild(const std::string& directory, const Journal& journal, const Indexer& indexer,
                                      Horizon& horizon, OpenReport* report) {
  std::error_code ignored;
  std::string why;
  if (ViewDb::MarkedDamaged(directory)) {
    why = "found damaged while in use";
  } else if (!std::filesystem::exists(directory + "/CURRENT", ignored)) {
    why = "missing";
  } else {
    base::Result<OpenViews> views = OpenAsTheyAre(directory, journal, indexer, horizon, report, &why);
    if (!views.ok() && !IsViewDamage(views.error())) return views;
    if (!views.ok()) why = "damaged: " + DetailOf(views.error());
    else if (why.empty()) return views;
  }
  report->rebuilt = journal.last_t() > 0;
  report->why = report->rebuilt ? why : std::string();
  return MakeAgain(directory, journal, indexer, horizon, report);
}

}  // namespace heyi::store
