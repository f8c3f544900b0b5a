#include "exchange/exchange.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "exchange/correction/correction.h"
#include "exchange/inbox/messages_desk.h"
#include "exchange/outbox/delivery.h"
#include "exchange/pipeline.h"
#include "exchange/router.h"
#include "exchange/routing/routes_desk.h"

namespace heyi::exchange {
namespace {

constexpr size_t kEntriesARound = 1'000;
constexpr uint32_t kFeedWaitMs = 250;

Options WithRouting(Options options, const interaction::Services& services, const mapping::MapLibrary& maps) {
  if (options.routing == nullptr) options.routing = Routing::BuiltIn(*services.parameters, maps);
  return options;
}

class RunningExchange : public Exchange {
 public:
  RunningExchange(const interaction::Services& services, const mapping::MapLibrary& maps, Options options, const base::Clock& clock,
                  base::Random& random)
      : services_(services),
        options_(WithRouting(std::move(options), services, maps)),
        clock_(clock),
        random_(random),
        pipeline_(services, maps, options_),
        router_(services, options_, *options_.routing),
        corrections_(services, clock, random) {
    for (const exchange::Route& route : options_.routes) deliveries_.push_back(std::make_unique<Delivery>(services_, options_, route, clock_));
    desks_.push_back(MakeMessagesDesk(services_.store));
    desks_.push_back(MakeRoutesDesk(*options_.routing, services_.store));
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
    threads_.emplace_back([this] { FollowFeed(); });
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
      if (const auto closed = corrections_.Advance(); !closed.ok()) {
        base::Log(base::LogLevel::kWarning, "exchange.corrections-wait", {{"rule", closed.error().outcome.issues().front().rule}});
      }
      services_.store.WaitBeyond(reached, kFeedWaitMs);
    }
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
  Pipeline pipeline_;
  Router router_;
  CorrectionFollower corrections_;
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
