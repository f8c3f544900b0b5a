// The departments' own ways to write times. None of them carries a zone: all are read as +08:00.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace heyi::adapters {

// yyyy-MM-dd, a date that exists, in the years 1800 to 9999.
bool IsDate(std::string_view text);

// yyyy-MM-dd HH:mm:ss, in the district's zone.
std::optional<base::TimeMs> ParseDateTime(std::string_view text);

std::string FormatDateTime(base::TimeMs ms);          // 2025-03-10 09:00:05
std::string FormatCompactSeconds(base::TimeMs ms);    // 20250310090005
std::string FormatCompactMillis(base::TimeMs ms);     // 20250310090005123

// yyyyMMddHHmmssSSS; nullopt where it is anything else.
std::optional<base::TimeMs> ParseCompactMillis(std::string_view text);

// HL7 v2's yyyy[MM[dd[HH[mm[ss[.ffff]]]]]][+zzzz] as exactly as it is said: "2025", "2025-03", "2025-03-10" or
// "2025-03-10 09:00:00" in +08:00. Empty where it is anything else or does not exist.
std::string ReadTimestamp(std::string_view text);

// "2025-03-10 09:00:00", or less of it, as 20250310090000.
std::string CompactTimestamp(std::string_view text);

}  // namespace heyi::adapters
