// The terminology service over sources in memory. Resources and questions are data: tests/data/terminology/.
#include "conformance/terminology/terminology.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "conformance/library/layered_source.h"
#include "conformance/limits.h"
#include "conformance/terminology/code_list.h"
#include "conformance/terminology/grammar_systems.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;

const std::string kData = HEYI_SOURCE_DIR "/tests/data/terminology/";

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

JsonValue Json(std::string text) {
  auto json = base::ParseJson(std::move(text));
  EXPECT_TRUE(json.ok());
  return json.ok() ? *std::move(json) : JsonValue();
}

// A file of {"resources": […], "cases": [{…}]}.
struct Sheet {
  explicit Sheet(const std::string& name) : json(Json(TextOf(kData + name))) {
    for (const JsonValue& resource : json["resources"].items()) EXPECT_TRUE(source.Add(resource));
  }
  JsonValue json;
  MemorySource source;
};

VersionRules RulesOf(const JsonValue& one) {
  VersionRules rules;
  const auto take = [&](const char* name, std::vector<SystemVersion>& out) {
    for (const JsonValue& text : one[name].items()) {
      const Canonical canonical = Canonical::Of(text.text());
      out.emplace_back(canonical.url, canonical.version);
    }
  };
  take("default", rules.defaults);
  take("check", rules.checks);
  take("force", rules.forces);
  for (const JsonValue& text : one["supplements"].items()) rules.supplements.push_back(text.text());
  return rules;
}

// "a(b c) d": codes with what is below them.
std::string Drawn(const Expansion& expansion) {
  std::string text;
  uint32_t depth = 0;
  for (const ExpandedCode& code : expansion.codes) {
    if (code.depth > depth) text += "(";
    for (; depth > code.depth; --depth) text += ")";
    if (code.depth <= depth && !text.empty() && text.back() != '(') text += " ";
    depth = code.depth;
    text += code.code;
    if (!code.version.empty()) text += "@" + code.version;
    if (code.inactive) text += "!";
  }
  for (; depth > 0; --depth) text += ")";
  return text;
}

TEST(Terminology, Expands) {
  const Sheet sheet("expand.json");
  const Terminology terminology(sheet.source);
  ASSERT_FALSE(sheet.json["cases"].items().empty());
  for (const JsonValue& one : sheet.json["cases"].items()) {
    SCOPED_TRACE(base::WriteJson(one));
    ExpandRequest request;
    request.value_set.url = one.StringAt("url");
    request.filter = one.StringAt("filter");
    request.active_only = one["activeOnly"].is_true();
    request.exclude_nested = one["flat"].is_true();
    request.languages = Languages::Parse(one.StringAt("language"));
    if (one.Find("count") != nullptr) request.count = static_cast<uint32_t>(std::stoul(std::string(one.StringAt("count"))));
    if (one.Find("offset") != nullptr) request.offset = static_cast<uint32_t>(std::stoul(std::string(one.StringAt("offset"))));
    request.versions = RulesOf(one);
    const auto answer = terminology.Expand(request);
    if (one.Find("failure") != nullptr) {
      ASSERT_FALSE(answer.ok());
      EXPECT_EQ(answer.failure->issue.message_id, one.StringAt("failure"));
      if (one.Find("place") != nullptr) {
        EXPECT_EQ(answer.failure->issue.place, one.StringAt("place"));
      }
      continue;
    }
    ASSERT_TRUE(answer.ok()) << answer.failure->issue.text;
    EXPECT_EQ(Drawn(**answer.value), one.StringAt("codes"));
    if (one.Find("total") != nullptr) {
      EXPECT_EQ(std::to_string((*answer.value)->total), one.StringAt("total"));
    }
    if (one.Find("display") != nullptr) {
      EXPECT_EQ((*answer.value)->codes.at(0).display, one.StringAt("display"));
    }
  }
}

