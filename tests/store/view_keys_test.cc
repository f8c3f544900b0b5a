// Keys and rows go back to what they were made of, and sort as the queries need them to.
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "store/index/posting.h"
#include "store/view/keys.h"
#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

TEST(ViewKeys, IdsComeBack) {
  for (const std::string id : {"a", "-", "01234567-89ab-cdef-0123-456789abcdef", "01234567-89AB-cdef-0123-456789abcdef",
                               "01234567-89ab-cdef-0123-456789abcdeg", "0123456789abcdef0123456789abcdef0123",
                               "01234567089ab-cdef-0123-456789abcdef", "Abcdefghijklmnop.", "01234567-89ab-cdef-0123-456789abcde"}) {
    std::string bytes;
    PutId(bytes, id);
    EXPECT_EQ(IdOf(bytes), id);
    EXPECT_LE(bytes.size(), id.size());
  }
  std::string uuid;
  PutId(uuid, "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(uuid.size(), 17u);
}

TEST(ViewKeys, RecordsComeBack) {
  VersionRecord record;
  record.docid = 4'000'000'000;
  record.version = 7;
  record.t = 1ull << 40;
  record.time_ms = 1'800'000'000'123;
  record.deleted = true;
  record.label = 3;
  record.subjects = {1, UINT64_MAX};
  record.pointer = {9, 4'000'000'000, 17, 1'000'000, 0xdeadbeef, 44, 2, Codec::kZstdDictionary};
  const std::string bytes = EncodeRecord(record);
  const auto back = DecodeRecord(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(EncodeRecord(*back), bytes);
  EXPECT_EQ(back->pointer, record.pointer);
  EXPECT_EQ(back->subjects, record.subjects);
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(DecodeRecord(std::string_view(bytes).substr(0, size)).has_value()) << size;
  EXPECT_FALSE(DecodeRecord(bytes + "x").has_value());
}

TEST(ViewKeys, TheNewestEventComesFirst) {
  std::string older = "p", newer = "p";
  PutPostingTail(older, 5, 300);
  PutPostingTail(newer, 5, 1ull << 40);
  EXPECT_LT(newer, older);
  EXPECT_EQ(TailOf(newer).t, 1ull << 40);
  EXPECT_EQ(TailOf(older).docid, 5u);
}

TEST(ViewKeys, NumbersSortAsNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double sorted[] = {-infinity, -1e300, -2, -1.5, -1e-300, 0, 1e-300, 1, 1.5, 2, 1e300, infinity};
  for (size_t i = 0; i + 1 < std::size(sorted); ++i) EXPECT_LT(OrderedDouble(sorted[i]), OrderedDouble(sorted[i + 1]));
  EXPECT_EQ(OrderedDouble(-0.0), OrderedDouble(0.0));
  for (const double value : sorted) {
    std::string posting;
    PutDoubleRange(posting, {value, value});
    EXPECT_EQ(DoubleRangeOfPosting(posting).low, value);
  }
  EXPECT_EQ(DoubleOf("1.50"), 1.5);
  EXPECT_EQ(DoubleOf("+2"), 2);
  EXPECT_EQ(DoubleOf("1e999999"), infinity);
  EXPECT_EQ(DoubleOf("-1e999999"), -infinity);
  EXPECT_EQ(DoubleOf("1e-999999"), 0);
  EXPECT_LT(OrderedTime(INT64_MIN), OrderedTime(-1));
  EXPECT_LT(OrderedTime(-1), OrderedTime(0));
  EXPECT_EQ(TimeOfOrdered(OrderedTime(-5)), -5);
}

TEST(ViewKeys, DatesLieInTheSpanOfTheirLength) {
  EXPECT_EQ(SpanOf({0, 1}), 0);
  EXPECT_EQ(SpanOf({0, kSpanMs[0]}), 0);
  EXPECT_EQ(SpanOf({0, kSpanMs[0] + 1}), 1);
  EXPECT_EQ(SpanOf({0, kSpanMs[2]}), 2);
  EXPECT_EQ(SpanOf({0, kSpanMs[2] + 1}), 3);
  EXPECT_EQ(SpanOf({INT64_MIN, 0}), 3);
  EXPECT_EQ(SpanOf({0, INT64_MAX}), 3);
}

}  // namespace
}  // namespace heyi::store
