#include "exchange/exchange.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "exchange/hub_caller.h"
#include "base/log.h"
#include "exchange/alarms_desk.h"
#include "exchange/correction/correction.h"
#include "exchange/gate.h"
#include "exchange/identity/identity_desk.h"
#include "exchange/inbox/messages_desk.h"
#include "exchange/inbox/retention.h"
#include "exchange/inbox/waiting.h"
#include "exchange/maps/maps_desk.h"
#include "exchange/outbox/channels_desk.h"
#include "exchange/outbox/delivery.h"
#include "exchange/pipeline.h"
#include "exchange/router.h"
#include "exchange/routing/routes_desk.h"
#include "exchange/subscription/subscriptions.h"

namespace heyi::exchange {
namespace {

constexpr size_t kEntriesARound = 1'000;
constexpr uint32_t kFeedWaitMs = 250;
constexpr std::string_view kRoutingAlarm = "routing";
constexpr uint32_t kHouseMs = 5'000, kCullPauseMs = 50;
constexpr uint32_t kSendsGraceMs = 5'000;  // for sends under way when we stop

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
        culler_(services, options_.retention, clock),
        waiting_(services, clock, [this](const std::string& key) { TryParked(key); }),
        router_(services, maps, options_, *options_.routing),
        corrections_(services, clock, random),
        subscriptions_(std::move(subscriptions)) {
    for (const exchange::Route& route : options_.routes) {
      deliveries_.push_back(std::make_unique<Delivery>(services_.store, route, clock_, [this, &route](const Cancelled& cancelled) {
        return MakeChannel(route, options_.client, cancelled);
      }));
    }
    for (const InboundChannel& channel : options_.inbound) {
      gates_.push_back(std::make_unique<Gate>(services_.store, channel, clock_));
      static_cast<void>(gates_.back()->Open());  // messages may come before Start, which looks again and says what failed
    }
    desks_.push_back(MakeMessagesDesk(services_, pipeline_));
    desks_.push_back(MakeChannelsDesk(gates_, deliveries_));
    desks_.push_back(MakeIdentityDesk(services_));
    desks_.push_back(MakeAlarmsDesk(alarms_));
    desks_.push_back(MakeMapsDesk(services_, shelf_));
    desks_.push_back(MakeRoutesDesk(*options_.routing, services_.store));
  }
  ~RunningExchange() override { Stop(); }

  // Before the first message comes.
  base::Result<base::Done> LoadMaps() { return shelf_.LoadInstalled(); }

  Reply Take(const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
             std::string_view agreement) override {
    return pipeline_.Take(adapter, std::move(raw), context, peer, agreement);
  }

  Reply TakeFrom(std::string_view channel, const adapters::Adapter& adapter, std::string raw, const base::Context& context, std::string_view peer,
                 std::string_view agreement) override {
    Gate* gate = FindGate(channel);
    if (gate != nullptr && gate->paused()) return pipeline_.Decline(adapter, raw, context, peer, agreement, "exchange.paused");
    Reply reply = pipeline_.Take(adapter, std::move(raw), context, peer, agreement);
    if (gate != nullptr) gate->Note(reply);
    return reply;
  }

  bool IsPaused(std::string_view channel) const override {
    const Gate* gate = FindGate(channel);
    return gate != nullptr && gate->paused();
  }

  void NoteInbound(std::string_view channel, uint64_t waiting, std::optional<base::TimeMs> oldest_ms, std::string_view trouble) override {
    if (Gate* gate = FindGate(channel); gate != nullptr) gate->NoteWaiting(waiting, oldest_ms, trouble);
  }

  base::Result<base::Done> Start() override {
    for (const auto& gate : gates_) HEYI_CHECK(gate->Open());
    for (const auto& delivery : deliveries_) HEYI_CHECK(delivery->Open());
    HEYI_CHECK(TellChannelsGone());
    const base::Context context{HubCaller(), clock_, random_, "recovery"};
    if (auto finished = pipeline_.FinishReceived(context); !finished.ok()) {
      base::Log(base::LogLevel::kError, "exchange.recovery-failed", {{"rule", finished.error().outcome.issues().front().rule}});
    }
    if (auto noted = waiting_.NoteAll(); !noted.ok()) base::Log(base::LogLevel::kError, "exchange.parked-unread", {});
    threads_.emplace_back([this] { FollowFeed(); });
    threads_.emplace_back([this] { FollowParked(); });
    threads_.emplace_back([this] { KeepHouse(); });
    for (const auto& delivery : deliveries_) delivery->Start();
    subscriptions_->Start();
    return base::Done{};
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
    for (const auto& delivery : deliveries_) delivery->BeginStop();
    uint32_t grace_ms = kSendsGraceMs;  // of the first that needs it: the others have had it meanwhile
    for (const auto& delivery : deliveries_) {
      const auto begun = std::chrono::steady_clock::now();
      delivery->Stop(grace_ms);
      const auto waited_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
      grace_ms -= std::min<uint32_t>(grace_ms, static_cast<uint32_t>(waited_ms));
    }
  }

