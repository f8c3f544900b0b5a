#include "fhir/search/date_time.h"

namespace heyi::fhir {
namespace {

// Takes fixed pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool Take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Digits(size_t count, int* value) {
    if (rest_.size() < count) return false;
    int read = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!IsDigit(rest_[i])) return false;
      read = read * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    *value = read;
    return true;
  }

  // One digit or more; keeps three of them.
  bool Fraction(TimeText* time) {
    int scale = 100;
    for (; !rest_.empty() && IsDigit(rest_.front()); rest_.remove_prefix(1)) {
      if (scale == 0) {
        time->rest_is_zero &= rest_.front() == '0';
        time->rest_is_nines &= rest_.front() == '9';
      }
      time->millisecond += (rest_.front() - '0') * scale;
      scale /= 10;
      ++time->fraction_digits;
    }
    return time->fraction_digits > 0;
  }

 private:
  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  std::string_view rest_;
};

bool ScanZone(Scanner& scan, DateTimeText* out) {
  if (scan.at_end()) return true;
  out->has_zone = true;
  if (scan.Take('Z')) return scan.at_end();
  const bool west = scan.Take('-');
  int hours = 0;
  int minutes = 0;
  if (!west && !scan.Take('+')) return false;
  if (!scan.Digits(2, &hours) || !scan.Take(':') || !scan.Digits(2, &minutes) || !scan.at_end()) return false;
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return false;
  out->offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

}  // namespace

base::TimeMs DateTimeText::StartMs(int zone_minutes) const {
  const int zone = has_zone ? offset_minutes : zone_minutes;
  const int64_t minutes = base::DaysFromCivil(year, month, day) * 1440 + time.hour * 60 + time.minute - zone;
  return (minutes * 60 + time.second) * 1000 + time.millisecond;
}

std::optional<DateTimeText> ScanDateTime(std::string_view text) {
  Scanner scan(text);
  DateTimeText out;
  if (!scan.Digits(4, &out.year) || out.year == 0) return std::nullopt;
  if (scan.at_end()) return out;
  out.precision = DatePrecision::kMonth;
  if (!scan.Take('-') || !scan.Digits(2, &out.month) || out.month < 1 || out.month > 12) return std::nullopt;
  if (scan.at_end()) return out;
  out.precision = DatePrecision::kDay;
  if (!scan.Take('-') || !scan.Digits(2, &out.day)) return std::nullopt;
  if (out.day < 1 || out.day > base::DaysInMonth(out.year, out.month)) return std::nullopt;
  if (scan.at_end()) return out;

  TimeText& time = out.time;
  out.precision = DatePrecision::kMinute;
  if (!scan.Take('T') || !scan.Digits(2, &time.hour)) return std::nullopt;
  if (!scan.Take(':') || !scan.Digits(2, &time.minute)) return std::nullopt;
  if (time.hour > 23 || time.minute > 59) return std::nullopt;
  if (scan.Take(':')) {
    out.precision = DatePrecision::kSecond;
    if (!scan.Digits(2, &time.second) || time.second > 60) return std::nullopt;
    if (scan.Take('.') && !scan.Fraction(&time)) return std::nullopt;
  }
  if (!ScanZone(scan, &out)) return std::nullopt;
  return out;
}

bool IsTimeText(std::string_view text) {
  Scanner scan(text);
  TimeText time;
  if (!scan.Digits(2, &time.hour) || !scan.Take(':') || !scan.Digits(2, &time.minute) || !scan.Take(':')) return false;
  if (!scan.Digits(2, &time.second) || time.hour > 23 || time.minute > 59 || time.second > 59) return false;
  if (scan.Take('.') && !scan.Fraction(&time)) return false;
  return scan.at_end();
}

}  // namespace heyi::fhir
