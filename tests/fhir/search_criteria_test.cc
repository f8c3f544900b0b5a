// What a query means: which resources match, what is refused, what the request says.
#include <map>

#include "base/text.h"
#include "fhir/search/kinds.h"
#include "tests/fhir/search_support.h"

namespace heyi::fhir {
namespace {

constexpr base::TimeMs kUpdated = 1795491689123;  // 2026-11-24T11:41:29.123+08:00

base::Result<SearchRequest> Ask(std::string_view text, bool lenient) {
  const TextQuery query = SplitQuery(text);
  return ParseSearch(*query.type, query.pairs, lenient, TestParameters());
}

std::vector<size_t> MatchingOf(const std::vector<Tree>& resources, const SearchRequest& request) {
  std::vector<size_t> matching;
  for (size_t i = 0; i < resources.size(); ++i) {
    if (resources[i].type() == request.type && Matches(resources[i], resources[i].id(), kUpdated, request.criteria)) {
      matching.push_back(i);
    }
  }
  return matching;
}

std::vector<size_t> Indexes(const base::JsonValue& list) {
  std::vector<size_t> indexes;
  for (const base::JsonValue& item : list.items()) indexes.push_back(std::stoul(item.text()));
  std::sort(indexes.begin(), indexes.end());
  return indexes;
}

std::vector<Tree> Resources(const base::JsonValue& list) {
  std::vector<Tree> trees;
  for (const base::JsonValue& resource : list.items()) trees.push_back(MustParse(base::WriteJson(resource)));
  return trees;
}

bool IsNameIn(std::string_view query, std::string_view name) {
  const TextQuery split = SplitQuery(query);
  return std::any_of(split.pairs.begin(), split.pairs.end(), [name](const auto& pair) { return pair.first == name; });
}

// {"resources": […], "cases": [{"query", "match": [index…] or "refused": rule, "ignored": ["rule @ parameter"]}]}
// "ignored" asks with lenient handling.
void CheckSuite(const std::string& name) {
  const base::JsonValue suite = ReadTestJson(HEYI_SOURCE_DIR "/tests/data/fhir/search/" + name + ".json");
  const std::vector<Tree> resources = Resources(suite["resources"]);
  ASSERT_GE(suite["cases"].items().size(), 5u);
  for (const base::JsonValue& one : suite["cases"].items()) {
    const std::string query(one.StringAt("query"));
    const bool lenient = one["ignored"].is_array();
    const auto request = Ask(query, lenient);
    const std::string_view refused = one.StringAt("refused");
    if (!refused.empty()) {
      ASSERT_FALSE(request.ok()) << query;
      EXPECT_EQ(request.error().outcome.issues().at(0).rule, refused) << query;
      EXPECT_TRUE(IsNameIn(query, request.error().outcome.issues()[0].expression)) << query;
      const bool costly = refused == "search.too-costly";
      EXPECT_EQ(request.error().kind, costly ? base::ErrorKind::kTooLarge : base::ErrorKind::kMalformed) << query;
      continue;
    }
    if (!request.ok()) {
      ADD_FAILURE() << query << " refused: " << request.error().outcome.issues().at(0).rule;
      continue;
    }
    EXPECT_EQ(MatchingOf(resources, *request), Indexes(one["match"])) << query;
    std::vector<std::string> ignored;
    for (const base::JsonValue& line : one["ignored"].items()) ignored.push_back(line.text());
    EXPECT_EQ(Briefly(request->warnings), ignored) << query;
    EXPECT_FALSE(request->warnings.HasErrors()) << query;
  }
}

TEST(SearchCriteria, Token) { CheckSuite("token"); }
TEST(SearchCriteria, String) { CheckSuite("string"); }
TEST(SearchCriteria, Date) { CheckSuite("date"); }
TEST(SearchCriteria, Reference) { CheckSuite("reference"); }
TEST(SearchCriteria, Canonical) { CheckSuite("canonical"); }
TEST(SearchCriteria, Uri) { CheckSuite("uri"); }
TEST(SearchCriteria, Number) { CheckSuite("number"); }
TEST(SearchCriteria, Quantity) { CheckSuite("quantity"); }
TEST(SearchCriteria, Composite) { CheckSuite("composite"); }
TEST(SearchCriteria, Refused) { CheckSuite("refused"); }

std::string Understood(const SearchRequest& request) {
  std::string text;
  for (const auto& [name, value] : request.understood) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

TEST(SearchCriteria, ResultParameters) {
  auto plain = Ask("Patient", false);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->count, kCountDefault);
  EXPECT_FALSE(plain->count_given || plain->want_total || plain->count_only || plain->estimate_total);
  EXPECT_TRUE(plain->sort.empty());

  auto full = Ask("Patient?_total=accurate&_sort=-_lastUpdated&name=b&_count=7&gender=male&name=a&_format=json&elder=1",
                  true);
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->count, 7u);
  EXPECT_TRUE(full->count_given && full->want_total && !full->count_only);
  ASSERT_EQ(full->sort.size(), 1u);
  EXPECT_EQ(full->sort[0].parameter->code, "_lastUpdated");
  EXPECT_TRUE(full->sort[0].descending);
  EXPECT_EQ(Understood(*full), "gender=male&name=a&name=b&_sort=-_lastUpdated&_count=7&_total=accurate");

