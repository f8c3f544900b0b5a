// Twenty thousand resources: enough that a page is found by probing, by asking bodies, by walking and by reading a
// range, and that the lazy way gives up. What the answers must be is counted out of a plain list.
#include <algorithm>
#include <functional>

#include "tests/store/store_testing.h"

namespace heyi::store {
namespace {

struct Row {
  std::string id;
  int code;
  int day;      // of 1,000 from 2020-01-01 on
  int patient;
};

std::string DayText(int day) {
  const base::CivilDate date = base::CivilFromDays(base::DaysFromCivil(2020, 1, 1) + day);
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year % 10'000, date.month % 100, date.day % 100);
  return text;
}

std::string JsonOf(const Row& row) {
  return R"({"resourceType":"Observation","id":")" + row.id + R"(","status":"final","code":{"coding":[{"system":"urn:c","code":"c)" +
         std::to_string(row.code) + R"("}]},"subject":{"reference":"Patient/p)" + std::to_string(row.patient) + R"("},"effectiveDateTime":")" +
         DayText(row.day) + R"(","valueQuantity":{"value":)" + std::to_string(row.day % 200) + "}}";
}

bool IsWoman(int patient) { return patient % 3 == 0; }

struct Case {
  const char* name;
  std::vector<std::pair<std::string, std::string>> query;
  std::function<bool(const Row&)> fits;
};

