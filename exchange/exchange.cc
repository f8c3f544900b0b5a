#include "exchange/exchange.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "exchange/alarms_desk.h"
#include "exchange/correction/correction.h"
#include "exchange/identity/identity_desk.h"
#include "exchange/inbox/messages_desk.h"
#include "exchange/inbox/waiting.h"
#include "exchange/maps/maps_desk.h"
#include "exchange/outbox/delivery.h"
#include "exchange/pipeline.h"
#include "exchange/router.h"
#include "exchange/routing/routes_desk.h"
#include "exchange/subscription/subscriptions.h"

namespace heyi::exchange {
namespace {

constexpr size_t kEntriesARound = 1'000;
constexpr uint32_t kFeedWaitMs = 250;

Options WithRouting(Options options, const interaction::Services& services, const mapping::MapsInForce& maps) {
  if (options.routing == nullptr) options.routing = Routing::BuiltIn(*services.parameters, *maps.Current());
  return options;
}

class RunningExchange : public Exchange {
 public:
  RunningExchange(const interaction::Services& services, mapping::MapsInForce& maps, Options options, const base::Clock& clock,
                  base::Random& random, std::unique_ptr<Subscriptions> subscriptions)
      : services_(services),
        options_(WithRouting(std::move(options), services, maps)),
        clock_(clock),
        random_(random),
        alarms_(services.store, clock),
        shelf_(services, maps),
        pipeline_(services, maps, options_, alarms_, [this](const std::string& key) { waiting_.Note(key); }),
        waiting_(services, clock, [this](const std::string& key) { TryParked(key); }),
        router_(services, maps, options_, *options_.routing),
        corrections_(services, clock, random),
        subscriptions_(std::move(subscriptions)) {
    for (const exchange::Route& route : options_.routes) deliveries_.push_back(std::make_unique<Delivery>(services_, options_, route, clock_));
    desks_.push_back(MakeMessagesDesk(services_.store, pipeline_));
    desks_.push_back(MakeIdentityDesk(services_));
    desks_.push_back(MakeAlarmsDesk(alarms_));
    desks_.push_back(MakeMapsDesk(services_, shelf_));
    desks_.push_back(MakeRoutesDesk(*options_.routing, services_.store));
  }
  ~RunningExchange() override { Stop(); }

  Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
             std::string_view agreement) override {
    return pipeline_.Take(adapter, std::move(raw), context, peer, agreement);
  }

  void Start() override {
    const base::Context context{{"heyi", "", "hub", "system", "", "COC"}, clock_, random_, "recovery"};
    if (auto loaded = shelf_.LoadInstalled(); !loaded.ok()) {
      base::Log(base::LogLevel::kError, "exchange.maps-not-loaded", {{"rule", loaded.error().outcome.issues().front().rule}});
    }
    if (auto finished = pipeline_.FinishReceived(context); !finished.ok()) {
      base::Log(base::LogLevel::kError, "exchange.recovery-failed", {{"rule", finished.error().outcome.issues().front().rule}});
    }
    if (auto noted = waiting_.NoteAll(); !noted.ok()) base::Log(base::LogLevel::kError, "exchange.parked-unread", {});
    threads_.emplace_back([this] { FollowFeed(); });
    threads_.emplace_back([this] { FollowParked(); });
    for (const auto& delivery : deliveries_) threads_.emplace_back([this, &delivery] { Deliver(*delivery); });
    subscriptions_->Start();
  }

  void Stop() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    subscriptions_->Stop();
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

  const interaction::WriteCheck& subscription_check() const override { return subscriptions_->write_check(); }
  std::vector<std::string> subscription_topics() const override { return subscriptions_->topics(); }

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
      if (const auto closed = corrections_.Advance(); !closed.ok()) {
        base::Log(base::LogLevel::kWarning, "exchange.corrections-wait", {{"rule", closed.error().outcome.issues().front().rule}});
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
  MapShelf shelf_;
  Pipeline pipeline_;
  ParkedFollower waiting_;
  Router router_;
  CorrectionFollower corrections_;
  const std::unique_ptr<Subscriptions> subscriptions_;
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

base::Result<std::unique_ptr<Exchange>> Exchange::Make(const interaction::Services& services, mapping::MapsInForce& maps, Options options,
                                                       const base::Clock& clock, base::Random& random) {
  HEYI_TRY(subscriptions, Subscriptions::Make(services, options.subscriptions, options.client, clock, random));
  return std::unique_ptr<Exchange>(
      std::make_unique<RunningExchange>(services, maps, std::move(options), clock, random, std::move(subscriptions)));
}

}  // namespace heyi::exchange
