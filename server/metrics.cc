#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <functional>
#include <map>
#include <utility>

namespace heyi::server {
namespace {

const prometheus::Histogram::BucketBoundaries kBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5};

struct Answers {
  prometheus::Counter* count;
  prometheus::Histogram* seconds;
};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& answers =
      prometheus::BuildCounter().Name("heyi_answers_total").Help("Answers by interaction and status").Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram().Name("heyi_answer_seconds").Help("From request to release, by interaction").Register(registry);
  prometheus::Counter& framing_errors =
      prometheus::BuildCounter().Name("heyi_framing_errors_total").Help("Requests that could not be framed").Register(registry).Add({});
  prometheus::Family<prometheus::Gauge>& store =
      prometheus::BuildGauge().Name("heyi_store").Help("Journals: last t, applied t, accepting").Register(registry);
  prometheus::Family<prometheus::Gauge>& exchange =
      prometheus::BuildGauge().Name("heyi_exchange_messages").Help("Messages by state").Register(registry);
  prometheus::Family<prometheus::Gauge>& channels =
      prometheus::BuildGauge().Name("heyi_exchange_channels").Help("Ways out that are broken or paused now, and how often one broke").Register(registry);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::CountAnswer(std::string_view interaction, int status, double seconds) {
  // A family's Add takes a lock and hashes the labels; each thread keeps what it has been given.
  thread_local std::map<int, std::map<std::string, Answers, std::less<>>> known;  // by status and interaction
  thread_local const State* owner = nullptr;
  if (std::exchange(owner, state_.get()) != state_.get()) known.clear();
  auto& of_status = known[status];
  auto found = of_status.find(interaction);
  if (found == of_status.end()) {
    const std::string name(interaction.empty() ? "none" : interaction);
    Answers answers{&state_->answers.Add({{"interaction", name}, {"status", std::to_string(status)}}),
                    &state_->seconds.Add({{"interaction", name}}, kBuckets)};
    found = of_status.emplace(interaction, answers).first;
  }
  found->second.count->Increment();
  found->second.seconds->Observe(seconds);
}

void Metrics::CountFramingError() { state_->framing_errors.Increment(); }

std::string Metrics::Text(const store::StoreHealth& data, const store::StoreHealth& access, const exchange::Exchange::Counts& counts) {
  const auto set_store = [&](const char* journal, const store::StoreHealth& health) {
    state_->store.Add({{"journal", journal}, {"what", "last_t"}}).Set(static_cast<double>(health.last_t));
    state_->store.Add({{"journal", journal}, {"what", "applied_t"}}).Set(static_cast<double>(health.applied_t));
    state_->store.Add({{"journal", journal}, {"what", "accepting"}}).Set(health.accepting ? 1 : 0);
  };
  set_store("data", data);
  set_store("access", access);
  const auto set_exchange = [&](const char* state, uint64_t count) {
    state_->exchange.Add({{"state", state}}).Set(static_cast<double>(count));
  };
  set_exchange("received", counts.received);
  set_exchange("repeated", counts.repeated);
  set_exchange("refused", counts.refused);
  set_exchange("parked", counts.parked);
  set_exchange("outbox_waiting", counts.outbox_waiting);
  set_exchange("delivered", counts.delivered);
  set_exchange("dead", counts.dead);
  set_exchange("quarantined", counts.quarantined);
  const auto set_channels = [&](const char* what, uint64_t count) { state_->channels.Add({{"what", what}}).Set(static_cast<double>(count)); };
  set_channels("broken", counts.channels_broken);
  set_channels("paused", counts.channels_paused);
  set_channels("openings", counts.breaker_openings);
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace heyi::server
