// Counters and timings for /metrics, by prometheus-cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exchange/exchange.h"
#include "store/store.h"

namespace heyi::server {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void CountAnswer(std::string_view interaction, int status, double seconds);
  void CountFramingError();

  // The exposition text, with the stores' and the exchange's gauges as of now.
  std::string Text(const store::StoreHealth& data, const store::StoreHealth& access, const exchange::Exchange::Counts& counts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace heyi::server
