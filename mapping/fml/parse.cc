#include "mapping/fml/parse.h"

#include <utility>

#include "mapping/fml/parse_rule.h"
#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;
using Map = StructureMap;

// What a relation of a conceptmap is in R4. https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html
constexpr std::pair<std::string_view, std::string_view> kRelations[] = {
    {"-", "relatedto"}, {"==", "equivalent"}, {"=", "equal"},        {"!=", "disjoint"}, {"<=", "wider"},
    {">=", "narrower"}, {"<-", "subsumes"},   {">-", "specializes"}, {"~", "inexact"},   {"--", "unmatched"}};

bool IsText(const FmlToken& token) { return token.kind == FmlTokenKind::kDouble ||
    token.kind == FmlTokenKind::kString; }

class FmlParser {
 public:
  FmlParser(std::string_view file, const FmlTokens& tokens)
      : cursor_(file, tokens.tokens), rules_(cursor_, tokens.remarks, outcome_) {
    map_.file = file;
  }

  Result<Map> Run() {
    while (cursor_.now().kind != FmlTokenKind::kEnd && outcome_.issues().size() < kFmlIssuesMax) {
      auto taken = cursor_.now().IsWord("group") ? Group() : map_.groups.empty() ? HeadItem() : cursor_.Fail("group");
      if (taken.ok()) continue;
      outcome_.Append(std::move(taken).error().outcome);
      SkipBroken();
    }
    if (outcome_.empty() && map_.groups.empty()) outcome_.Append(cursor_.Fail("group").outcome);
    if (!outcome_.empty()) return Error(ErrorKind::kInvalid, std::move(outcome_));
    return std::move(map_);
  }

 private:
  Result<Done> HeadItem() {
    if (cursor_.now().kind == FmlTokenKind::kMetadata) return Metadata();
    if (cursor_.TakeIfWord("map")) return MapName();
    if (cursor_.TakeIfWord("conceptmap")) return ConceptMap();
    if (cursor_.TakeIfWord("uses")) return Uses();
    if (cursor_.TakeIfWord("imports")) {
      HEYI_TRY(url, Text("imports \"…\""));
      map_.imports.push_back(std::move(url));
      return Done{};
    }
    if (cursor_.TakeIfWord("let")) return Constant();
    return cursor_.Fail("map, uses, imports, conceptmap, let, group");
  }

  // To the next item of the head or group.
  void SkipBroken() {
    cursor_.Take();
    while (cursor_.now().kind != FmlTokenKind::kEnd) {
      const FmlToken& token = cursor_.now();
      if (token.kind == FmlTokenKind::kMetadata && map_.groups.empty()) return;
      if (token.IsWord("group") && cursor_.Ahead(1).IsName() && cursor_.Ahead(2).Is("(")) return;
      if (map_.groups.empty() && (token.IsWord("uses") || token.IsWord("imports")) && IsText(cursor_.Ahead(1))) return;
      cursor_.Take();
    }
  }

  Result<std::string> Text(std::string_view expected) {
    if (!IsText(cursor_.now())) return cursor_.Fail(expected);
    return std::string(cursor_.Take().text);
  }

  // map "url" = "name"
  Result<Done> MapName() {
    HEYI_TRY(url, Text("map \"…\""));
    map_.url = std::move(url);
    HEYI_CHECK(cursor_.Expect("="));
    if (!IsText(cursor_.now()) && !cursor_.now().IsName()) return cursor_.Fail("name");
    map_.name = cursor_.Take().text;
    return Done{};
  }

  // /// name = 'value'; the value may be left out, but stands on the same line.
  Result<Done> Metadata() {
    const uint32_t line = cursor_.Take().position.line;
    HEYI_TRY(steps, TakeQualified(cursor_, "/// name"));
    Map::Metadata item;
    for (const std::string& step : steps) item.path += (item.path.empty() ? "" : ".") + step;
    HEYI_CHECK(cursor_.Expect("="));
    const FmlToken& token = cursor_.now();
    using Kind = Map::Metadata::Kind;
    if (token.position.line == line) {
      switch (token.kind) {
        case FmlTokenKind::kString: case FmlTokenKind::kDouble: item.kind = Kind::kString; break;
        case FmlTokenKind::kMarkdown: item.kind = Kind::kMarkdown; break;
        case FmlTokenKind::kInteger: case FmlTokenKind::kDecimal: item.kind = Kind::kNumber; break;
        case FmlTokenKind::kDate: case FmlTokenKind::kDateTime: item.kind = Kind::kDate; break;
        case FmlTokenKind::kName:
          if (token.text == "true" || token.text == "false") item.kind = Kind::kBoolean;
          break;
        default: break;
      }
      if (item.kind == Kind::kNone && token.kind != FmlTokenKind::kEnd) return cursor_.Fail("'…'");
      if (item.kind != Kind::kNone) item.value = cursor_.Take().text;
    }
    if (std::string* member = Dedicated(item); member != nullptr) {
      *member = std::move(item.value);
    } else {
      map_.metadata.push_back(std::move(item));
    }
    return Done{};
  }

