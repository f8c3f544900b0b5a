#include "exchange/exchange.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "exchange/alarms_desk.h"
#include "exchange/identity/identity_desk.h"
#include "exchange/inbox/messages_desk.h"
#include "exchange/inbox/retention.h"
#include "exchange/inbox/waiting.h"
#include "exchange/outbox/delivery.h"
#include "exchange/pipeline.h"
#include "exchange/router.h"

namespace heyi::exchange {
namespace {

constexpr size_t kEntriesARound = 1'000;
constexpr uint32_t kFeedWaitMs = 250;
constexpr uint32_t kHouseMs = 60'000, kCullPauseMs = 50;

class RunningExchange : public Exchange {
 public:
  RunningExchange(const interaction::Services& services, const mapping::MapLibrary& maps, Options options, const base::Clock& clock,
                  base::Random& random)
      : services_(services),
        options_(std::move(options)),
        clock_(clock),
        random_(random),
        alarms_(services.store, clock),
        pipeline_(services, maps, options_, alarms_, [this](const std::string& key) { waiting_.Note(key); }),
        culler_(services, options_.retention, clock),
        waiting_(services, clock, [this](const std::string& key) { TryParked(key); }),
        router_(services, maps, options_) {
    for (const exchange::Route& route : options_.routes) deliveries_.push_back(std::make_unique<Delivery>(services_, options_, route, clock_));
    desks_.push_back(MakeMessagesDesk(services_, pipeline_));
    desks_.push_back(MakeIdentityDesk(services_));
    desks_.push_back(MakeAlarmsDesk(alarms_));
  }
  ~RunningExchange() override { Stop(); }

  Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
             std::string_view agreement) override {
    return pipeline_.Take(adapter, std::move(raw), context, peer, agreement);
  }

  void Start() override {
    const base::Context context{{"heyi", "", "hub", "system", "", "COC"}, clock_, random_, "recovery"};
    if (auto finished = pipeline_.FinishReceived(context); !finished.ok()) {
      base::Log(base::LogLevel::kError, "exchange.recovery-failed", {{"rule", finished.error().outcome.issues().front().rule}});
    }
    if (auto noted = waiting_.NoteAll(); !noted.ok()) base::Log(base::LogLevel::kError, "exchange.parked-unread", {});
    threads_.emplace_back([this] { FollowFeed(); });
    threads_.emplace_back([this] { FollowParked(); });
    threads_.emplace_back([this] { KeepHouse(); });
    for (const auto& delivery : deliveries_) threads_.emplace_back([this, &delivery] { Deliver(*delivery); });
  }

  void Stop() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  Desk* FindDesk(std::string_view name) const override {
    for (const auto& desk : desks_) {
      if (desk->name() == name) return desk.get();
    }
    return nullptr;
  }

  Counts counts() const override {
    const PipelineCounts& in = pipeline_.counts();
    Counts counts{in.received, in.repeated, in.refused, in.parked, 0, 0, 0};
    for (const auto& delivery : deliveries_) {
      counts.outbox_waiting += delivery->waiting();
      counts.delivered += delivery->delivered();
      counts.dead += delivery->dead();
    }
    return counts;
  }

 private:
  bool stopping() {
    std::lock_guard lock(mutex_);
    return stopping_;
  }

  void FollowFeed() {
    uint64_t reached = 0;
    while (!stopping()) {
      const auto advanced = router_.Advance(kEntriesARound);
      if (!advanced.ok() && advanced.error().kind != base::ErrorKind::kStale) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::milliseconds(kFeedWaitMs), [this] { return stopping_; });
        continue;
      }
      if (advanced.ok() && *advanced > reached) {
        reached = *advanced;
        wake_.notify_all();
      }
      services_.store.WaitBeyond(reached, kFeedWaitMs);
    }
  }

  // Parked messages whose time has come.
  void FollowParked() {
    while (!stopping()) {
      const uint64_t seen = services_.store.health().last_t;
      const auto more = waiting_.Advance(kEntriesARound);
      if (more.ok() && *more) continue;
      services_.store.WaitBeyond(seen, kFeedWaitMs);
    }
  }

  // What is due now and then: too much that waits, and what is no longer kept.
  void KeepHouse() {
    while (!stopping()) {
      CountParked();
      const auto more = culler_.Step();
      if (!more.ok() && more.error().kind != base::ErrorKind::kStale) {
        base::Log(base::LogLevel::kWarning, "exchange.retention-failed", {{"rule", more.error().outcome.issues().front().rule}});
      }
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(more.ok() && *more ? kCullPauseMs : kHouseMs), [this] { return stopping_; });
    }
  }

  void CountParked() {
    size_t parked = 0;
    const auto counted = WalkIndex(*services_.store.Now(), IndexOfState(InboxState::kParked), 0, INT64_MAX, {},
                                   [&](const IndexHit&) { return ++parked <= options_.parked_alarm; });
    if (!counted.ok()) return;
    if (parked > options_.parked_alarm) {
      alarms_.Raise("parked", base::Severity::k_warning, "more than " + std::to_string(options_.parked_alarm) + " messages are parked");
    } else {
      alarms_.Resolve("parked");
    }
  }

  void TryParked(const std::string& key) {
    if (stopping()) return;
    const base::Context context{{"heyi", "", "hub", "system", "", "COC"}, clock_, random_, "parked"};
    const auto again = pipeline_.RunAgain(key, Pipeline::Again::kParked, context);
    if (again.ok() && again->after == InboxState::kDone) base::Log(base::LogLevel::kInfo, "exchange.parked-done", {{"message", key}});
  }

  void Deliver(Delivery& delivery) {
    while (!stopping()) {
      const uint32_t wait_ms = delivery.SendDue();
      if (wait_ms == 0) continue;
      std::unique_lock lock(mutex_);
      if (!stopping_) wake_.wait_for(lock, std::chrono::milliseconds(wait_ms));
    }
  }

  const interaction::Services& services_;
  const Options options_;
  const base::Clock& clock_;
  base::Random& random_;
  Alarms alarms_;
  Pipeline pipeline_;
  Culler culler_;
  ParkedFollower waiting_;
  Router router_;
  std::vector<std::unique_ptr<Delivery>> deliveries_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::string_view QueryValue(const interaction::Query& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

std::unique_ptr<Exchange> Exchange::Make(const interaction::Services& services, const mapping::MapLibrary& maps, Options options,
                                         const base::Clock& clock, base::Random& random) {
  return std::make_unique<RunningExchange>(services, maps, std::move(options), clock, random);
}

}  // namespace heyi::exchange
