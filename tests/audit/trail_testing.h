// A pair of stores with the audit view, and a trail over them; and a leaf or two.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audit/trail.h"
#include "base/digest.h"

namespace heyi::audit {

inline const std::shared_ptr<const fhir::SearchParameters>& TestParameters() {
  static const std::shared_ptr<const fhir::SearchParameters> parameters = [] {
    auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!definitions.ok()) std::abort();  // the target heyi_pack makes it
    auto compiled = fhir::SearchParameters::Compile(*definitions);
    if (!compiled.ok()) std::abort();
    return *compiled;
  }();
  return parameters;
}

enum class Kind { kMemory, kFile };

class Journals {
 public:
  explicit Journals(Kind kind) : kind_(kind) {
    if (kind_ == Kind::kFile) {
      directory_ = std::filesystem::temp_directory_path() / ("heyi-trail-" + std::to_string(::getpid()));
      std::filesystem::remove_all(directory_);
    }
    Open();
  }
  ~Journals() {
    Close();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  void Open() {
    data_ = OpenOne("data", data_view_.get());
    access_ = OpenOne("access", access_view_.get());
    trail_ = std::make_unique<Trail>(*data_, *access_);
  }
  void Close() {
    trail_.reset();
    data_.reset();
    access_.reset();
  }
  void ForgetViews() {
    for (const char* name : {"data", "access"}) std::filesystem::remove_all(directory_ / name / "views");
  }

  store::Store& store(Source source) { return source == Source::kData ? *data_ : *access_; }
  const Trail& trail() const { return *trail_; }
  base::ManualClock& clock() { return clock_; }

  // Commits raw leaf bytes; returns the receipt.
  store::CommitReceipt Append(Source source, std::string leaf_bytes) {
    store::CommitDraft draft;
    draft.kind = source == Source::kData ? store::EntryKind::kCommit : store::EntryKind::kAccess;
    draft.leaf = std::move(leaf_bytes);
    auto receipt = store(source).CommitAndWait(std::move(draft));
    if (!receipt.ok()) {
      ADD_FAILURE() << receipt.error().outcome.issues()[0].rule << " " << receipt.error().outcome.issues()[0].detail;
      return {};
    }
    return *receipt;
  }

 private:
  std::unique_ptr<store::Store> OpenOne(const char* name, store::DerivedView* view) {
    store::StoreOptions options;
    options.parameters = TestParameters();
    options.derived = {view};
    options.clock = &clock_;
    options.random = &random_;
    if (kind_ == Kind::kMemory) return store::MakeMemoryStore(options);
    std::filesystem::create_directories(directory_);
    options.directory = directory_ / name;
    store::OpenReport report;
    auto opened = store::OpenFileStore(options, &report);
    if (opened.ok()) return std::move(*opened);
    ADD_FAILURE() << opened.error().outcome.issues()[0].rule << " " << opened.error().outcome.issues()[0].detail;
    std::abort();
  }

  const Kind kind_;
  std::filesystem::path directory_;
  base::ManualClock clock_{1'795'500'000'000};
  base::SeededRandom random_{11};
  std::unique_ptr<store::DerivedView> data_view_ = MakeAuditView(), access_view_ = MakeAuditView();
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<Trail> trail_;
};

// The leaves that the golden files are about: a referral's few crossings.
inline std::vector<TrailEntry> SampleTrail() {
  const uint64_t elder = base::Hash64("Patient/p1"), other = base::Hash64("Patient/p2");
  Leaf message;
  message.caller = {"care-home-1", "home1", "civil-affairs", "care-worker", "w7", "TREAT"};
  message.peer = "192.0.2.7";
  message.request_id = "018f3a5e-7c11-7abc-8def-0123456789ab";
  message.action = Action::kExecute;
  message.interaction = "message";
  message.agreement = "home.operate";
  message.message_id = "civil-affairs/52310199MJ0000001A/MZ-1";
  message.query_hash = base::ToHex(base::Sha256("raw bytes"));
  message.resources = {{"ServiceRequest", "r1", 1, Action::kCreate}, {"Task", "t1", 1, Action::kCreate}, {"Patient", "p1", 4, Action::kUpdate}};
  message.elders = {elder};

  Leaf read;
  read.caller = {"his-1", "hospital1", "health", "clinician", "", "TREAT"};
  read.peer = "192.0.2.9";
  read.request_id = "req-2";
  read.interaction = "search-type";
  read.action = Action::kExecute;
  read.agreement = "health.read";
  read.query_hash = base::ToHex(base::Sha256("patient=p1"));
  for (int i = 1; i <= 8; ++i) read.resources.push_back({"Observation", "o" + std::to_string(i), 1, Action::kRead});
  read.resources_more = 3;
  read.elders = {elder, other};

  Leaf deliver;
  deliver.caller = {"heyi", "", "hub", "system", "", "COC"};
  deliver.action = Action::kExecute;
  deliver.interaction = "deliver";
  deliver.agreement = "deliver.civil";
  deliver.recipient = "civil-affairs";
  deliver.message_id = "BED_REFERRAL/HY-9";
  deliver.resources = {{"Task", "t1", 1, Action::kRead}};
  deliver.elders = {elder};

  Leaf refused;
  refused.caller = {"insurer-1", "", "insurance", "officer", "o'3\n2. forged line", "TREAT"};
  refused.peer = "192.0.2.11";
  refused.request_id = "req-4\xff";
  refused.interaction = "read";
  refused.status = 403;
  refused.rule = "interaction.forbidden";
  refused.resources = {{"Observation", "no such/id", 0, Action::kRead}};
  refused.elders = {elder};

  Leaf failed;
  failed.interaction = "$transition";
  failed.action = Action::kExecute;
  failed.peer = "192.0.2.12";
  failed.status = 503;
  failed.rule = "store.stopped";

  const base::TimeMs start_ms = 1'795'491'689'123;
  return {{Source::kData, 17, start_ms, message},
          {Source::kAccess, 4, start_ms + 61'000, read},
          {Source::kData, 18, start_ms + 90'000, deliver},
          {Source::kAccess, 5, start_ms + 3'600'000, refused},
          {Source::kAccess, 6, start_ms + 3'600'001, failed}};
}

}  // namespace heyi::audit
