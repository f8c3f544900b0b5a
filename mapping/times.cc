#include "mapping/times.h"

#include <fmt/format.h>

#include "adapters/times.h"
#include "base/clock.h"
#include "base/text.h"

namespace heyi::mapping {
namespace {

// Minutes east of Greenwich of "Z", "+08:00", "-05:30"; false where it is none.
bool ReadZone(std::string_view text, int* minutes) {
  *minutes = 0;
  if (text == "Z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  uint64_t hour = 0, minute = 0;
  if (!base::ParseUnsigned(text.substr(1, 2), &hour) || !base::ParseUnsigned(text.substr(4, 2), &minute)) return false;
  if (hour > 14 || minute > 59) return false;
  *minutes = static_cast<int>(hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
  return true;
}

// "1939", "1939-02": HL7 v2 says no more than it knows, and so may a FHIR date.
bool IsYearOrMonth(std::string_view text) {
  uint64_t year = 0, month = 1;
  if (text.size() != 4 && (text.size() != 7 || text[4] != '-')) return false;
  if (!base::ParseUnsigned(text.substr(0, 4), &year) || (text.size() == 7 && !base::ParseUnsigned(text.substr(5), &month))) return false;
  return year >= 1800 && month >= 1 && month <= 12;
}

}  // namespace

std::string ToFhirTime(std::string_view text, bool date_only) {
  if (adapters::IsDate(text) || IsYearOrMonth(text)) return std::string(text);
  if (!adapters::ParseDateTime(text)) return {};
  if (date_only) return std::string(text.substr(0, 10));
  return fmt::format("{}T{}+08:00", text.substr(0, 10), text.substr(11));
}

std::string ToDepartmentTime(std::string_view fhir, bool date_only) {
  if (adapters::IsDate(fhir)) return date_only ? std::string(fhir) : fmt::format("{} 00:00:00", fhir);
  if (fhir.size() < 20 || fhir[10] != 'T') return {};
  const std::optional<base::TimeMs> there = adapters::ParseDateTime(fmt::format("{} {}", fhir.substr(0, 10), fhir.substr(11, 8)));
  std::string_view zone = fhir.substr(19);
  if (zone.starts_with('.')) {
    const size_t end = zone.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return {};
    zone.remove_prefix(end);
  }
  int minutes = 0;
  if (!there || !ReadZone(zone, &minutes)) return {};
  std::string local = adapters::FormatDateTime(*there + (base::kDistrictOffsetMinutes - minutes) * base::TimeMs{60'000});
  if (date_only) local.resize(10);
  return local;
}

}  // namespace heyi::mapping