TEST(Terminology, Validates) {
  const Sheet sheet("validate.json");
  const Terminology terminology(sheet.source);
  ASSERT_FALSE(sheet.json["cases"].items().empty());
  for (const JsonValue& one : sheet.json["cases"].items()) {
    SCOPED_TRACE(base::WriteJson(one));
    ValidateRequest request;
    request.form = ValidateRequest::Form::kCoding;
    for (const JsonValue& coding : one["codings"].items()) {
      request.codings.push_back({std::string(coding.StringAt("system")), std::string(coding.StringAt("version")), std::string(coding.StringAt("code")),
                                 std::string(coding.StringAt("display"))});
    }
    if (request.codings.size() > 1) request.form = ValidateRequest::Form::kCodeableConcept;
    request.languages = Languages::Parse(one.StringAt("language"));
    request.lenient_display = one["lenient"].is_true();
    request.infer_system = one["infer"].is_true();
    request.abstract_allowed = one["abstract"].text() != "false";
    request.versions = RulesOf(one);
    const auto answer = one.Find("url") == nullptr ? terminology.ValidateInCodeSystem(request)
                                                   : terminology.ValidateInValueSet({std::string(one.StringAt("url")), {}, nullptr}, request);
    if (one.Find("failure") != nullptr) {
      ASSERT_FALSE(answer.ok());
      EXPECT_EQ(answer.failure->issue.message_id, one.StringAt("failure"));
      continue;
    }
    ASSERT_TRUE(answer.ok()) << answer.failure->issue.text;
    EXPECT_EQ(answer.value->result, one["result"].is_true()) << answer.value->Message();
    std::string issues;
    for (const TxIssue& issue : answer.value->issues) issues.append(issues.empty() ? "" : " ").append(issue.message_id);
    EXPECT_EQ(issues, one.StringAt("issues"));
    if (one.Find("display") != nullptr) {
      EXPECT_EQ(answer.value->display, one.StringAt("display"));
    }
    if (one.Find("version") != nullptr) {
      EXPECT_EQ(answer.value->version, one.StringAt("version"));
    }
  }
}

TEST(Terminology, AnswersBindings) {
  using Kind = Terminology::Membership::Kind;
  using Why = Terminology::Membership::Why;
  const Sheet sheet("validate.json");
  const Terminology terminology(sheet.source);
  const auto in = [&](std::string_view set, std::string_view system, std::string_view code, std::string_view display = {}) {
    return terminology.InValueSet(set, system, {}, code, display);
  };
  EXPECT_EQ(in("urn:vs:animals", "urn:cs:animals", "cat").kind, Kind::kIn);
  EXPECT_EQ(in("urn:vs:animals", {}, "cat").kind, Kind::kIn);
  EXPECT_FALSE(in("urn:vs:animals", "urn:cs:animals", "cat", "猫").display_wrong);
  EXPECT_TRUE(in("urn:vs:animals", "urn:cs:animals", "cat", "狗").display_wrong);
  EXPECT_EQ(in("urn:vs:animals", "urn:cs:animals", "stone").why, Why::kCodeUnknown);
  EXPECT_EQ(in("urn:vs:animals", "urn:cs:other", "cat").kind, Kind::kNotIn);
  EXPECT_EQ(in("urn:vs:none", {}, "cat").why, Why::kValueSetUnknown);
  EXPECT_EQ(in("urn:vs:absent-system", {}, "cat").why, Why::kCodeSystemUnknown);
  EXPECT_EQ(in("urn:vs:listed-absent", "urn:cs:absent", "one").kind, Kind::kIn);
  EXPECT_EQ(in("urn:vs:listed-absent", "urn:cs:absent", "two").kind, Kind::kNotIn);
  EXPECT_EQ(in("urn:vs:media", {}, "text/plain").kind, Kind::kIn);
  EXPECT_EQ(in("urn:vs:media", {}, "text").kind, Kind::kNotIn);
  EXPECT_EQ(in("urn:vs:elsewhere", "urn:cs:elsewhere", "x").why, Why::kCodeSystemUnknown);
  EXPECT_EQ(terminology.InCodeSystem("urn:cs:elsewhere", {}, "x", {}).kind, Kind::kUnknown);
  EXPECT_EQ(in("urn:vs:languages", {}, "zh-CN").kind, Kind::kIn);
  EXPECT_EQ(in("urn:vs:languages", {}, "zh_CN!").kind, Kind::kNotIn);
  EXPECT_EQ(terminology.InCodeSystem("urn:cs:animals", {}, "cat", {}).kind, Kind::kIn);
  EXPECT_EQ(terminology.InCodeSystem("urn:cs:animals", {}, "stone", {}).kind, Kind::kNotIn);
  EXPECT_EQ(terminology.InCodeSystem("urn:cs:absent", {}, "one", {}).kind, Kind::kUnknown);
}

TEST(Terminology, SubsumesAndLooksUp) {
  const Sheet sheet("expand.json");
  const Terminology terminology(sheet.source);
  const auto ask = [&](const char* a, const char* b) { return terminology.Subsumes({"urn:cs:tree", "1.0.0", a, {}}, {"urn:cs:tree", {}, b, {}}); };
  EXPECT_EQ(*ask("a", "a1x").value, Subsumption::kSubsumes);
  EXPECT_EQ(*ask("a1x", "a").value, Subsumption::kSubsumedBy);
  EXPECT_EQ(*ask("a", "a").value, Subsumption::kEquivalent);
  EXPECT_EQ(*ask("a", "b").value, Subsumption::kNotSubsumed);
  EXPECT_EQ(ask("a", "nothing").failure->issue.message_id, "Unknown_Code_in_Version");
  LookupRequest request;
  request.coding = {"urn:cs:tree", "1.0.0", "a1", {}};
  request.languages = Languages::Parse("zh-CN");
  const auto found = terminology.Lookup(request);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value->display, "甲一");
  EXPECT_EQ(found.value->properties.at(1).value.code, "parent");
  request.coding = {"urn:cs:absent", {}, "a1", {}};
  EXPECT_EQ(terminology.Lookup(request).failure->kind, base::ErrorKind::kNotFound);
}

