// Time comes in from outside, so that every test repeats.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heyi::base {

using TimeMs = int64_t;  // milliseconds since 1970-01-01T00:00:00Z

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMs NowMs() const = 0;
};

class SystemClock : public Clock {
 public:
  TimeMs NowMs() const override;
};

class ManualClock : public Clock {
 public:
  explicit ManualClock(TimeMs start_ms) : now_ms_(start_ms) {}
  TimeMs NowMs() const override { return now_ms_.load(); }
  void AdvanceMs(TimeMs by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<TimeMs> now_ms_;
};

// The district's zone: times without one are read in it, and instants are written in it.
inline constexpr int kDistrictOffsetMinutes = 8 * 60;

// FHIR instant, e.g. 2026-11-24T11:41:29.123+08:00
std::string FormatInstant(TimeMs ms, int offset_minutes = kDistrictOffsetMinutes);

// IMF-fixdate, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
std::string FormatHttpDate(TimeMs ms);

// Days since 1970-01-01 of a proleptic Gregorian date, and back.
int64_t DaysFromCivil(int year, int month, int day);
struct CivilDate { int year; int month; int day; };
CivilDate CivilFromDays(int64_t days);
int DaysInMonth(int year, int month);

}  // namespace heyi::base
