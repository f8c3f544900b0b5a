#include "mapping/fml/parse_rule.h"

#include <algorithm>
#include <utility>

#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;
using Map = StructureMap;
using Parameter = StructureMap::Parameter;

// `src.a.b` -> context src, element a.b.
void SplitPath(std::vector<std::string> steps, std::string& context, std::string& element) {
  context = std::move(steps[0]);
  for (size_t i = 1; i < steps.size(); ++i) {
    if (i > 1) element += '.';
    element += AsElementStep(steps[i]);
  }
}

void MakeIdentity(Map::Rule& rule) {
  rule.sources[0].variable = kIdentityVariable;
  rule.targets[0].variable = kIdentityVariable;
  rule.targets[0].transform = "create";
}

// Nothing but `a.b -> c.d` was said.
bool IsBare(const Map::Rule& rule) {
  if (rule.sources.size() != 1 || rule.targets.size() != 1) return false;
  if (!rule.dependents.empty() || !rule.rules.empty()) return false;
  Map::Source source;
  source.context = rule.sources[0].context;
  source.element = rule.sources[0].element;
  Map::Target target;
  target.context = rule.targets[0].context;
  target.element = rule.targets[0].element;
  return rule.sources[0] == source && rule.targets[0] == target;
}

}  // namespace

Result<std::string> TakeName(FmlCursor& cursor, std::string_view expected) {
  if (!cursor.now().IsName()) return cursor.Fail(expected);
  return std::string(cursor.Take().text);
}

Result<std::vector<std::string>> TakeQualified(FmlCursor& cursor, std::string_view expected) {
  std::vector<std::string> steps;
  do {
    HEYI_TRY(name, TakeName(cursor, expected));
    if (name.find('`') != std::string::npos) return cursor.Fail(expected);
    // A choice may be called as its definition is: value[x].
    if (cursor.now().Is("[") && cursor.Ahead(1).IsWord("x") && cursor.Ahead(2).Is("]")) {
      for (int i = 0; i < 3; ++i) cursor.Take();
    }
    steps.push_back(std::move(name));
  } while (cursor.TakeIf("."));
  return steps;
}

std::string FmlRuleParser::RemarkBehind() const {
  const FmlToken& last = cursor_.token(cursor_.at() - 1);
  if (cursor_.now().kind != FmlTokenKind::kEnd && cursor_.now().position.line == last.position.line) return {};
  const auto found = std::lower_bound(remarks_.begin(), remarks_.end(), last.position.line,
                                      [](const FmlRemark& remark, uint32_t line) { return remark.line < line; });
  return found != remarks_.end() && found->line == last.position.line ? found->text : std::string();
}

Result<std::vector<Map::Rule>> FmlRuleParser::Rules(size_t depth) {
  if (depth > kFmlDepthMax) {
    return Error(ErrorKind::kInvalid, "fml.too-deep", FmlPlace(cursor_.file(), cursor_.now().position),
        std::to_string(kFmlDepthMax));
  }
  std::vector<Rule> rules;
  while (!cursor_.TakeIf("}")) {
    if (cursor_.now().kind == FmlTokenKind::kEnd) return cursor_.Fail("}");
    auto taken = OneRule(rules, depth);
    if (taken.ok()) continue;
    outcome_.Append(std::move(taken).error().outcome);
    if (outcome_.issues().size() >= kFmlIssuesMax) return Error(ErrorKind::kInvalid, base::Outcome());
    SkipBroken();
  }
  return rules;
}

// To behind the next `;` of this level, or before the brace that closes it.
void FmlRuleParser::SkipBroken() {
  size_t open = 0;
  while (cursor_.now().kind != FmlTokenKind::kEnd) {
    if (cursor_.now().Is("{")) ++open;
    if (cursor_.now().Is("}")) {
      if (open == 0) return;
      --open;
    }
    if (cursor_.Take().Is(";") && open == 0) return;
  }
}

Result<Done> FmlRuleParser::OneRule(std::vector<Rule>& rules, size_t depth) {
  Rule rule;
  rule.position = cursor_.now().position;
  do {
    HEYI_TRY(source, Source());
    rule.sources.push_back(std::move(source));
  } while (cursor_.TakeIf(","));
  if (cursor_.TakeIf("->")) {
    do {
      HEYI_TRY(target, Target());
      rule.targets.push_back(std::move(target));
      if (cursor_.now().Is(":") && IsBare(rule)) return Batch(rule, rules);
    } while (cursor_.TakeIf(","));
  }
  if (cursor_.TakeIfWord("then")) HEYI_CHECK(Dependents(rule, depth));
  if (IsBare(rule)) MakeIdentity(rule);
  HEYI_CHECK(End(rule.name, rule.documentation));
  rules.push_back(std::move(rule));
  return Done{};
}

