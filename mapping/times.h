// Times between the departments' forms (no zone: +08:00) and FHIR's.
// https://hl7.org/fhir/R4/datatypes.html#dateTime
#pragma once

#include <string>
#include <string_view>

namespace heyi::mapping {

// "2025-03-10" or "2025-03-10 09:00:05" as a FHIR date (the day) or dateTime / instant (with +08:00); "2025" and
// "2025-03" as they are. Empty where `text` is none of these.
std::string ToFhirTime(std::string_view text, bool date_only);

// A FHIR date, dateTime or instant as "yyyy-MM-dd" or "yyyy-MM-dd HH:mm:ss" in +08:00; fractions of a second are cut.
// Empty where it is no such time or less exact than a day.
std::string ToDepartmentTime(std::string_view fhir, bool date_only);

}  // namespace heyi::mapping
