// How maps_bench times: a warm-up, then five runs of a bounded time each; the median counts, and beside it CPU time,
// which another build on the machine changes less. bench/peers/maps.mjs does the same.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace heyi::bench {

struct Timing {
  double median_us = 0, best_us = 0;  // by the clock, for one piece of work
  double cpu_us = 0;                  // of the process, the median, too
};

inline constexpr size_t kRuns = 5;

inline double ProcessCpuMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// `work` does `pieces` pieces at a call. A run ends with the call that passes `seconds`.
template <class Work>
Timing Measure(double seconds, size_t pieces, const Work& work) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  };
  const auto warming = Clock::now();
  do {
    work();
  } while (since(warming) < seconds * 1e6);
  std::array<double, kRuns> clock{}, cpu{};
  for (size_t run = 0; run < kRuns; ++run) {
    size_t calls = 0;
    const double cpu_before = ProcessCpuMicroseconds();
    const auto start = Clock::now();
    double passed = 0;
    do {
      work();
      ++calls;
      passed = since(start);
    } while (passed < seconds * 1e6);
    const double done = static_cast<double>(calls * pieces);
    clock[run] = passed / done;
    cpu[run] = (ProcessCpuMicroseconds() - cpu_before) / done;
  }
  std::sort(clock.begin(), clock.end());
  std::sort(cpu.begin(), cpu.end());
  return {clock[kRuns / 2], clock[0], cpu[kRuns / 2]};
}

}  // namespace heyi::bench