  std::string* Dedicated(const Map::Metadata& item) {
    if (item.kind != Map::Metadata::Kind::kString && item.kind != Map::Metadata::Kind::kMarkdown) return nullptr;
    if (item.path == "description") return &map_.description;
    if (item.kind == Map::Metadata::Kind::kMarkdown) return nullptr;
    for (const auto& [name, member] : {std::pair("url", &map_.url), std::pair("name", &map_.name),
        std::pair("version", &map_.version),
                                       std::pair("title", &map_.title), std::pair("status", &map_.status)}) {
      if (item.path == name) return member;
    }
    return nullptr;
  }

  // uses "url" alias X as source
  Result<Done> Uses() {
    Map::Structure structure;
    structure.position = cursor_.now().position;
    HEYI_TRY(url, Text("uses \"…\""));
    structure.url = std::move(url);
    if (cursor_.TakeIfWord("alias")) {
      if (IsText(cursor_.now())) {
        structure.alias = cursor_.Take().text;
      } else {
        HEYI_TRY(alias, TakeName(cursor_, "alias"));
        structure.alias = std::move(alias);
      }
    }
    if (!cursor_.TakeIfWord("as")) return cursor_.Fail("as");
    const auto mode = ModelModeOf(cursor_.now().text);
    if (cursor_.now().kind != FmlTokenKind::kName || !mode) return cursor_.Fail("source, queried, target, produced");
    cursor_.Take();
    structure.mode = *mode;
    structure.documentation = rules_.RemarkBehind();
    map_.structures.push_back(std::move(structure));
    return Done{};
  }

  // let name = FHIRPath;
  Result<Done> Constant() {
    Map::Constant constant;
    constant.position = cursor_.now().position;
    HEYI_TRY(name, TakeName(cursor_, "let …"));
    constant.name = std::move(name);
    HEYI_CHECK(cursor_.Expect("="));
    const size_t begin = cursor_.at();
    HEYI_CHECK(SkipExpression(cursor_, true));
    constant.expression = ExpressionText(cursor_, begin, cursor_.at());
    HEYI_CHECK(cursor_.Expect(";"));
    map_.constants.push_back(std::move(constant));
    return Done{};
  }

  Result<Done> ConceptMap();
  Result<std::string> Code();
  Result<Done> ConceptRow(JsonValue& groups, const std::vector<std::pair<std::string, std::string>>& prefixes);

  // group name(source a : A, target b : B) extends Base <<types>> { … }
  Result<Done> Group() {
    cursor_.Take();
    Map::Group group;
    group.position = cursor_.now().position;
    HEYI_TRY(name, TakeName(cursor_, "group …"));
    group.name = std::move(name);
    HEYI_CHECK(cursor_.Expect("("));
    do {
      HEYI_TRY(input, Input());
      group.inputs.push_back(std::move(input));
    } while (cursor_.TakeIf(","));
    HEYI_CHECK(cursor_.Expect(")"));
    HEYI_CHECK(GroupMode(group));
    if (cursor_.TakeIfWord("extends")) {
      HEYI_TRY(base, TakeName(cursor_, "extends …"));
      group.extends = std::move(base);
    }
    HEYI_CHECK(GroupMode(group));
    HEYI_CHECK(cursor_.Expect("{"));
    group.documentation = rules_.RemarkBehind();
    HEYI_TRY(rules, rules_.Rules(0));
    group.rules = std::move(rules);
    map_.groups.push_back(std::move(group));
    return Done{};
  }

  Result<Done> GroupMode(Map::Group& group) {
    if (group.type_mode != Map::TypeMode::kNone || !cursor_.TakeIf("<<")) return Done{};
    std::string word = cursor_.Take().text;
    while (!cursor_.now().Is(">>") && (cursor_.now().Is("+") || cursor_.now().Is("-") || cursor_.now().IsName())) {
      word += cursor_.Take().text;
    }
    const auto mode = TypeModeOf(word);
    if (!mode) return cursor_.Fail("<<types>>, <<type+>>");
    group.type_mode = *mode;
    return cursor_.Expect(">>");
  }

  Result<Map::Input> Input() {
    Map::Input input;
    input.position = cursor_.now().position;
    const auto mode = InputModeOf(cursor_.now().text);
    if (cursor_.now().kind != FmlTokenKind::kName || !mode) return cursor_.Fail("source, target");
    cursor_.Take();
    input.mode = *mode;
    HEYI_TRY(name, TakeName(cursor_, "name"));
    input.name = std::move(name);
    if (cursor_.TakeIf(":")) {
      if (IsText(cursor_.now())) {
        input.type = cursor_.Take().text;
      } else {
        HEYI_TRY(type, TakeQualified(cursor_, "type"));
        for (const std::string& step : type) input.type += (input.type.empty() ? "" : ".") + step;
      }
    }
    return input;
  }

