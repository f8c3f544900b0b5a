// FHIRPath. Cases are data: tests/data/fhir/path/*.json for evaluation (expression, the subject it is evaluated on, the
// items it gives or the rule that refuses it), parse.tsv for the parser.
#include <gtest/gtest.h>

#include <map>

#include "base/json/value.h"
#include "base/text.h"
#include "fhir/path/decimal.h"
#include "fhir/path/parser.h"
#include "fhir/path/path.h"
#include "tests/fhir/support.h"

namespace heyi::fhir {
namespace {

using base::JsonValue;
using Kind = PathValue::Kind;

constexpr base::TimeMs kNowMs = 1'795'492'800'000;  // 2026-11-24T12:00:00+08:00

std::filesystem::path DataDirectory() { return std::filesystem::path(HEYI_SOURCE_DIR) / "tests/data/fhir/path"; }

std::string ReadAll(const std::filesystem::path& file) {
  auto text = base::ReadFile(file.string());
  EXPECT_TRUE(text.ok()) << file;
  return text.ok() ? std::move(*text) : std::string();
}

const Tree& Subject(const std::string& name) {
  static std::map<std::string, Tree> subjects;
  const auto found = subjects.find(name);
  if (found != subjects.end()) return found->second;
  return subjects.emplace(name, MustParse(ReadAll(DataDirectory() / "subjects" / (name + ".json")))).first->second;
}

// "code female", "HumanName @ Patient.name[0]", "boolean + @ Patient.deceased" (extensions only), "Integer 3".
std::string Show(const PathValue& item) {
  constexpr std::string_view kKinds[] = {"",     "Boolean",  "String", "Integer", "Decimal",
                                         "Date", "DateTime", "Time",   "Quantity", "Long",     "TypeInfo"};
  if (item.kind() != Kind::kNode) {
    std::string text = std::string(kKinds[static_cast<size_t>(item.kind())]) + ' ' + std::string(item.text());
    if (item.kind() == Kind::kType) return text + " of " + item.unit();
    return item.kind() == Kind::kQuantity ? text + " '" + item.unit() + "'" : text;
  }
  const std::string type = item.type() == nullptr ? "?" : item.type()->name;
  if (!item.node()) return type + " + @ " + ExpressionOf(item.underscore());
  if (item.node().is_object()) return type + " @ " + ExpressionOf(item.node());
  return type + ' ' + std::string(item.node().text());
}

struct Answer {
  std::vector<std::string> items;
  std::string rule;
  std::string detail;
};

Answer RuleOf(const base::Error& error) {
  const base::Issue& issue = error.outcome.issues().at(0);
  EXPECT_EQ(error.kind, base::ErrorKind::kInvalid);
  return {{}, issue.rule, issue.detail};
}

Answer Ask(std::string_view expression, Node focus, const EvalLimits& limits = {}, CompileOptions options = {}) {
  options.focus = focus ? focus.type() : nullptr;
  const auto compiled = Expression::Compile(expression, TestDefinitions(), options);
  if (!compiled.ok()) return RuleOf(compiled.error());
  const auto items = compiled->Evaluate(focus, LocalEvalContext(kNowMs), limits);
  if (!items.ok()) return RuleOf(items.error());
  Answer answer;
  for (const PathValue& item : *items) answer.items.push_back(Show(item));
  return answer;
}

TEST(Path, Cases) {
  size_t count = 0;
  for (const std::filesystem::path& file : FilesIn(DataDirectory(), ".json")) {
    const auto cases = base::ParseJson(ReadAll(file));
    ASSERT_TRUE(cases.ok()) << file;
    for (const JsonValue& one : cases->items()) {
      const std::string expression(one.StringAt("expression"));
      SCOPED_TRACE(file.filename().string() + ": " + expression);
      CompileOptions options;
      if (one.StringAt("as") == "filters") options.as = CompileOptions::As::kFilters;
      if (one.StringAt("types") == "checked") options.types = CompileOptions::Types::kChecked;
      if (one.StringAt("types") == "strict") options.types = CompileOptions::Types::kStrict;
      const Answer answer = Ask(expression, Subject(std::string(one.StringAt("on"))).root(), {}, options);
      std::vector<std::string> want;
      for (const JsonValue& item : one["want"].items()) want.push_back(item.text());
      EXPECT_EQ(answer.items, want) << answer.rule << " " << answer.detail;
      EXPECT_EQ(answer.rule, one.StringAt("error")) << answer.detail;
      if (!one.StringAt("detail").empty()) {
        EXPECT_EQ(answer.detail, one.StringAt("detail"));
      }
      ++count;
    }
  }
  EXPECT_GE(count, 300u);
}

TEST(Path, ParserCases) {
  const std::string text = ReadAll(DataDirectory() / "parse.tsv");
  size_t count = 0;
  for (const std::string_view line : base::Split(text, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const size_t tab = line.find('\t');
    const std::string_view expression = line.substr(0, tab);
    const std::string_view want = line.substr(tab + 1);
    const auto ast = ParsePath(expression);
    if (want.starts_with('!')) {
      ASSERT_FALSE(ast.ok()) << line;
      EXPECT_EQ(RuleOf(ast.error()).rule, "path.syntax") << line;
      EXPECT_EQ(RuleOf(ast.error()).detail, want.substr(1)) << line;
    } else {
      ASSERT_TRUE(ast.ok()) << line << ": " << RuleOf(ast.error()).detail;
      EXPECT_EQ(DumpAst(**ast), want) << line;
    }
    ++count;
  }
  EXPECT_GE(count, 60u);
}

std::string Repeat(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Path, BoundsTheText) {
  const Node patient = Subject("patient").root();
  EXPECT_EQ(Ask("a" + Repeat(" | a", 1'000'000), patient).rule, "path.too-costly");
  EXPECT_EQ(Ask("id" + Repeat(" | id", 10'000), patient).items, std::vector<std::string>{"string p1"});
  EXPECT_EQ(Ask("id" + Repeat(".id", 20'000), patient).items, std::vector<std::string>{});
  EXPECT_EQ(Ask("1" + Repeat("+1", 30'000), patient).items, std::vector<std::string>{"Integer 30001"});
  EXPECT_EQ(Ask("id" + Repeat(" as string", 5'000), patient).items, std::vector<std::string>{"string p1"});
  EXPECT_EQ(Ask(Repeat("(", 64) + "1" + Repeat(")", 64), patient).items, std::vector<std::string>{"Integer 1"});
  for (const char* opens : {"(", "-", "a(", "a[", "a.b(1, "}) {
    EXPECT_EQ(Ask(Repeat(opens, 10'000) + "1", patient).rule, "path.too-costly") << opens;
  }
  EXPECT_EQ(Ask(Repeat("true and (", 10'000) + "1", patient).rule, "path.too-costly");
}

TEST(Path, BoundsTheWork) {
  const Node patient = Subject("patient").root();
  EXPECT_EQ(Ask("descendants().count()", patient, {.steps_max = 20}).rule, "path.too-costly");
  EXPECT_EQ(Ask("descendants()", patient, {.items_max = 5}).rule, "path.too-costly");
  EXPECT_EQ(Ask("Patient.name.given", patient, {.steps_max = 3}).rule, "path.too-costly");
  const std::string many = "(1" + Repeat("|2|3|4|5|6|7|8|9", 1) + ")";
  // What grows by itself: lists that double, texts that double, products of lists.
  const std::string doubling = many + ".combine(" + many + ").combine(" + many + ")";
  EXPECT_EQ(Ask(doubling + ".aggregate($total.combine($total), 1 | 2)", patient).rule, "path.too-costly");
  EXPECT_EQ(Ask("descendants().aggregate($total & $total, 'abcdefgh')", patient).rule, "path.too-costly");
  std::string nested = "$this";
  for (int i = 0; i < 12; ++i) nested = "name.given.select(%context.select(" + nested + "))";
  EXPECT_EQ(Ask(nested, patient).rule, "path.too-costly");
  EXPECT_EQ(Ask("repeat('x' & $this.toString())", patient).rule, "path.too-costly");
  EXPECT_EQ(Ask("'x'.repeat('x' & $this)", patient).rule, "path.too-costly");
  EXPECT_EQ(Ask("'" + Repeat("a", 30'000) + "'.matches('" + Repeat("(a*)*", 20) + "b')", patient).items,
            std::vector<std::string>{"Boolean false"});
}

TEST(Path, LongListsStayLinear) {
  std::string text = R"({"resourceType":"Patient","name":[)";
  for (int i = 0; i < 20'000; ++i) {
    text += (i == 0 ? "" : ",") + (R"({"family":"n)" + std::to_string(i % 10'000)) + R"("})";
  }
  const std::vector<std::string> want{"Integer 10000"};
  const Tree patient = MustParse(text + "]}");
  EXPECT_EQ(Ask("Patient.name.family.distinct().count()", patient.root()).items, want);
  EXPECT_EQ(Ask("Patient.name.distinct().count()", patient.root()).items, want);
}

TEST(Path, ItemsOutliveTheExpression) {
  Collection items;
  const std::string text = "Patient.name.family | 'computed and long enough to be on the heap'";
  {
    const auto compiled = Expression::Compile(text, TestDefinitions());
    ASSERT_TRUE(compiled.ok());
    EXPECT_EQ(compiled->text(), text);
    auto evaluated = compiled->Evaluate(Subject("patient").root(), LocalEvalContext(kNowMs));
    ASSERT_TRUE(evaluated.ok());
    items = std::move(*evaluated);
  }
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].text(), "Wang");
  EXPECT_EQ(items[1].text(), "computed and long enough to be on the heap");
}

TEST(Path, FocusMayBeInside) {
  const Node contained = Subject("patient").root().Member("contained").first_child();
  EXPECT_EQ(Ask("Organization.name", contained).items, std::vector<std::string>{"string Street Clinic"});
  EXPECT_EQ(Ask("%resource.id", contained.Member("name")).items, std::vector<std::string>{"string o1"});
  EXPECT_EQ(Ask("%rootResource.id", contained).items, std::vector<std::string>{"string p1"});
  const Node in_bundle = Subject("bundle").root().Member("entry").first_child().Member("resource");
  EXPECT_EQ(Ask("%rootResource.gender", in_bundle.Member("id")).items, std::vector<std::string>{"code male"});
}

// A context that knows one resource more.
class OneResource : public LocalEvalContext {
 public:
  explicit OneResource(const Tree& tree) : LocalEvalContext(kNowMs), tree_(tree) {}
  const Tree* Resolve(std::string_view reference, Node) const override {
    return reference == "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" ? &tree_ : nullptr;
  }
  std::optional<bool> MemberOf(Node coded, std::string_view value_set) const override {
    return value_set == "http://example.org/vs" ? std::optional(coded.text() == "female") : std::nullopt;
  }

 private:
  const Tree& tree_;
};

TEST(Path, AsksTheContext) {
  const Tree doctor = MustParse(R"({"resourceType":"Practitioner","id":"d2","gender":"male"})");
  const OneResource context(doctor);
  const auto ask = [&](std::string_view text) {
    const auto compiled = Expression::Compile(text, TestDefinitions());
    const auto items = compiled->Evaluate(Subject("patient").root(), context);
    return items.ok() && items->size() == 1 ? Show(items->front()) : std::string("none");
  };
  EXPECT_EQ(ask("Patient.generalPractitioner.resolve().ofType(Practitioner).gender"), "code male");
  EXPECT_EQ(ask("Patient.generalPractitioner[2].resolve() is Practitioner"), "Boolean true");
  EXPECT_EQ(ask("Patient.gender.memberOf('http://example.org/vs')"), "Boolean true");
  EXPECT_EQ(ask("Patient.gender.memberOf('http://example.org/other')"), "none");
}

TEST(Decimal, ComparesTextsOfAnyLength) {
  EXPECT_EQ(CompareNumberTexts("1", "1.000"), 0);
  EXPECT_EQ(CompareNumberTexts("-0", "0.0e5"), 0);
  EXPECT_EQ(CompareNumberTexts("1e3", "1000"), 0);
  EXPECT_EQ(CompareNumberTexts("1e-400", "2e-400"), -1);
  EXPECT_EQ(CompareNumberTexts("-1e400", "1"), -1);
  EXPECT_EQ(CompareNumberTexts("-2", "-1"), -1);
  EXPECT_EQ(CompareNumberTexts("0.1", "0.09"), 1);
  const std::string long_one = "12345678901234567890123456789012345678901234567890";
  EXPECT_EQ(CompareNumberTexts(long_one + "1", long_one + "0"), 1);
  EXPECT_EQ(NormalNumberText("1.50e2"), NormalNumberText("150"));
}

TEST(Decimal, OverflowIsNoAnswer) {
  EXPECT_FALSE(Decimal::Parse("1e400"));
  EXPECT_FALSE(Decimal::Parse("1."));
  EXPECT_FALSE(Decimal::Parse(""));
  const auto big = Decimal::Parse("99999999999999999999999999999999999999");
  ASSERT_TRUE(big);
  EXPECT_FALSE(big->Times(*big));
  EXPECT_EQ(big->ToString(), "99999999999999999999999999999999999999");
  EXPECT_EQ(Decimal::Parse("-1.50")->Normalized().ToString(), "-1.5");
  EXPECT_EQ(Decimal::Parse("-2.5")->Rounded(0)->ToString(), "-3");
}

}  // namespace
}  // namespace heyi::fhir