// `"name";` and what is remarked behind it.
Result<Done> FmlRuleParser::End(std::string& name, std::string& documentation) {
  const FmlToken& token = cursor_.now();
  if (token.kind == FmlTokenKind::kDouble || token.kind == FmlTokenKind::kString || token.IsName()) {
    name = cursor_.Take().text;
  }
  HEYI_CHECK(cursor_.Expect(";"));
  documentation = RemarkBehind();
  return Done{};
}

// `src -> tgt: a, b;` is short for `src.a -> tgt.a; src.b -> tgt.b;`.
Result<Done> FmlRuleParser::Batch(const Rule& rule, std::vector<Rule>& rules) {
  cursor_.Take();
  const size_t first = rules.size();
  do {
    HEYI_TRY(name, TakeName(cursor_, "identifier"));
    Rule& one = rules.emplace_back(rule);
    const std::string step = AsElementStep(name);
    for (std::string* element : {&one.sources[0].element, &one.targets[0].element}) {
      if (!element->empty()) *element += '.';
      *element += step;
    }
    MakeIdentity(one);
  } while (cursor_.TakeIf(","));
  std::string name;
  std::string documentation;
  HEYI_CHECK(End(name, documentation));
  for (size_t i = first; i < rules.size(); ++i) {
    rules[i].documentation = documentation;
    // Names are of one rule each.
    if (!name.empty()) rules[i].name = i == first ? name : name + "_" + std::to_string(i - first + 1);
  }
  return Done{};
}

Result<Map::Source> FmlRuleParser::Source() {
  Map::Source source;
  source.position = cursor_.now().position;
  HEYI_TRY(path, TakeQualified(cursor_, "source"));
  SplitPath(std::move(path), source.context, source.element);
  while (true) {
    HEYI_TRY(taken, SourceClause(source));
    if (!taken) return source;
  }
}

// One of the clauses behind a source, each at most once; the grammar's order is not asked for.
Result<bool> FmlRuleParser::SourceClause(Map::Source& source) {
  const FmlToken& token = cursor_.now();
  if (source.type.empty() && token.Is(":")) {
    cursor_.Take();
    HEYI_TRY(type, TakeQualified(cursor_, "type"));
    for (const std::string& step : type) source.type += (source.type.empty() ? "" : ".") + step;
    return true;
  }
  if (!source.min && token.kind == FmlTokenKind::kInteger) {
    if (token.text.size() > 9) return cursor_.Fail("min..max");
    source.min = static_cast<uint32_t>(std::stoul(cursor_.Take().text));
    HEYI_CHECK(cursor_.Expect(".."));
    if (cursor_.now().kind != FmlTokenKind::kInteger && !cursor_.now().Is("*")) return cursor_.Fail("max");
    if (cursor_.now().text.size() > 9) return cursor_.Fail("max");
    source.max = cursor_.Take().text;
    return true;
  }
  if (source.default_value.empty() && token.IsWord("default")) {
    HEYI_TRY(value, Default());
    source.default_value = std::move(value);
    return true;
  }
  if (!source.list_mode && token.kind == FmlTokenKind::kName && SourceListModeOf(token.text)) {
    source.list_mode = SourceListModeOf(cursor_.Take().text);
    return true;
  }
  if (source.variable.empty() && token.IsWord("as")) {
    cursor_.Take();
    HEYI_TRY(variable, TakeName(cursor_, "variable"));
    source.variable = std::move(variable);
    return true;
  }
  for (const auto& [word, member] : {std::pair("where", &Map::Source::condition),
      std::pair("check", &Map::Source::check),
                                     std::pair("log", &Map::Source::log_message)}) {
    if (!(source.*member).empty() || !token.IsWord(word)) continue;
    cursor_.Take();
    HEYI_TRY(condition, Condition());
    source.*member = std::move(condition);
    return true;
  }
  return false;
}

// An expression in brackets, in double quotes (very old), or as it stands.
Result<std::string> FmlRuleParser::Condition() {
  const FmlToken& token = cursor_.now();
  if (token.kind == FmlTokenKind::kDouble) {
    auto inner = LexFml(cursor_.file(), token.text);
    if (!inner.ok()) return cursor_.Fail("FHIRPath");
    FmlCursor quoted(cursor_.file(), inner->tokens);
    if (!SkipExpression(quoted, true).ok() || quoted.now().kind != FmlTokenKind::kEnd) return cursor_.Fail("FHIRPath");
    cursor_.Take();
    return ExpressionText(quoted, 0, quoted.at());
  }
  const size_t begin = cursor_.at();
  HEYI_CHECK(SkipExpression(cursor_, true));
  return ExpressionText(cursor_, begin, cursor_.at());
}

