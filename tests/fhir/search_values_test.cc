// Which values a resource gives to which parameters.
#include <ctime>
#include <map>

#include "fhir/search/kinds.h"
#include "fhir/search/search_number.h"
#include "tests/fhir/search_support.h"

namespace heyi::fhir {
namespace {

// tests/data/fhir/search/values.json: [{"resource": {…}, "rows": ["parameter: value"], "patients": [...]}]. Only the
// parameters that the rows name (or "none") are compared, so that a case can be about one thing.
TEST(SearchValues, Cases) {
  const base::JsonValue cases = ReadTestJson(HEYI_SOURCE_DIR "/tests/data/fhir/search/values.json");
  ASSERT_GE(cases.items().size(), 10u);
  for (const base::JsonValue& one : cases.items()) {
    const std::string text = base::WriteJson(one["resource"]);
    const Tree tree = MustParse(text);
    std::map<std::string, std::vector<std::string>> want;
    for (const base::JsonValue& row : one["rows"].items()) {
      const size_t colon = row.text().find(": ");
      want[row.text().substr(0, colon)].push_back(row.text().substr(colon + 2));
    }
    for (const base::JsonValue& code : one["none"].items()) want[code.text()];
    std::map<std::string, std::vector<std::string>> have;
    for (const SearchRow& row : ExtractRows(tree, TestParameters())) {
      if (want.contains(row.parameter->code)) have[row.parameter->code].push_back(Show(row.value));
    }
    for (const auto& [code, values] : want) {
      EXPECT_EQ(have[code], values) << code << " of " << text;
      const SearchParameter* parameter = TestParameters().Find(*tree.type(), code);
      ASSERT_NE(parameter, nullptr) << code;
      std::vector<std::string> alone;
      for (const SearchValue& value : ExtractValues(tree, *parameter)) alone.push_back(Show(value));
      EXPECT_EQ(alone, values) << code << " of " << text;
    }
    if (!one["patients"].is_null()) {
      std::vector<std::string> patients;
      for (const base::JsonValue& patient : one["patients"].items()) patients.push_back(patient.text());
      EXPECT_EQ(PatientsOf(tree, ExtractRows(tree, TestParameters()), TestParameters()), patients) << text;
    }
  }
}

TEST(SearchValues, DateIntervals) {
  const auto shown = [](std::string_view text) {
    const auto interval = DateInterval(text);
    return interval ? Show(SearchValue(*interval)) : std::string("none");
  };
  EXPECT_EQ(shown("2024"), "2024-01-01T00:00:00.000+08:00 .. 2025-01-01T00:00:00.000+08:00");
  EXPECT_EQ(shown("2024-12"), "2024-12-01T00:00:00.000+08:00 .. 2025-01-01T00:00:00.000+08:00");
  EXPECT_EQ(shown("2024-02-29"), "2024-02-29T00:00:00.000+08:00 .. 2024-03-01T00:00:00.000+08:00");
  EXPECT_EQ(shown("2024-02-29T10:30"), "2024-02-29T10:30:00.000+08:00 .. 2024-02-29T10:31:00.000+08:00");
  EXPECT_EQ(shown("2024-02-29T10:30:15Z"), "2024-02-29T18:30:15.000+08:00 .. 2024-02-29T18:30:16.000+08:00");
  EXPECT_EQ(shown("2024-02-29T10:30:15.25-05:00"), "2024-02-29T23:30:15.250+08:00 .. 2024-02-29T23:30:15.260+08:00");
  EXPECT_EQ(shown("2024-02-29T10:30:15.1234567+08:00"),
            "2024-02-29T10:30:15.123+08:00 .. 2024-02-29T10:30:15.124+08:00");
  EXPECT_EQ(shown("9999"), "9999-01-01T00:00:00.000+08:00 .. 10000-01-01T00:00:00.000+08:00");
  for (const char* text : {"", "0000", "24", "2024-13", "2024-00-01", "2024-02-30", "2023-02-29", "2024-02-29T",
                           "2024-02-29T10", "2024-02-29T24:00", "2024-02-29T10:60", "2024-02-29T10:30:61", "2024-02-29T10:30:15.Z",
                           "2024-02-29T10:30:15+15:00", "2024-02-29T10:30:15 08:00", "2024-02-29Z", " 2024", "2024 ",
                           "20240229", "2024-2-29", "+2024", "99999"}) {
    EXPECT_EQ(shown(text), "none") << text;
  }
}

TEST(SearchValues, DatesWithoutZoneAreReadWhereTheParametersAreAtHome) {
  const Tree patient = MustParse(R"({"resourceType":"Patient","birthDate":"1950-03-01"})");
  const auto born = [&](const SearchParameters& parameters) {
    return Show(ExtractValues(patient, *parameters.Find(*patient.type(), "birthdate")).at(0));
  };
  EXPECT_EQ(born(TestParameters()), "1950-03-01T00:00:00.000+08:00 .. 1950-03-02T00:00:00.000+08:00");
  EXPECT_EQ(born(UtcParameters()), "1950-03-01T08:00:00.000+08:00 .. 1950-03-02T08:00:00.000+08:00");
}

TEST(SearchValues, NumberRanges) {
  const auto range = [](std::string_view text) {
    const auto [low, high] = SearchNumber::Parse(text, kAskedExponentMax)->ImplicitRange();
    return std::pair(low, high);
  };
  const auto equals = [](const SearchNumber& number, std::string_view text) {
    return Compare(number, *SearchNumber::Parse(text, kAskedExponentMax)) == 0;
  };
  const char* const kRanges[][3] = {{"100", "99.5", "100.5"},     {"100.00", "99.995", "100.005"}, {"1e2", "95", "105"},
                                    {"5.40e-3", "0.005395", "0.005405"}, {"0", "-0.5", "0.5"}, {"1", "0.5", "1.5"},
                                    {"-100", "-100.5", "-99.5"}, {"0.10", "0.095", "0.105"}};
  for (const auto& [text, low, high] : kRanges) {
    EXPECT_TRUE(equals(range(text).first, low)) << text;
    EXPECT_TRUE(equals(range(text).second, high)) << text;
  }
  const auto around = SearchNumber::Parse("-250", kAskedExponentMax)->TenthAround();
  EXPECT_TRUE(equals(around.first, "-275"));
  EXPECT_TRUE(equals(around.second, "-225"));
  for (const char* text : {"", "-", "01", ".5", "5.", "1e", "1e+", "5.4e999", "0x1", "1 ", "NaN",
                           "1e99999999999999999999"}) {
    EXPECT_FALSE(SearchNumber::Parse(text, kAskedExponentMax)) << text;
  }
}

// In ascending order; equal ones side by side in one entry.
TEST(SearchValues, NumberOrder) {
  const std::vector<std::vector<std::string>> kOrder = {
      {"-1e300"}, {"-10", "-10.0", "-1e1"}, {"-9.99"}, {"-0.001"}, {"0", "-0", "0.00", "0e5"}, {"1e-300"},
      {"0.1", "1e-1"}, {"9.999999999999999999999999999999"}, {"10", "1E+1", "10.000"}, {"123456789012345678901234567890"},
      {"123456789012345678901234567891"}, {"1e300"}};
  for (size_t i = 0; i < kOrder.size(); ++i) {
    for (size_t j = 0; j < kOrder.size(); ++j) {
      for (const std::string& a : kOrder[i]) {
        for (const std::string& b : kOrder[j]) {
          const int order = Compare(*SearchNumber::Parse(a, 400), *SearchNumber::Parse(b, 400));
          EXPECT_EQ((order > 0) - (order < 0), (i > j) - (i < j)) << a << " and " << b;
        }
      }
    }
  }
}

// Long lists go another way (a set) than short ones.
TEST(SearchValues, DoublesAreDropped) {
  for (const int count : {3, 300}) {
    std::string text = R"({"resourceType":"Patient","identifier":[)";
    for (int i = 0; i < 2 * count; ++i) text += R"({"system":"s","value":"v)" + std::to_string(i % count) + R"("},)";
    text.back() = ']';
    const Tree tree = MustParse(text + "}");
    const SearchParameter& identifier = *TestParameters().Find(*tree.type(), "identifier");
    EXPECT_EQ(ExtractValues(tree, identifier).size(), static_cast<size_t>(count));
  }
}

// Not a bound, a figure to read: what the index pays for one Observation of 1.3 KB.
TEST(SearchValues, CostOfAnObservation) {
  const base::JsonValue cases = ReadTestJson(HEYI_SOURCE_DIR "/tests/data/fhir/search/values.json");
  const std::string text = base::WriteJson(cases.items().at(0)["resource"]);
  const Tree tree = MustParse(text);
  ASSERT_EQ(tree.type()->name, "Observation");
  constexpr int kRounds = 3'000;
  double best_us = 1e9;
  size_t rows = 0;
  for (int batch = 0; batch < 5; ++batch) {
    const std::clock_t begin = std::clock();  // processor time: the machine has other things to do
    for (int i = 0; i < kRounds; ++i) rows = ExtractRows(tree, TestParameters()).size();
    best_us = std::min(best_us, static_cast<double>(std::clock() - begin) * 1e6 / CLOCKS_PER_SEC / kRounds);
  }
  std::printf("%zu bytes, %zu rows: %.2f us\n", text.size(), rows, best_us);
  EXPECT_GT(rows, 10u);
}

}  // namespace
}  // namespace heyi::fhir