TEST(StoreScale, EveryWayToAPageGivesTheSamePage) {
  TestDirectory directory;
  TestWorld test;
  auto store = test.Open(directory / "s");
  std::mt19937_64 chance(9);
  std::vector<Row> rows;
  for (int i = 0; i < 20'000; ++i) {
    // Code 0 is common, 1 is seldom; codes 2 and 3 go with early and late days, so that they never meet the others.
    Row row{"o" + std::to_string(i), chance() % 50 == 0 ? 1 : chance() % 2 == 0 ? 0 : 2 + i % 2, static_cast<int>(chance() % 1'000),
            static_cast<int>(chance() % 400)};
    if (row.code == 2) row.day %= 500;
    if (row.code == 3) row.day = 500 + row.day % 500;
    rows.push_back(std::move(row));
  }
  const auto write = [&](size_t from, size_t to) {
    CommitDraft draft;
    const auto snapshot = store->Now();
    for (size_t i = from; i < to; ++i) draft.writes.push_back(std::move(*store->PrepareWrite(*snapshot, TreeOf(JsonOf(rows[i])), 0)));
    test.clock.AdvanceMs(1);
    ASSERT_TRUE(store->CommitAndWait(std::move(draft)).ok());
  };
  for (int patient = 0; patient < 400; ++patient) {
    const std::string gender = IsWoman(patient) ? "female" : "male";
    ASSERT_TRUE(Put(*store, TreeOf(R"({"resourceType":"Patient","id":"p)" + std::to_string(patient) + R"(","gender":")" + gender + "\"}")).ok());
  }
  for (size_t from = 0; from < rows.size(); from += 500) write(from, from + 500);
  std::vector<size_t> by_time(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) by_time[i] = i;
  // The first thousand again, with other days: they come last by time, and their old rows are closed.
  for (size_t i = 0; i < 1'000; ++i) rows[i].day = rows[i].code == 2 ? rows[i].day / 2 : rows[i].code == 3 ? 999 - rows[i].day / 4 : 999 - rows[i].day;
  for (size_t from = 0; from < 1'000; from += 500) write(from, from + 500);
  std::rotate(by_time.begin(), by_time.begin() + 1'000, by_time.end());
  store.reset();
  store = test.Open(directory / "s");  // out of memory into tables, whose sizes can be estimated

  const auto code = [](int wanted) { return [wanted](const Row& row) { return row.code == wanted; }; };
  const std::vector<Case> cases = {
      {"all", {}, [](const Row&) { return true; }},
      {"common token", {{"code", "urn:c|c0"}}, code(0)},
      {"seldom token", {{"code", "c1"}}, code(1)},
      {"few", {{"subject", "Patient/p7"}}, [](const Row& row) { return row.patient == 7; }},
      {"two tokens", {{"code", "c0"}, {"subject", "Patient/p7"}}, [](const Row& row) { return row.code == 0 && row.patient == 7; }},
      {"token and long range", {{"code", "c0"}, {"date", "ge" + DayText(300)}}, [](const Row& row) { return row.code == 0 && row.day >= 300; }},
      {"token and short range", {{"code", "c0"}, {"date", DayText(300)}}, [](const Row& row) { return row.code == 0 && row.day == 300; }},
      {"few and long range", {{"subject", "Patient/p7"}, {"date", "lt" + DayText(800)}},
       [](const Row& row) { return row.patient == 7 && row.day < 800; }},
      {"long range", {{"date", "ge" + DayText(100)}}, [](const Row& row) { return row.day >= 100; }},
      {"never together", {{"code", "c2"}, {"date", "ge" + DayText(500)}}, [](const Row& row) { return row.code == 2 && row.day >= 500; }},
      {"seldom together", {{"code", "c3"}, {"date", "le" + DayText(502)}}, [](const Row& row) { return row.code == 3 && row.day <= 502; }},
      {"not", {{"code:not", "c0"}}, [](const Row& row) { return row.code != 0; }},
      {"composite", {{"code-value-quantity", "urn:c|c0$gt190"}}, [](const Row& row) { return row.code == 0 && row.day % 200 > 190; }},
      {"composite of many", {{"code-value-quantity", "c0$lt150,c3$lt100"}},
       [](const Row& row) { return row.day % 200 < (row.code == 0 ? 150 : row.code == 3 ? 100 : 0); }},
      {"chain", {{"subject:Patient.gender", "female"}}, [](const Row& row) { return IsWoman(row.patient); }},
      {"chain to few", {{"subject:Patient._id", "p3,p5"}}, [](const Row& row) { return row.patient == 3 || row.patient == 5; }},
      {"chain and token", {{"subject:Patient.gender", "female"}, {"code", "c1"}}, [](const Row& row) { return row.code == 1 && IsWoman(row.patient); }},
      {"either", {{"code", "c1,c3"}}, [](const Row& row) { return row.code == 1 || row.code == 3; }},
  };
  for (const Case& one : cases) {
    for (const std::string sort : {"", "_lastUpdated", "-_lastUpdated", "date", "-date", "value-quantity,-date"}) {
      if (sort.starts_with("value") && one.query.empty()) continue;  // reads all bodies for every page
      SCOPED_TRACE(std::string(one.name) + " sort " + sort);
      // One transaction is one instant; within it the docid decides, which is where the row stands.
      std::vector<size_t> order;
      for (size_t i = 0; i < rows.size(); ++i) order.push_back(sort == "_lastUpdated" || sort == "-_lastUpdated" ? by_time[i] : i);
      const auto by = [&](const auto& key) { std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(rows[a]) < key(rows[b]); }); };
      if (sort.ends_with("date") && sort.size() <= 5) by([](const Row& row) { return row.day; });
      if (sort.starts_with("value")) by([](const Row& row) { return std::pair(row.day % 200, -row.day); });
      if (sort.starts_with("-")) std::reverse(order.begin(), order.end());
      std::vector<std::string> want;
      for (const size_t i : order) {
        if (one.fits(rows[i])) want.push_back(rows[i].id);
      }
      auto query = one.query;
      query.emplace_back("_count", "7");
      query.emplace_back("_total", "accurate");
      if (!sort.empty()) query.emplace_back("_sort", sort);
      const fhir::SearchRequest request = Ask("Observation", query);
      std::vector<std::string> have;
      PagePosition position;
      for (int page_number = 0; page_number < 4; ++page_number) {
        const auto page = store->Now()->Search(request, {}, position);
        ASSERT_TRUE(page.ok()) << RuleOf(page);
        EXPECT_EQ(page->total, want.size());
        for (const Hit& hit : page->hits) have.push_back(hit.id);
        if (!page->next) break;
        position = *page->next;
      }
      want.resize(std::min<size_t>(want.size(), 28));
      EXPECT_EQ(want, have);
    }
  }
}

}  // namespace
}  // namespace heyi::store
