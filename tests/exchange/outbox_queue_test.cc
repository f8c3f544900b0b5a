// What decides which row is sent next, and when none is: the queue, the breaker, the pauses between tries.
#include <gtest/gtest.h>

#include "exchange/outbox/answers.h"
#include "exchange/outbox/breaker.h"
#include "exchange/outbox/dead_letters.h"
#include "exchange/outbox/due_queue.h"

namespace heyi::exchange {
namespace {

TEST(OutboxKeys, PlaceIdAndKeyAreOne) {
  const RowPlace place{0xa1, 2};
  EXPECT_EQ(MessageIdOf(place), "HY00000000000000a10002");
  EXPECT_EQ(OutboxKey("civil-affairs", place), "civil-affairs/00000000000000a1/0002");
  for (const RowPlace& one : {place, RowPlace{UINT64_MAX, 0x12345}, RowPlace{1, 0}}) {
    EXPECT_EQ(PlaceOfMessageId(MessageIdOf(one)), one);
    EXPECT_EQ(PlaceOfKey(OutboxKey("a", one)), one);
  }
  for (const char* wrong : {"", "HY", "HY00000000000000a1", "XX00000000000000a10002", "HY00000000000000g10002", "HY00000000000000a1 002", "HY00000000000000a1fffffffff"}) {
    EXPECT_FALSE(PlaceOfMessageId(wrong)) << wrong;
  }
  for (const char* wrong : {"", "a", "a/b", "a/00000000000000a1", "00000000000000a1/0002", "a/0000000000000g01/0002", "a/1/2"}) EXPECT_FALSE(PlaceOfKey(wrong)) << wrong;
}

TEST(OutboxRows, ComeBackAsTheyWere) {
  OutboxRow row{"c", "civil-affairs", "Patient/p1", "BED", "HY1", "{\"文\":1}", "Task/t/_history/1", 42, "deliver.civil", "civil.bed", "Contract/c1", "health", 7, "因为", "error", "hub", 9};
  const auto back = DecodeOutboxRow(EncodeOutboxRow(row));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(EncodeOutboxRow(*back), EncodeOutboxRow(row));
  EXPECT_EQ(back->text, row.text);
  EXPECT_EQ(back->elder, 42u);
  EXPECT_EQ(back->stopped_ms, 9);
}

TEST(DueQueue, KeepsTheOrderOfALaneAndHoldsUpNoOther) {
  DueQueue queue;
  queue.Add({1, 0}, "a");
  queue.Add({2, 0}, "a");
  queue.Add({3, 0}, "b");
  queue.Add({3, 0}, "b");
  EXPECT_EQ(queue.rows(), 3u);
  auto first = queue.Take(100);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->place, (RowPlace{1, 0}));
  auto other = queue.Take(100);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->place, (RowPlace{3, 0})) << "the second of a waits for the first";
  EXPECT_FALSE(queue.Take(100));
  queue.Again(*first, 150);
  queue.Gone(*other);
  EXPECT_FALSE(queue.Take(149));
  EXPECT_EQ(queue.NextDue(), 150);
  first = queue.Take(150);
  EXPECT_EQ(first->tries, 1u);
  queue.Gone(*first);
  const auto second = queue.Take(150);
  EXPECT_EQ(second->place, (RowPlace{2, 0}));
  EXPECT_EQ(second->tries, 0u) << "its own tries";
  queue.Gone(*second);
  EXPECT_EQ(queue.rows(), 0u);
  EXPECT_FALSE(queue.NextDue());
}

