#include "base/clock.h"

#include <chrono>
#include <cstdlib>
#include <string_view>

namespace heyi::base {

TimeMs SystemClock::NowMs() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Both conversions follow the era arithmetic of http://howardhinnant.github.io/date_algorithms.html
int64_t DaysFromCivil(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month, day};
}

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

namespace {

// Appends `value` with at least `width` digits.
void PutDigits(std::string& out, int64_t value, int width) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0 || count < width);
  while (count > 0) out += digits[--count];
}

struct LocalTime {
  CivilDate date;
  int64_t day_ms = 0;  // since midnight
};

LocalTime LocalTimeOf(TimeMs ms, int offset_minutes) {
  constexpr int64_t kDayMs = 86'400'000;
  const int64_t local = ms + int64_t{offset_minutes} * 60'000;
  const int64_t day_ms = (local % kDayMs + kDayMs) % kDayMs;
  return {CivilFromDays((local - day_ms) / kDayMs), day_ms};
}

void PutTimeOfDay(std::string& out, int64_t day_ms) {
  PutDigits(out, day_ms / 3'600'000, 2);
  out += ':';
  PutDigits(out, day_ms / 60'000 % 60, 2);
  out += ':';
  PutDigits(out, day_ms / 1000 % 60, 2);
}

}  // namespace

std::string FormatInstant(TimeMs ms, int offset_minutes) {
  const LocalTime local = LocalTimeOf(ms, offset_minutes);
  std::string text;
  text.reserve(32);
  PutDigits(text, local.date.year, 4);
  text += '-';
  PutDigits(text, local.date.month, 2);
  text += '-';
  PutDigits(text, local.date.day, 2);
  text += 'T';
  PutTimeOfDay(text, local.day_ms);
  text += '.';
  PutDigits(text, local.day_ms % 1000, 3);
  text += offset_minutes < 0 ? '-' : '+';
  const int offset = std::abs(offset_minutes);
  PutDigits(text, offset / 60, 2);
  text += ':';
  PutDigits(text, offset % 60, 2);
  return text;
}

std::string FormatHttpDate(TimeMs ms) {
  constexpr std::string_view kDays[] = {"Thu, ", "Fri, ", "Sat, ", "Sun, ", "Mon, ", "Tue, ", "Wed, "};  // 1970-01-01 was a Thursday
  constexpr std::string_view kMonths[] = {" Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec "};
  const LocalTime utc = LocalTimeOf(ms, 0);
  std::string text;
  text.reserve(32);
  text += kDays[(DaysFromCivil(utc.date.year, utc.date.month, utc.date.day) % 7 + 7) % 7];
  PutDigits(text, utc.date.day, 2);
  text += kMonths[utc.date.month - 1];
  PutDigits(text, utc.date.year, 4);
  text += ' ';
  PutTimeOfDay(text, utc.day_ms);
  text += " GMT";
  return text;
}

}  // namespace heyi::base
