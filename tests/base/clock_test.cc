// Instants and HTTP dates as texts.
#include "base/clock.h"

#include <gtest/gtest.h>

namespace heyi::base {
namespace {

TEST(Clock, WritesInstants) {
  EXPECT_EQ(FormatInstant(0, 0), "1970-01-01T00:00:00.000+00:00");
  EXPECT_EQ(FormatInstant(1'795'512'649'670), "2026-11-24T17:30:49.670+08:00");
  EXPECT_EQ(FormatInstant(951'782'399'999, 0), "2000-02-28T23:59:59.999+00:00") << "before a leap day";
  EXPECT_EQ(FormatInstant(-1, 0), "1969-12-31T23:59:59.999+00:00");
  EXPECT_EQ(FormatInstant(0, -150), "1969-12-31T21:30:00.000-02:30");
}

// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 has this very date.
TEST(Clock, WritesHttpDates) {
  EXPECT_EQ(FormatHttpDate(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(1'709'164'799'999), "Wed, 28 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace heyi::base
