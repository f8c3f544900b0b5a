#include "mapping/pair/export_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "mapping/fml/expression.h"

namespace heyi::mapping {
namespace {

using adapters::FieldKind;
using Function = Let::Function;

std::string Variable(std::string_view name) { return "%" + AsPathName(name); }

bool IsNumberKind(FieldKind kind) { return kind == FieldKind::kInteger || kind == FieldKind::kDecimal; }

bool IsNumberText(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string JoinTexts(const std::vector<std::string>& parts, std::string_view separator) { return fmt::format("{}", fmt::join(parts, separator)); }

// One condition of a message's selector, on the item in focus.
std::string ConditionText(const FieldCondition& condition) {
  std::string member;
  for (const std::string& step : condition.members) member += (member.empty() ? "" : ".") + AsPathName(step);
  if (condition.value.empty()) return member + (condition.differs ? ".exists()" : ".empty()");
  if (condition.differs) return fmt::format("{}.where($this = {}).empty()", member, AsPathString(condition.value));
  return fmt::format("{} = {}", member, AsPathString(condition.value));
}

std::string MemberText(const fhir::Property& property) {
  const bool choice = property.element->choice && property.element->types.size() > 1;
  return choice ? fmt::format("{}.ofType({})", AsPathName(property.element->name), property.type->name) : AsPathName(property.name);
}

std::optional<std::string> LetText(const MapProgram& program, const Let& let, std::string* reason) {
  constexpr std::pair<Function, std::string_view> kUnsaid[] = {
      {Function::kPersonName, "person-name"}, {Function::kAreaOf, "area-of"}, {Function::kVisitNumber, "visit-number"}};
  for (const auto& [function, name] : kUnsaid) {
    if (let.function != function) continue;
    *reason = fmt::format("%{} is made by {}, which FHIRPath has no function for", let.name, name);
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const Source& argument : let.arguments) {
    std::optional<std::string> value = ValuePath(program, argument, reason);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  if (values.empty()) return "{}";
  if (let.function == Function::kJoin) {
    const std::string all = JoinTexts(values, ".exists() and ") + ".exists()";
    return fmt::format("iif({}, {})", all, JoinTexts(values, fmt::format(" & {} & ", AsPathString(let.separator))));
  }
  if (let.function == Function::kConcat) {
    std::string all = values[0];
    for (size_t i = 1; i < values.size(); ++i) all += fmt::format(".combine({})", values[i]);
    return fmt::format("{}.join({}).where($this != '')", all, AsPathString(let.separator));
  }
  std::string first = values.back();
  for (size_t i = values.size() - 1; i-- > 0;) first = fmt::format("iif({}.exists(), {}, {})", values[i], values[i], first);
  return first;
}

constexpr std::string_view kIdentityPattern = "'^[0-9]{17}[0-9X]$'";

}  // namespace

std::string_view VariableOf(const Source& source) {
  return source.from == Source::From::kItem ? kExportItem : source.from == Source::From::kEnvelope ? kExportEnvelope : kExportMessage;
}

bool IsPlainField(const Source& source) {
  if (source.from == Source::From::kLet || source.from == Source::From::kLiteral) return false;
  return std::none_of(source.field.steps.begin(), source.field.steps.end(), [](const FieldStep& step) { return step.selects(); });
}

std::string FieldText(std::string_view variable, const FieldPath& field) {
  std::string text = Variable(variable);
  for (const FieldStep& step : field.steps) {
    text += "." + AsPathName(step.name);
    if (step.index) text += fmt::format("[{}]", *step.index);
    std::vector<std::string> conditions;
    for (const FieldCondition& condition : step.where) conditions.push_back(ConditionText(condition));
    if (!conditions.empty()) text += fmt::format(".where({})", JoinTexts(conditions, " and "));
    if (!conditions.empty() && step.list) text += ".first()";
  }
  return text;
}

std::optional<std::string> ValuePath(const MapProgram& program, const Source& source, std::string* reason) {
  if (source.from == Source::From::kLiteral) return AsPathString(source.path);
  if (source.from != Source::From::kLet) return FieldText(VariableOf(source), source.field);
  const Let* let = program.FindLet(source.path);
  return let == nullptr ? std::optional<std::string>("{}") : LetText(program, *let, reason);
}

std::string PlaceText(std::string_view variable, const FhirPath& path) {
  std::string text = Variable(variable);
  for (const PathStep& step : path.steps) {
    text += "." + MemberText(*step.property);
    if (step.index) text += fmt::format("[{}]", *step.index);
    std::vector<std::string> conditions;
    for (const Condition& condition : step.where) {
      std::string member;
      for (const fhir::Property* one : condition.members) member += (member.empty() ? "" : ".") + MemberText(*one);
      conditions.push_back(fmt::format("{} = {}", member, AsPathString(condition.value)));
    }
    if (!conditions.empty()) text += fmt::format(".where({})", JoinTexts(conditions, " and "));
    if (!conditions.empty() && step.list) text += ".first()";
  }
  return text;
}

bool IsPlainPlace(const FhirPath& path) {
  return std::all_of(path.steps.begin(), path.steps.end(),
                     [](const PathStep& step) { return !step.list && step.where.empty() && !step.property->element->choice; });
}

std::string IsOneOfTexts(const std::string& value, const std::vector<std::string>& texts, bool numbers) {
  std::vector<std::string> literals;
  for (const std::string& text : texts) literals.push_back(numbers && IsNumberText(text) ? text : AsPathString(text));
  if (literals.size() == 1) return fmt::format("{} = {}", value, literals[0]);
  return fmt::format("{} in ({})", value, JoinTexts(literals, " | "));
}

std::optional<std::string> InwardGuard(const MapProgram& program, const Guard& guard, std::string* reason) {
  const std::optional<std::string> value = ValuePath(program, guard.source, reason);
  if (!value) return std::nullopt;
  const bool numbers = IsNumberKind(guard.source.kind);
  switch (guard.test) {
    case Guard::Test::kExists: return *value + ".exists()";
    case Guard::Test::kMissing: return *value + ".empty()";
    case Guard::Test::kIs: return IsOneOfTexts(*value, guard.values, numbers);
    case Guard::Test::kIsNot: return fmt::format("{}.where({}).empty()", *value, IsOneOfTexts("$this", guard.values, numbers));
  }
  return std::nullopt;
}

std::string OutwardGuard(std::string_view variable, const Guard& guard) {
  const std::string place = PlaceText(variable, guard.path);
  std::vector<std::string> tested;
  const bool bare = guard.path.end->is_primitive() && guard.path.end->json == fhir::JsonKind::kBool;
  switch (guard.test) {
    case Guard::Test::kExists: return place + ".exists()";
    case Guard::Test::kMissing: return place + ".empty()";
    case Guard::Test::kIs:
    case Guard::Test::kIsNot: break;
  }
  const std::string value = bare ? "$this.toString()" : "$this";
  const std::string any = IsOneOfTexts(value, guard.values, guard.path.end->json == fhir::JsonKind::kNumber);
  return fmt::format("{}.where({}).{}", place, any, guard.test == Guard::Test::kIs ? "exists()" : "empty()");
}

std::optional<std::string> InwardLens(const MapProgram& program, const Lens& lens, const std::string& value, bool date_only, std::string* reason) {
  switch (lens.kind) {
    case Lens::Kind::kCopy:
    case Lens::Kind::kIdentityNumber:
    case Lens::Kind::kTable: return std::string();
    case Lens::Kind::kTime:
      if (date_only) return fmt::format("{}.substring(0, 10)", value);
      return fmt::format("iif({0}.length() > 10, {0}.substring(0, 10) & 'T' & {0}.substring(11) & '+08:00', {0})", value);
    case Lens::Kind::kBirthDate:
      return fmt::format("{0}.substring(6, 4) & '-' & {0}.substring(10, 2) & '-' & {0}.substring(12, 2)", value);
    case Lens::Kind::kFlag: return fmt::format("{} in ('1' | 'true' | '是')", value);
    case Lens::Kind::kWithin: {
      const std::optional<std::string> within = ValuePath(program, *lens.within, reason);
      if (!within) return std::nullopt;
      return fmt::format("{} & '-' & {}", *within, value);
    }
  }
  return std::nullopt;
}

std::optional<std::string> InwardLensCondition(const MapProgram& program, const Lens& lens, const std::string& value, std::string* reason) {
  switch (lens.kind) {
    case Lens::Kind::kBirthDate:
    case Lens::Kind::kIdentityNumber: return fmt::format("{}.matches({})", value, kIdentityPattern);
    case Lens::Kind::kWithin: {
      const std::optional<std::string> within = ValuePath(program, *lens.within, reason);
      if (!within) return std::nullopt;
      return *within + ".exists()";
    }
    default: return std::string();
  }
}

std::string OutwardLens(const Lens& lens, const std::string& value, FieldKind kind) {
  const std::string text = value + ".toString()";
  switch (lens.kind) {
    case Lens::Kind::kFlag: return fmt::format("iif({}, '1', '0')", value);
    case Lens::Kind::kWithin: return fmt::format("{0}.substring({0}.indexOf('-') + 1)", value);
    case Lens::Kind::kTime: {
      const std::string there = fmt::format("iif({0}.endsWith('Z'), ({1} + 8 hours).toString(), {0})", text, value);
      if (kind == FieldKind::kDate) return fmt::format("{}.substring(0, 10)", there);
      const std::string local = fmt::format("{0}.substring(0, 10) & ' ' & {0}.substring(11, 8)", there);
      if (kind != FieldKind::kTimestamp) return fmt::format("iif({}.length() = 10, {} & ' 00:00:00', {})", text, text, local);
      return fmt::format("iif({0}.length() <= 10, {0}, {1}).replace('-', '').replace(':', '').replace(' ', '')", text, local);
    }
    default: return {};
  }
}

std::string OutwardLensCondition(const Lens& lens, const std::string& value) {
  if (lens.kind != Lens::Kind::kTime) return {};
  const std::string text = value + ".toString()";
  return fmt::format("{0}.length() <= 10 or {0}.endsWith('+08:00') or {0}.endsWith('Z')", text);
}

std::string AllOf(const std::vector<std::string>& conditions) {
  std::vector<std::string> said;
  for (const std::string& one : conditions) {
    if (!one.empty()) said.push_back(one);
  }
  for (std::string& one : said) {
    if (said.size() > 1 && one.find(" or ") != std::string::npos) one = fmt::format("({})", one);
  }
  return JoinTexts(said, " and ");
}

}  // namespace heyi::mapping
