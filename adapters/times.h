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

}  // namespace heyi::adapters
