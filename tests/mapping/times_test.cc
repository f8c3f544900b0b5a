#include "mapping/times.h"

#include <gtest/gtest.h>

namespace heyi::mapping {
namespace {

TEST(Times, IntoFhir) {
  EXPECT_EQ(ToFhirTime("2026-03-01 09:00:05", false), "2026-03-01T09:00:05+08:00");
  EXPECT_EQ(ToFhirTime("2026-03-01 09:00:05", true), "2026-03-01");
  EXPECT_EQ(ToFhirTime("2024-02-29", false), "2024-02-29");
  for (const char* wrong : {"", "2026-02-29", "2026-03-01 24:00:00", "2026-03-01T09:00:05", "2026-3-1", "2026-03-01 09:00"}) {
    EXPECT_EQ(ToFhirTime(wrong, false), "") << wrong;
  }
}

TEST(Times, OutOfFhir) {
  EXPECT_EQ(ToDepartmentTime("2026-03-01T09:00:05+08:00", false), "2026-03-01 09:00:05");
  EXPECT_EQ(ToDepartmentTime("2026-02-28T17:30:00.999Z", false), "2026-03-01 01:30:00");
  EXPECT_EQ(ToDepartmentTime("2026-02-28T17:30:00Z", true), "2026-03-01");
  EXPECT_EQ(ToDepartmentTime("2026-01-01T00:30:00-05:30", false), "2026-01-01 14:00:00");
  EXPECT_EQ(ToDepartmentTime("2026-03-01", false), "2026-03-01 00:00:00");
  EXPECT_EQ(ToDepartmentTime("2026-03-01", true), "2026-03-01");
  for (const char* wrong : {"", "2026", "2026-03", "2026-03-01T09:00", "2026-03-01T09:00:05", "2026-03-01T09:00:05.Z", "2026-03-01T09:00:05+8"}) {
    EXPECT_EQ(ToDepartmentTime(wrong, true), "") << wrong;
  }
}

}  // namespace
}  // namespace heyi::mapping