TEST(Terminology, TranslatesThereAndBack) {
  MemorySource source;
  source.Add(Json(R"({"resourceType":"ConceptMap","url":"urn:cm:1","version":"1","group":[{"source":"urn:a","target":"urn:b","element":[
      {"code":"x","target":[{"code":"y","equivalence":"wider"},{"code":"z","equivalence":"unmatched"}]}],
      "unmapped":{"mode":"other-map","url":"urn:cm:2"}}]})"));
  source.Add(Json(R"({"resourceType":"ConceptMap","url":"urn:cm:2","group":[{"source":"urn:a","target":"urn:b",
      "element":[{"code":"q","target":[{"code":"r","relationship":"source-is-narrower-than-target"}]}],"unmapped":{"mode":"other-map","url":"urn:cm:1"}}]})"));
  const Terminology terminology(source);
  TranslateRequest request;
  request.url = "urn:cm:1";
  request.codings = {{"urn:a", {}, "x", {}}};
  auto answer = terminology.Translate(request);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer.value->result);
  ASSERT_EQ(answer.value->matches.size(), 2u);
  EXPECT_EQ(answer.value->matches[0].equivalence, "wider");
  request.codings = {{"urn:b", {}, "y", {}}};
  request.reverse = true;
  answer = terminology.Translate(request);
  ASSERT_EQ(answer.value->matches.size(), 1u);
  EXPECT_EQ(answer.value->matches[0].source.code, "x");
  EXPECT_EQ(answer.value->matches[0].equivalence, "narrower");
  request.reverse = false;
  request.codings = {{"urn:a", {}, "q", {}}};  // by the other map, and not in circles
  answer = terminology.Translate(request);
  ASSERT_EQ(answer.value->matches.size(), 1u);
  EXPECT_EQ(answer.value->matches[0].target.code, "r");
  EXPECT_EQ(answer.value->matches[0].equivalence, "wider");
  request.url = "urn:cm:none";
  EXPECT_FALSE(terminology.Translate(request).ok());
}

TEST(Terminology, NoticesWhatChanges) {
  MemorySource source;
  source.Add(Json(R"({"resourceType":"CodeSystem","url":"urn:cs","content":"complete","concept":[{"code":"a"}]})"));
  source.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs","compose":{"include":[{"system":"urn:cs"}]}})"));
  const Terminology terminology(source);
  EXPECT_EQ(terminology.InValueSet("urn:vs", "urn:cs", {}, "b", {}).kind, Terminology::Membership::Kind::kNotIn);
  source.Add(Json(R"({"resourceType":"CodeSystem","url":"urn:cs","content":"complete","concept":[{"code":"a"},{"code":"b"}]})"));
  EXPECT_EQ(terminology.InValueSet("urn:vs", "urn:cs", {}, "b", {}).kind, Terminology::Membership::Kind::kIn);
  MemorySource own;
  own.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs","version":"2","compose":{"include":[{"system":"urn:cs","concept":[{"code":"a"}]}]}})"));
  const Terminology with_own(own, terminology);
  EXPECT_EQ(with_own.InValueSet("urn:vs", "urn:cs", {}, "b", {}).kind, Terminology::Membership::Kind::kNotIn);
  EXPECT_EQ(terminology.InValueSet("urn:vs", "urn:cs", {}, "b", {}).kind, Terminology::Membership::Kind::kIn);
}

