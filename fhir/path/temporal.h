// Dates, times and moments of any precision, and their three-valued order.
// https://hl7.org/fhirpath/N1/#datetime-equality and https://hl7.org/fhirpath/N1/#comparison
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fhir/path/path.h"

namespace heyi::fhir {

inline constexpr int64_t kNanosPerMilli = 1'000'000;
inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Fields beyond `precision` are not known. Seconds and their fraction are one precision.
struct Temporal {
  enum Precision : int { kYear, kMonth, kDay, kHour, kMinute, kSecond };
  std::array<int64_t, 6> fields{};  // year, month, day, hour, minute, nanosecond of the minute
  int precision = kYear;
  int fraction_digits = 0;               // of the second, as written
  std::optional<int> offset_minutes;     // of the zone
};

// Reads a kDate ("2024-03"), kDateTime ("2024-03-01T", "2024-03-01T10:30:00.5+08:00", also a plain date) or kTime
// ("10:30"; its date fields are of day 0). nullopt where there is no such date: 2024-02-30, 24:00, +15:00.
std::optional<Temporal> ParseTemporal(PathValue::Kind kind, std::string_view text);

// -1, 0, 1; nullopt where precision or a missing zone leaves it open.
std::optional<int> CompareTemporal(const Temporal& a, const Temporal& b);

// As FHIRPath writes it; a dateTime without time carries no "T".
std::string FormatTemporal(PathValue::Kind kind, const Temporal& value);

// `value` moved by `amount` of a calendar unit ("year", "days", "s" …), never over the end of a month; nullopt where
// the unit is none or the year leaves 1–9999. What the value's precision cannot show is rounded towards it.
std::optional<Temporal> AddToTemporal(PathValue::Kind kind, const Temporal& value, std::string_view amount,
                                      std::string_view unit);

}  // namespace heyi::fhir