TEST(DueQueue, WhatIsPutBackInFrontGoesFirst) {
  DueQueue queue;
  queue.Add({5, 0}, "a");
  queue.Again(*queue.Take(0), 1'000);
  queue.Add({2, 0}, "a");
  auto front = queue.Take(0);
  ASSERT_TRUE(front) << "it has not failed yet";
  EXPECT_EQ(front->place, (RowPlace{2, 0}));
  queue.Add({1, 0}, "a");  // while another is under way
  EXPECT_FALSE(queue.Take(0));
  queue.Again(*front, 500);
  EXPECT_EQ(queue.Take(0)->place, (RowPlace{1, 0}));
}

TEST(DueQueue, RemovesWhatWaitsAndNotWhatIsUnderWay) {
  DueQueue queue;
  for (uint64_t t = 1; t <= 3; ++t) queue.Add({t, 0}, "a");
  const auto ticket = queue.Take(0);
  EXPECT_FALSE(queue.Remove({1, 0}, "a"));
  EXPECT_TRUE(queue.Remove({2, 0}, "a"));
  EXPECT_TRUE(queue.Remove({9, 9}, "a"));
  EXPECT_TRUE(queue.Remove({1, 0}, "z"));
  queue.Gone(*ticket);
  EXPECT_TRUE(queue.Remove({3, 0}, "a"));
  EXPECT_EQ(queue.rows(), 0u);
  EXPECT_FALSE(queue.Take(0));
}

TEST(DueQueue, AllDueForgetsTheWaits) {
  DueQueue queue;
  queue.Add({1, 0}, "a");
  queue.Add({2, 0}, "b");
  queue.Again(*queue.Take(0), 10'000);
  queue.Again(*queue.Take(0), 20'000);
  EXPECT_FALSE(queue.Take(0));
  queue.AllDue();
  EXPECT_EQ(queue.Take(0)->place, (RowPlace{1, 0}));
  EXPECT_EQ(queue.Take(0)->place, (RowPlace{2, 0}));
}

TEST(DueQueue, NeitherNewRowsNorRetriesStarve) {
  DueQueue queue;
  for (uint64_t t = 1; t <= 4; ++t) queue.Add({t, 0}, "old" + std::to_string(t));
  for (base::TimeMs due = 10; due <= 40; due += 10) queue.Again(*queue.Take(0), due);
  for (uint64_t t = 11; t <= 22; ++t) queue.Add({t, 0}, "new" + std::to_string(t));
  std::string order;
  while (const auto ticket = queue.Take(35)) order += ticket->tries == 0 ? 'n' : 'r';
  EXPECT_EQ(order, "nnnrnnnrnnnrnnn") << "the fourth retry is not due yet";
}

TEST(Retry, DoublesUpToItsCap) {
  const RetryRules rules{200, 60'000};
  EXPECT_EQ(rules.PauseMs(1), 200u);
  EXPECT_EQ(rules.PauseMs(2), 400u);
  EXPECT_EQ(rules.PauseMs(9), 51'200u);
  EXPECT_EQ(rules.PauseMs(10), 60'000u);
  EXPECT_EQ(rules.PauseMs(4'000'000'000), 60'000u);
}

TEST(Breaker, GoesThroughItsStates) {
  Breaker breaker({3, 100, 300});
  EXPECT_TRUE(breaker.Admit(0));
  EXPECT_FALSE(breaker.Failed(0));
  EXPECT_FALSE(breaker.Failed(0));
  EXPECT_FALSE(breaker.Succeeded()) << "in a row, it says";
  EXPECT_FALSE(breaker.Failed(0));
  EXPECT_FALSE(breaker.Failed(0));
  EXPECT_TRUE(breaker.Failed(10)) << "opened: told once";
  EXPECT_FALSE(breaker.Failed(11)) << "one that was under way";
  EXPECT_EQ(breaker.state(), Breaker::State::kOpen);
  EXPECT_FALSE(breaker.Admit(109));
  EXPECT_EQ(breaker.AdmitsAt(50), 110);
  EXPECT_TRUE(breaker.Admit(110));
  EXPECT_EQ(breaker.state(), Breaker::State::kHalfOpen);
  EXPECT_FALSE(breaker.Admit(111)) << "one message only";
  EXPECT_FALSE(breaker.Failed(120)) << "still open: not told again";
  EXPECT_FALSE(breaker.Admit(319)) << "twice the pause";
  EXPECT_TRUE(breaker.Admit(320));
  EXPECT_FALSE(breaker.Failed(320));
  EXPECT_TRUE(breaker.Admit(620)) << "the cap";
  breaker.ProbeUnused();
  EXPECT_TRUE(breaker.Admit(621));
  EXPECT_TRUE(breaker.Succeeded()) << "closed: told once";
  EXPECT_EQ(breaker.state(), Breaker::State::kClosed);
  EXPECT_TRUE(breaker.Admit(621));
}

TEST(Answers, OfAStatusWithoutAnAcknowledgement) {
  for (const int status : {401, 403, 404, 408, 429, 503, 302}) EXPECT_EQ(ResultOfStatus(status).sent, Sent::kNotSent) << status;
  for (const int status : {400, 409, 413, 422}) EXPECT_EQ(ResultOfStatus(status).sent, Sent::kRefused) << status;
  for (const int status : {200, 204, 500, 502, 504}) EXPECT_EQ(ResultOfStatus(status).sent, Sent::kUnclear) << status;
}

TEST(DeadLetters, SayHowBadAndWhose) {
  OutboxRow row;
  row.department = "civil-affairs";
  row.custody = "health";
  const auto rule = [&](Fault fault) {
    const DeadLetterRule found = DeadLetterRuleOf(fault, row);
    return std::string(found.severity) + " " + found.owner;
  };
  EXPECT_EQ(rule(Fault::kContent), "error health");
  EXPECT_EQ(rule(Fault::kReceiver), "error civil-affairs");
  EXPECT_EQ(rule(Fault::kAgreement), "fatal hub");
  EXPECT_EQ(rule(Fault::kHub), "fatal hub");
  row.custody = "";
  EXPECT_EQ(rule(Fault::kContent), "error hub");
}

}  // namespace
}  // namespace heyi::exchange