Result<std::string> FmlRuleParser::Default() {
  cursor_.Take();
  const size_t begin = cursor_.at();
  if (cursor_.TakeIf("(")) {
    HEYI_CHECK(SkipExpression(cursor_, true));
    HEYI_CHECK(cursor_.Expect(")"));
  } else {
    cursor_.TakeIf("-");
    if (!LiteralOf(cursor_.now())) return cursor_.Fail("default (…)");
    cursor_.Take();
  }
  return ExpressionText(cursor_, begin, cursor_.at());
}

Result<Map::Target> FmlRuleParser::Target() {
  Map::Target target;
  target.position = cursor_.now().position;
  if (cursor_.now().Is("(")) {
    HEYI_CHECK(Transform(target));
  } else if (cursor_.now().IsName() && cursor_.Ahead(1).Is("(")) {
    HEYI_CHECK(Invocation(target.transform, target.parameters));
  } else {
    HEYI_TRY(path, TakeQualified(cursor_, "target"));
    SplitPath(std::move(path), target.context, target.element);
    if (cursor_.TakeIf("=")) HEYI_CHECK(Transform(target));
  }
  while (cursor_.now().kind == FmlTokenKind::kName) {
    if (target.variable.empty() && cursor_.TakeIfWord("as")) {
      HEYI_TRY(variable, TakeName(cursor_, "variable"));
      target.variable = std::move(variable);
      continue;
    }
    const auto mode = TargetListModeOf(cursor_.now().text);
    if (!mode) break;
    if (std::find(target.list_modes.begin(), target.list_modes.end(), *mode) != target.list_modes.end()) break;
    cursor_.Take();
    target.list_modes.push_back(*mode);
    if (*mode != Map::TargetListMode::kShare) continue;
    // The corpora name the shared item, with and without quotes; a name that is a word of the language is one all the same.
    if (cursor_.now().kind == FmlTokenKind::kDouble || cursor_.now().kind == FmlTokenKind::kString) {
      target.list_rule_id = cursor_.Take().text;
    } else {
      HEYI_TRY(id, TakeName(cursor_, "share …"));
      target.list_rule_id = std::move(id);
    }
  }
  return target;
}

// A literal, a variable, a transform with its parameters, or FHIRPath.
Result<Done> FmlRuleParser::Transform(Map::Target& target) {
  const size_t begin = cursor_.at();
  if (cursor_.TakeIf("(")) {
    HEYI_CHECK(SkipExpression(cursor_, true));
    HEYI_CHECK(cursor_.Expect(")"));
    target.transform = "evaluate";
    target.parameters.push_back({Parameter::Kind::kExpression, ExpressionText(cursor_, begin, cursor_.at())});
    return Done{};
  }
  if (cursor_.now().IsName() && cursor_.Ahead(1).Is("(")) return Invocation(target.transform, target.parameters);
  HEYI_CHECK(SkipExpression(cursor_, false));
  Parameter parameter = ParameterOf(cursor_, begin, cursor_.at());
  target.transform = parameter.kind == Parameter::Kind::kExpression ? "evaluate" : "copy";
  target.parameters.push_back(std::move(parameter));
  return Done{};
}

Result<Done> FmlRuleParser::Invocation(std::string& name, std::vector<Parameter>& parameters) {
  HEYI_TRY(called, TakeName(cursor_, "name"));
  name = std::move(called);
  HEYI_CHECK(cursor_.Expect("("));
  if (cursor_.TakeIf(")")) return Done{};
  size_t begin = 0;
  size_t end = 0;
  do {
    begin = cursor_.at();
    HEYI_CHECK(SkipExpression(cursor_, true));
    end = cursor_.at();
    parameters.push_back(ParameterOf(cursor_, begin, end));
  } while (cursor_.TakeIf(","));
  // What is evaluated is an expression, also where it is a mere literal or name.
  if (name == "evaluate") parameters.back() = {Parameter::Kind::kExpression, ExpressionText(cursor_, begin, end)};
  return cursor_.Expect(")");
}

// then A(x), B(y) { … }
Result<Done> FmlRuleParser::Dependents(Rule& rule, size_t depth) {
  if (!cursor_.now().Is("{")) {
    do {
      Map::Dependent dependent;
      dependent.position = cursor_.now().position;
      HEYI_CHECK(Invocation(dependent.name, dependent.parameters));
      rule.dependents.push_back(std::move(dependent));
    } while (cursor_.TakeIf(","));
  }
  if (!cursor_.TakeIf("{")) return Done{};
  HEYI_TRY(rules, Rules(depth + 1));
  rule.rules = std::move(rules);
  return Done{};
}

}  // namespace heyi::mapping