  Desk* FindDesk(std::string_view name) const override {
    for (const auto& desk : desks_) {
      if (desk->name() == name) return desk.get();
    }
    return nullptr;
  }

  Counts counts() const override {
    const PipelineCounts& in = pipeline_.counts();
    Counts counts{in.received, in.repeated, in.refused, in.parked, 0, 0, 0, 0, 0, 0, 0};
    for (const auto& delivery : deliveries_) {
      const auto [state, out] = delivery->health();
      counts.outbox_waiting += out.waiting;
      counts.delivered += out.delivered;
      counts.dead += out.dead;
      counts.quarantined += out.quarantined;
      counts.channels_broken += state == ChannelState::kBroken ? 1 : 0;
      counts.channels_paused += state == ChannelState::kPaused ? 1 : 0;
      counts.breaker_openings += out.openings;
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
        alarms_.Raise(kRoutingAlarm, base::Severity::k_error, advanced.error().outcome.issues().front().rule);
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::milliseconds(kFeedWaitMs), [this] { return stopping_; });
        continue;
      }
      alarms_.Resolve(kRoutingAlarm);
      if (advanced.ok() && *advanced > reached) {
        reached = *advanced;
        const std::vector<uint64_t>& added = router_.added();
        for (size_t i = 0; i < deliveries_.size(); ++i) deliveries_[i]->RowsAdded(added[i]);
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

  // What is due now and then: too much that waits, and what is no longer kept.
  void KeepHouse() {
    while (!stopping()) {
      CountParked();
      LookAtChannels();
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

  void LookAtChannels() {
    for (const auto& delivery : deliveries_) {
      const std::string key = "channel/" + delivery->route().name;
      const auto [state, counts] = delivery->health();
      if (state == ChannelState::kBroken) {
        alarms_.Raise(key, base::Severity::k_error, std::to_string(counts.waiting) + " messages wait");
      } else if (state == ChannelState::kOpen) {
        alarms_.Resolve(key);
      }
    }
  }

  void TryParked(const std::string& key) {
    if (stopping()) return;
    const base::Context context{HubCaller(), clock_, random_, "parked"};
    const auto again = pipeline_.RunAgain(key, Pipeline::Again::kParked, context);
    if (again.ok() && again->after == InboxState::kDone) base::Log(base::LogLevel::kInfo, "exchange.parked-done", {{"message", key}});
  }

  // Rows of a channel that the configuration no longer has wait, and nobody would see them.
  base::Result<base::Done> TellChannelsGone() const {
    const auto snapshot = services_.store.Now();
    for (std::string from;;) {
      std::string name;
      HEYI_CHECK(snapshot->Facts(kOutboxSpace, from, [&](std::string_view key, std::string_view) {
        name = key.substr(0, key.find('/'));
        return false;
      }));
      if (name.empty()) return base::Done{};
      const bool known = std::any_of(options_.routes.begin(), options_.routes.end(), [&](const exchange::Route& route) { return route.name == name; });
      if (!known) base::Log(base::LogLevel::kWarning, "exchange.channel-gone", {{"channel", name}});
      from = name + '0';  // behind all its keys: '0' follows '/'
    }
  }

  Gate* FindGate(std::string_view name) const {
    for (const auto& gate : gates_) {
      if (gate->name() == name) return gate.get();
    }
    return nullptr;
  }

  const interaction::Services& services_;
  const Options options_;
  const base::Clock& clock_;
  base::Random& random_;
  Alarms alarms_;
  MapShelf shelf_;
  Pipeline pipeline_;
  Culler culler_;
  ParkedFollower waiting_;
  Router router_;
  CorrectionFollower corrections_;
  const std::unique_ptr<Subscriptions> subscriptions_;
  std::vector<std::unique_ptr<Delivery>> deliveries_;  // as options_.routes
  std::vector<std::unique_ptr<Gate>> gates_;
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
  auto running = std::make_unique<RunningExchange>(services, maps, std::move(options), clock, random, std::move(subscriptions));
  HEYI_CHECK(running->LoadMaps());
  return std::unique_ptr<Exchange>(std::move(running));
}

}  // namespace heyi::exchange
