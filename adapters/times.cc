#include "adapters/times.h"

#include <fmt/format.h>

namespace heyi::adapters {
namespace {

constexpr int64_t kOffsetMs = base::kDistrictOffsetMinutes * 60'000LL;
constexpr int64_t kDayMs = 86'400'000;

// The number in `text[at, at + size)`, or -1 where that is not all digits.
int Digits(std::string_view text, size_t at, size_t size) {
  int value = 0;
  for (char c : text.substr(at, size)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool Exists(int year, int month, int day) {
  return year >= 1800 && month >= 1 && month <= 12 && day >= 1 && day <= base::DaysInMonth(year, month);
}

bool IsTimeOfDay(int hour, int minute, int second) {
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

base::TimeMs ToMs(int64_t days, int hour, int minute, int second) {
  return days * kDayMs + (hour * 3600LL + minute * 60LL + second) * 1000 - kOffsetMs;
}

struct Local {
  base::CivilDate date;
  int hour, minute, second, millisecond;
};

Local ToLocal(base::TimeMs ms) {
  const int64_t local = ms + kOffsetMs;
  int64_t days = local / kDayMs;
  int64_t rest = local % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  return {base::CivilFromDays(days), static_cast<int>(rest / 3'600'000), static_cast<int>(rest / 60'000 % 60),
          static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000)};
}

}  // namespace

bool IsDate(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
         Exists(Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2));
}

std::optional<base::TimeMs> ParseDateTime(std::string_view text) {
  if (text.size() != 19 || !IsDate(text.substr(0, 10)) || text[10] != ' ' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const int hour = Digits(text, 11, 2), minute = Digits(text, 14, 2), second = Digits(text, 17, 2);
  if (!IsTimeOfDay(hour, minute, second)) return std::nullopt;
  return ToMs(base::DaysFromCivil(Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2)), hour, minute, second);
}

std::string FormatDateTime(base::TimeMs ms) {
  const Local t = ToLocal(ms);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.date.year, t.date.month, t.date.day, t.hour, t.minute, t.second);
}

std::string FormatCompactSeconds(base::TimeMs ms) {
  const Local t = ToLocal(ms);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", t.date.year, t.date.month, t.date.day, t.hour, t.minute, t.second);
}

std::string FormatCompactMillis(base::TimeMs ms) {
  return FormatCompactSeconds(ms) + fmt::format("{:03}", ToLocal(ms).millisecond);
}

std::optional<base::TimeMs> ParseCompactMillis(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  const int year = Digits(text, 0, 4), month = Digits(text, 4, 2), day = Digits(text, 6, 2);
  const int hour = Digits(text, 8, 2), minute = Digits(text, 10, 2), second = Digits(text, 12, 2);
  const int millisecond = Digits(text, 14, 3);
  if (!Exists(year, month, day) || !IsTimeOfDay(hour, minute, second) || millisecond < 0) return std::nullopt;
  return ToMs(base::DaysFromCivil(year, month, day), hour, minute, second) + millisecond;
}

std::string ReadTimestamp(std::string_view text) {
  int zone = base::kDistrictOffsetMinutes;
  if (const size_t sign = text.find_first_of("+-"); sign != std::string_view::npos) {
    const std::string_view digits = text.substr(sign + 1);
    const int hours = Digits(digits, 0, 2), minutes = digits.size() == 4 ? Digits(digits, 2, 2) : -1;
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return {};
    zone = (hours * 60 + minutes) * (text[sign] == '-' ? -1 : 1);
    text = text.substr(0, sign);
  }
  if (const size_t point = text.find('.'); point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (point != 14 || fraction.empty() || fraction.size() > 4 || Digits(fraction, 0, 4) < 0) return {};
    text = text.substr(0, point);
  }
  if (text.size() < 4 || text.size() > 14 || text.size() % 2 != 0 || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  const auto part = [&](size_t at, int where_left_out) { return text.size() > at ? Digits(text, at, 2) : where_left_out; };
  const int year = Digits(text, 0, 4), month = part(4, 1), day = part(6, 1);
  const int hour = part(8, 0), minute = part(10, 0), second = part(12, 0);
  if (!Exists(year, month, day) || !IsTimeOfDay(hour, minute, second)) return {};
  if (text.size() == 4) return std::string(text);
  if (text.size() == 6) return fmt::format("{:04}-{:02}", year, month);
  if (text.size() == 8) return fmt::format("{:04}-{:02}-{:02}", year, month, day);
  const base::TimeMs there = ToMs(base::DaysFromCivil(year, month, day), hour, minute, second);
  return FormatDateTime(there + (base::kDistrictOffsetMinutes - zone) * base::TimeMs{60'000});
}

std::string CompactTimestamp(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return digits;
}

}  // namespace heyi::adapters