// Each layer imports the next one twice: as many ways as there are grains of sand.
TEST(Terminology, EndsWhateverIsAsked) {
  MemorySource source;
  source.Add(Json(R"({"resourceType":"CodeSystem","url":"urn:cs","content":"complete","concept":[{"code":"a"}]})"));
  constexpr int kLayers = 28;
  for (int i = 0; i < kLayers; ++i) {
    const std::string next = "urn:vs:" + std::to_string(i + 1);
    source.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs:)" + std::to_string(i) + R"(","compose":{"include":[{"valueSet":[")" + next +
                    R"("]},{"valueSet":[")" + next + R"("]}]}})"));
  }
  source.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs:28","compose":{"include":[{"system":"urn:cs"}]}})"));
  std::string deep = R"({"resourceType":"CodeSystem","url":"urn:deep","content":"complete","concept":[)";
  for (int i = 0; i < 40; ++i) deep += R"({"code":"c)" + std::to_string(i) + R"(","concept":[)";
  for (int i = 0; i < 40; ++i) deep += "]}";
  source.Add(Json(deep + "]}"));
  source.Add(Json(R"({"resourceType":"CodeSystem","url":"urn:circle","content":"complete","property":[{"code":"parent","type":"code"}],"concept":[
      {"code":"a","property":[{"code":"parent","valueCode":"b"}]},{"code":"b","property":[{"code":"parent","valueCode":"a"}]}]})"));
  source.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs:circle","compose":{"include":[{"system":"urn:circle","filter":[
      {"property":"concept","op":"is-a","value":"a"}]}]}})"));
  std::string chain = R"({"resourceType":"CodeSystem","url":"urn:chain","content":"complete","concept":[{"code":"c0"})";
  for (int i = 1; i < 900; ++i) {
    chain += R"(,{"code":"c)" + std::to_string(i) + R"(","property":[{"code":"parent","valueCode":"c)" + std::to_string(i - 1) + R"("}]})";
  }
  source.Add(Json(chain + "]}"));
  source.Add(Json(R"({"resourceType":"ValueSet","url":"urn:vs:chain","compose":{"include":[{"system":"urn:chain"}]}})"));
  const Terminology terminology(source);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(terminology.InValueSet("urn:vs:0", "urn:cs", {}, "b", {}).why, Terminology::Membership::Why::kTooCostly);
  ExpandRequest request;
  request.value_set.url = "urn:vs:0";
  const auto expanded = terminology.Expand(request);
  ASSERT_TRUE(expanded.ok());
  EXPECT_EQ((*expanded.value)->total, 1u);
  request.value_set.url = "urn:vs:circle";
  const auto circle = terminology.Expand(request);
  ASSERT_TRUE(circle.ok());
  EXPECT_EQ((*circle.value)->total, 2u);
  request.value_set.url = "urn:vs:chain";
  const auto chained = terminology.Expand(request);
  ASSERT_TRUE(chained.ok());
  EXPECT_EQ((*chained.value)->codes.size(), 900u);
  EXPECT_EQ((*chained.value)->codes.back().depth, kNestedDepthMax);
  EXPECT_EQ(terminology.System("urn:deep", {})->size(), 40u);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(Terminology, KnowsGrammars) {
  for (const char* good : {"en", "zh-CN", "zh-Hans-CN", "de-CH-1996", "x-private", "sl-rozaj-biske", "en-a-bbb-x-a-ccc", "i-klingon"}) {
    EXPECT_TRUE(FitsGrammar("urn:ietf:bcp:47", good)) << good;
  }
  for (const char* bad : {"", "e", "en-", "en--US", "zh_CN", "en-US-", "123", "en-a", "toolonglanguage"}) {
    EXPECT_FALSE(FitsGrammar("urn:ietf:bcp:47", bad)) << bad;
  }
  for (const char* good : {"text/plain", "application/fhir+json; fhirVersion=4.0", "image/svg+xml"}) EXPECT_TRUE(FitsGrammar("urn:ietf:bcp:13", good)) << good;
  for (const char* bad : {"", "text", "text/", "/plain", "text/plain;", "te xt/plain"}) EXPECT_FALSE(FitsGrammar("urn:ietf:bcp:13", bad)) << bad;
}

TEST(Terminology, ReadsAcceptLanguage) {
  const Languages languages = Languages::Parse("de;q=0.5, zh-CN, *;q=0");
  EXPECT_EQ(languages.Summary(), "zh-CN, de");
  EXPECT_FALSE(languages.others_too());
  EXPECT_GT(languages.Fit("zh-CN"), languages.Fit("zh"));
  EXPECT_GT(languages.Fit("zh"), languages.Fit("de"));
  EXPECT_EQ(languages.Fit("fr"), 0);
  EXPECT_TRUE(Languages::Parse("").any());
}

// Each file of lists/ has a .want: the concepts that come of it, or the issues.
TEST(CodeList, RefusesWithPlaceAndRule) {
  for (const auto& entry : std::filesystem::directory_iterator(kData + "lists")) {
    SCOPED_TRACE(entry.path().filename().string());
    const bool csv = entry.path().extension() == ".csv";
    if (!csv && entry.path().extension() != ".ndjson") continue;
    const std::string wanted = TextOf(entry.path().string() + ".want");
    const auto system = CodeSystemOfList(TextOf(entry.path().string()), csv ? CodeListFormat::kCsv : CodeListFormat::kNdjson, {"urn:cs", "1", "N", {}},
                                         [](size_t) {});
    std::string got;
    if (system.ok()) {
      got = base::WriteJson((*system)["concept"]) + "\n";
    } else {
      for (const base::Issue& issue : system.error().outcome.issues()) got += issue.expression + " " + issue.rule + "\n";
    }
    EXPECT_EQ(got, wanted);
  }
}

}  // namespace
}  // namespace heyi::conformance
