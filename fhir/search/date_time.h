// The texts of date, dateTime, instant and time, taken apart: real calendar dates only, years 0001 to 9999.
// https://hl7.org/fhir/R4/datatypes.html#dateTime
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace heyi::fhir {

enum class DatePrecision : uint8_t { kYear, kMonth, kDay, kMinute, kSecond };

struct TimeText {
  int hour = 0;
  int minute = 0;
  int second = 0;            // 60 is a leap second
  int millisecond = 0;       // further digits are dropped
  int fraction_digits = 0;   // of the second, as written
  bool rest_is_zero = true;  // of the digits beyond the millisecond
  bool rest_is_nines = true;
};

struct DateTimeText {
  int year = 0;
  int month = 1;
  int day = 1;
  TimeText time;
  DatePrecision precision = DatePrecision::kYear;
  bool has_zone = false;
  int offset_minutes = 0;

  // The instant that the text begins with; where it has no zone it is read `zone_minutes` east of UTC.
  base::TimeMs StartMs(int zone_minutes) const;
};

// Minutes may end the text (searches say 10:00) and the zone may be missing: what a data type demands beyond that
// is the caller's to check. nullopt for anything else.
std::optional<DateTimeText> ScanDateTime(std::string_view text);

// hh:mm:ss with fractions, without zone, no leap second.
bool IsTimeText(std::string_view text);

}  // namespace heyi::fhir