  base::Outcome outcome_;
  FmlCursor cursor_;
  FmlRuleParser rules_;
  Map map_;
};

// conceptmap "id" { prefix s = "…" prefix t = "…" s:a == t:b }
Result<Done> FmlParser::ConceptMap() {
  HEYI_TRY(id, Text("conceptmap \"…\""));
  if (id.starts_with('#')) id.erase(0, 1);
  HEYI_CHECK(cursor_.Expect("{"));
  std::vector<std::pair<std::string, std::string>> prefixes;
  while (cursor_.now().IsWord("prefix") && !cursor_.Ahead(1).Is(":")) {
    cursor_.Take();
    HEYI_TRY(name, TakeName(cursor_, "prefix …"));
    HEYI_CHECK(cursor_.Expect("="));
    HEYI_TRY(url, Text("\"…\""));
    prefixes.emplace_back(std::move(name), std::move(url));
  }
  JsonValue groups = JsonValue::Array();
  while (!cursor_.TakeIf("}")) {
    if (cursor_.now().kind == FmlTokenKind::kEnd) return cursor_.Fail("}");
    HEYI_CHECK(ConceptRow(groups, prefixes));
  }
  JsonValue json = JsonValue::Object();
  json.Set("resourceType", JsonValue::OfString("ConceptMap"));
  json.Set("id", JsonValue::OfString(id));
  json.Set("status", JsonValue::OfString("draft"));
  if (!groups.items().empty()) json.Set("group", std::move(groups));
  map_.contained.push_back({std::move(id), std::move(json)});
  return Done{};
}

// A code without quotes: what stands together without blanks.
Result<std::string> FmlParser::Code() {
  if (IsText(cursor_.now())) return std::string(cursor_.Take().text);
  std::string code;
  size_t end = 0;
  while (code.empty() || cursor_.now().begin == end) {
    const FmlToken& token = cursor_.now();
    const bool part = token.kind == FmlTokenKind::kName || token.kind == FmlTokenKind::kDelimited ||
                      token.kind == FmlTokenKind::kInteger || token.kind == FmlTokenKind::kDecimal ||
                      (!code.empty() && (token.Is("-") || token.Is(".")));
    if (!part) break;
    code += token.text;
    end = token.end;
    cursor_.Take();
  }
  if (code.empty()) return cursor_.Fail("code");
  return code;
}

// s:a == t:b, or s:a --
Result<Done> FmlParser::ConceptRow(JsonValue& groups, const std::vector<std::pair<std::string,
    std::string>>& prefixes) {
  const auto system = [&]() -> Result<std::string> {
    HEYI_TRY(name, TakeName(cursor_, "prefix"));
    for (const auto& [prefix, url] : prefixes) {
      if (prefix == name) return url;
    }
    return cursor_.Fail("prefix " + name);
  };
  HEYI_TRY(source, system());
  HEYI_CHECK(cursor_.Expect(":"));
  HEYI_TRY(code, Code());
  std::string_view relation;
  for (const auto& [symbol, word] : kRelations) {
    if (cursor_.now().Is(symbol)) relation = word;
  }
  if (relation.empty()) return cursor_.Fail("-");
  cursor_.Take();
  JsonValue target = JsonValue::Object();
  std::string target_system;
  if (relation != "unmatched") {
    HEYI_TRY(url, system());
    HEYI_CHECK(cursor_.Expect(":"));
    HEYI_TRY(target_code, Code());
    target.Set("code", JsonValue::OfString(target_code));
    target_system = std::move(url);
  }
  target.Set("equivalence", JsonValue::OfString(relation));

  JsonValue* group = nullptr;
  for (JsonValue& known : groups.items()) {
    const std::string_view known_target = known.StringAt("target");
    if (known.StringAt("source") == source && (known_target == target_system || target_system.empty())) group = &known;
  }
  if (group == nullptr) {
    JsonValue made = JsonValue::Object();
    made.Set("source", JsonValue::OfString(source));
    if (!target_system.empty()) made.Set("target", JsonValue::OfString(target_system));
    made.Set("element", JsonValue::Array());
    groups.Append(std::move(made));
    group = &groups.items().back();
  }
  JsonValue& elements = *group->Find("element");
  if (elements.items().empty() || elements.items().back().StringAt("code") != code) {
    JsonValue element = JsonValue::Object();
    element.Set("code", JsonValue::OfString(code));
    element.Set("target", JsonValue::Array());
    elements.Append(std::move(element));
  }
  elements.items().back().Find("target")->Append(std::move(target));
  return Done{};
}

}  // namespace

Result<Map> ParseFml(std::string_view file, std::string_view text) {
  HEYI_TRY(tokens, LexFml(file, text));
  return FmlParser(file, tokens).Run();
}

}  // namespace heyi::mapping