  for (const char* count : {"1001", "9223372036854775808", "99999999999999999999999"}) {
    auto capped = Ask(std::string("Patient?_count=") + count, false);
    ASSERT_TRUE(capped.ok()) << count;
    EXPECT_EQ(capped->count, kCountMax);
    EXPECT_EQ(Understood(*capped), "_count=1000");
  }
  for (const char* query : {"Patient?_count=0", "Patient?_summary=count"}) {
    auto counted = Ask(query, false);
    ASSERT_TRUE(counted.ok()) << query;
    EXPECT_TRUE(counted->count_only && counted->want_total) << query;
  }
  auto estimate = Ask("Patient?_total=estimate", false);
  ASSERT_TRUE(estimate.ok());
  EXPECT_TRUE(estimate->estimate_total && !estimate->want_total);
}

// U11 of the catalogue of bad input.
TEST(SearchCriteria, Bounds) {
  const auto rule_of = [](const base::Result<SearchRequest>& result) {
    return result.ok() ? std::string() : result.error().outcome.issues().at(0).rule;
  };
  const auto values = [](int count) {
    std::string text = "Patient?identifier=0";
    for (int i = 1; i < count; ++i) text += "," + std::to_string(i);
    return text;
  };
  EXPECT_EQ(rule_of(Ask(values(1'000), false)), "");
  EXPECT_EQ(rule_of(Ask(values(1'001), false)), "search.too-costly");
  EXPECT_EQ(rule_of(Ask(values(10'000), false)), "search.too-costly");
  const auto criteria = [](int count) {
    std::string text = "Patient?name=a";
    for (int i = 1; i < count; ++i) text += "&name=a";
    return text;
  };
  EXPECT_EQ(rule_of(Ask(criteria(100), false)), "");
  EXPECT_EQ(rule_of(Ask(criteria(101), false)), "search.too-costly");
  EXPECT_EQ(rule_of(Ask(criteria(1'000), false)), "search.too-costly");
  // What lenient handling ignores is bounded too, and never costs a criterion that stands behind it.
  std::string ignored = "Patient?x=1";
  for (int i = 0; i < 60; ++i) ignored += "&x=1";
  EXPECT_EQ(rule_of(Ask(ignored + "&name=a", true)), "search.too-costly");
}

// U19: not UTF-8, an unpaired surrogate, NUL.
TEST(SearchCriteria, RefusesWhatIsNoText) {
  const Type& patient = *TestDefinitions().FindResource("Patient");
  const std::vector<std::string> kBad = {"\xed\xa0\x80", "\xff", std::string("a\0b", 3), "\xc0\xaf"};
  for (const std::string& bad : kBad) {
    const std::vector<std::pair<std::string, std::string>> pairs = {{"name", bad}, {"name" + bad, "a"}, {"_count", bad}};
    for (const auto& [name, value] : pairs) {
      const auto request = ParseSearch(patient, {{name, value}}, true, TestParameters());
      ASSERT_FALSE(request.ok());
      EXPECT_EQ(request.error().outcome.issues().at(0).rule, "search.value");
      EXPECT_TRUE(base::IsValidUtf8(request.error().outcome.issues()[0].expression));
      EXPECT_TRUE(request.error().outcome.issues()[0].detail.empty());
    }
  }
}

TEST(SearchCriteria, IssuesAreAllGathered) {
  const auto request = Ask("Patient?elder=1&birthdate=2024-02-30&gender:exact=m", false);
  ASSERT_FALSE(request.ok());
  const std::vector<std::string> kWant = {"search.unknown-parameter @ elder", "search.value @ birthdate",
                                          "search.modifier @ gender:exact"};
  EXPECT_EQ(Briefly(request.error().outcome), kWant);
}

TEST(SearchCriteria, Escapes) {
  EXPECT_EQ(Unescape("a\\,b\\|c\\$d\\\\e\\f\\"), "a,b|c$d\\e\\f\\");
  EXPECT_EQ(SplitEscaped("a\\,b,c\\\\,d,", ',').size(), 4u);
  EXPECT_EQ(SplitEscaped("a\\,b,c\\\\,d,", ',')[1], "c\\\\");
  EXPECT_EQ(SplitEscaped("", ',').size(), 1u);
  EXPECT_EQ(SplitEscaped("\\", ',').size(), 1u);
}

// What a chain is followed to: each type that may be meant and knows what is asked of it.
TEST(SearchCriteria, Links) {
  const auto linked_types = [](std::string_view text) {
    const auto request = Ask(text, false);
    EXPECT_TRUE(request.ok()) << text;
    std::vector<std::string> types;
    if (!request.ok()) return types;
    for (const LinkedCriterion& linked : request->criteria.at(0).linked) types.push_back(linked.type->name);
    return types;
  };
  using Types = std::vector<std::string>;
  EXPECT_EQ(linked_types("Observation?subject.gender=male"), Types({"Patient"}));
  EXPECT_EQ(linked_types("Observation?subject.identifier=1"), Types({"Group", "Device", "Patient", "Location"}));
  EXPECT_EQ(linked_types("Observation?subject:Device.identifier=1"), Types({"Device"}));
  EXPECT_EQ(linked_types("Patient?_has:Observation:subject:code=1"), Types({"Observation"}));
  EXPECT_EQ(linked_types("Provenance?target._id=1").size(), 145u);

  const auto nested = Ask("Encounter?subject:Patient._has:Observation:patient:performer:Practitioner.name:exact=Li", false);
  ASSERT_TRUE(nested.ok());
  const Criterion* at = &nested->criteria.at(0);
  for (const Via via : {Via::kChain, Via::kHas, Via::kChain}) {
    EXPECT_EQ(at->via, via);
    at = &at->linked.at(0).criterion;
  }
  EXPECT_EQ(at->via, Via::kOwn);
  EXPECT_EQ(at->modifier, "exact");
  EXPECT_EQ(at->parameter->code, "name");

  const auto costly = Ask("Provenance?target.target.target._id=1", false);
  ASSERT_FALSE(costly.ok());
  EXPECT_EQ(costly.error().outcome.issues().at(0).rule, "search.too-costly");
}

TEST(SearchCriteria, Compartments) {
  const Tree observation = MustParse(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
      "subject":{"reference":"Group/1"},"performer":[{"reference":"Patient/1"}]})");
  const auto parameters = TestParameters().CompartmentParameters("Patient", *observation.type());
  ASSERT_FALSE(parameters.empty());
  const auto in = [&](const char* type, const char* id) {
    return InCompartment(observation, {type, id, {parameters.begin(), parameters.end()}});
  };
  EXPECT_TRUE(in("Patient", "1"));
  EXPECT_FALSE(in("Patient", "2"));
  EXPECT_FALSE(in("Practitioner", "1"));
}

TEST(SearchCriteria, MalformedNumbersAndQuantities) {
  const Type& observation = *TestDefinitions().FindResource("Observation");
  const SearchParameter& quantity = *TestParameters().Find(observation, "value-quantity");
  bool never = false;
  for (const char* text : {"||", "5||", "5.4e999|http://unitsofmeasure.org|g", "5|", "g", "ge",
                           "5.4|a|b|c", "--5", "", "5 |a|b"}) {
    EXPECT_FALSE(ParseValue(quantity, {}, text, &never)) << text;
  }
  for (const char* text : {"5", "ge5.4", "5.40e-3|http://unitsofmeasure.org|g", "-5||mg", "ap100", "5|urn:a|",
                           "5|urn:a"}) {
    EXPECT_TRUE(ParseValue(quantity, {}, text, &never)) << text;
  }
}

// ---- cases that nobody here wrote: ../shared/corpora/search-cases ----

struct Tally {
  size_t passed = 0;
  size_t failed = 0;
  size_t refused = 0;
};

void CheckCorpus(const std::string& name) {
  const auto file = CorporaDirectory() / "search-cases" / (name + ".json");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file << ": set HEYI_CORPORA";
  const base::JsonValue suite = ReadTestJson(file);
  std::vector<Tree> resources;
  std::vector<size_t> strangers;  // resources that R4 does not allow, which a server refuses
  for (const base::JsonValue& resource : suite["resources"].items()) {
    auto tree = ParseResource(base::WriteJson(resource), TestDefinitions());
    if (!tree.ok()) strangers.push_back(resources.size());
    resources.push_back(tree.ok() ? std::move(*tree) : Tree());
  }
  const auto expects_a_stranger = [&strangers](const std::vector<size_t>& wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [&](size_t one) { return std::find(strangers.begin(), strangers.end(), one) != strangers.end(); });
  };
  std::map<std::string, Tally> tallies;
  std::map<std::string, size_t> refused_for;
  for (const base::JsonValue& one : suite["cases"].items()) {
    const std::string path(one.StringAt("path"));
    if (!one["expect"].is_array() || expects_a_stranger(Indexes(one["expect"]))) continue;
    const std::string tier(one.StringAt("tier"));
    Tally& tally = tallies[tier];
    const TextQuery query = SplitQuery(path);
    std::vector<size_t> matching;
    if (query.type == nullptr) {
      ++tally.refused;
      ++refused_for["search over all types"];
      continue;
    }
    const auto request = ParseSearch(*query.type, query.pairs, false, UtcParameters());  // whose dates the cases are meant for
    if (!request.ok()) {
      ++tally.refused;
      const base::Issue& issue = request.error().outcome.issues().at(0);
      ++refused_for[issue.rule + " " + issue.expression];
      continue;
    }
    matching = MatchingOf(resources, *request);
    if (matching == Indexes(one["expect"])) {
      ++tally.passed;
      continue;
    }
    ++tally.failed;
    if (tier == "consensus" || tier == "spec-only") ADD_FAILURE() << path << ": " << testing::PrintToString(matching);
    else std::printf("  not as %s expects (%s): %s\n", name.c_str(), tier.c_str(), path.c_str());
  }
  for (const auto& [tier, tally] : tallies) {
    std::printf("%s %s: %zu passed, %zu failed, %zu refused\n", name.c_str(), tier.c_str(), tally.passed, tally.failed,
                tally.refused);
  }
  for (const auto& [why, count] : refused_for) std::printf("  refused: %s, %zu\n", why.c_str(), count);
}

TEST(SearchCorpus, Token) { CheckCorpus("token"); }
TEST(SearchCorpus, String) { CheckCorpus("string"); }
TEST(SearchCorpus, Date) { CheckCorpus("date"); }
TEST(SearchCorpus, Reference) { CheckCorpus("reference"); }
TEST(SearchCorpus, Uri) { CheckCorpus("uri"); }
TEST(SearchCorpus, Number) { CheckCorpus("number"); }
TEST(SearchCorpus, Quantity) { CheckCorpus("quantity"); }
TEST(SearchCorpus, Composite) { CheckCorpus("composite"); }

}  // namespace
}  // namespace heyi::fhir
