#include "mapping/pair/operands.h"

#include <fmt/format.h>

#include "mapping/pair/lexer.h"
#include "mapping/pair/path.h"

namespace heyi::mapping {

bool OperandReader::ReadListName(std::string_view token, const adapters::LogicalModel* model, std::string& name) {
  name = token.substr(0, token.size() < 2 ? 0 : token.size() - 2);
  const adapters::Field* field = token.ends_with("[]") ? model->Find(name) : nullptr;
  if (field != nullptr && field->kind == adapters::FieldKind::kList) return true;
  Fail("map.unknown-field", token);
  return false;
}

std::optional<Source> OperandReader::ReadSource(std::string_view token, const adapters::LogicalModel* model) {
  Source source;
  if (IsQuoted(token)) {
    source.from = Source::From::kLiteral;
    source.path = Unquoted(token);
    return source;
  }
  if (token.starts_with('%')) {
    source.from = Source::From::kLet;
    source.path = token.substr(1);
    if (program_.FindLet(source.path) != nullptr) return source;
    Fail("map.unknown-field", token);
    return std::nullopt;
  }
  constexpr std::string_view kEnvelope = "envelope.";
  std::string level;
  if (token.starts_with(kEnvelope)) {
    source.from = Source::From::kEnvelope;
    source.path = token.substr(kEnvelope.size());
    model = adapters::FindModel(program_.department, adapters::kEnvelopeModel);
  } else {
    const bool in_item = !each_.empty() && !token.starts_with('/');
    source.from = in_item ? Source::From::kItem : Source::From::kRecord;
    source.path = token.starts_with('/') ? token.substr(1) : token;
    if (in_item) level = each_ + "[].";
  }
  std::optional<FieldPath> field = ReadFieldPath(source.path, level, *model);
  if (!field) {
    Fail("map.unknown-field", token);
    return std::nullopt;
  }
  source.kind = model->Find(field->model_path)->kind;
  if (source.from != Source::From::kEnvelope) source.model_path = field->model_path;
  source.field = std::move(*field);
  return source;
}

bool OperandReader::ReadLens(const Tokens& t, size_t& at, Lens& lens) {
  constexpr std::pair<std::string_view, Lens::Kind> kPlain[] = {{"time", Lens::Kind::kTime},
                                                                {"birth-date", Lens::Kind::kBirthDate},
                                                                {"identity-number", Lens::Kind::kIdentityNumber},
                                                                {"flag", Lens::Kind::kFlag}};
  const std::string_view word = at + 1 < t.size() && t[at] == ":" ? std::string_view(t[at + 1]) : std::string_view();
  for (const auto& [name, kind] : kPlain) {
    if (word == name) {
      lens.kind = kind;
      at += 2;
      return true;
    }
  }
  if ((word == "table" || word == "within") && at + 2 < t.size()) {
    const std::string& argument = t[at + 2];
    at += 3;
    return word == "table" ? UseTable(argument, lens) : UseWithin(argument, lens);
  }
  Fail("map.unknown-lens", word);
  return false;
}

bool OperandReader::UseTable(const std::string& name, Lens& lens) {
  const CodeTable* table = tables_.Find(name);
  if (table == nullptr) {
    Fail("map.unknown-table", name);
    return false;
  }
  lens.kind = Lens::Kind::kTable;
  lens.table = std::make_shared<const CodeTable>(*table);
  return true;
}

bool OperandReader::UseWithin(const std::string& token, Lens& lens) {
  std::optional<Source> source = ReadSource(token, program_.model);
  if (!source) return false;
  lens.kind = Lens::Kind::kWithin;
  lens.within = std::make_shared<Source>(std::move(*source));
  return true;
}

void OperandReader::ReadGuard(const Tokens& t, size_t& at, Direction direction, const fhir::Type& type, std::optional<Guard>& guard) {
  if (t[at] != "when" || at + 2 >= t.size()) return;
  Guard made;
  made.subject = t[at + 1];
  const std::string& test = t[at + 2];
  at += 3;
  if (test == "=" || test == "!=") {
    made.test = test == "=" ? Guard::Test::kIs : Guard::Test::kIsNot;
    for (; at < t.size(); ++at) made.values.emplace_back(IsQuoted(t[at]) ? Unquoted(t[at]) : std::string_view(t[at]));
    if (made.values.empty()) return Fail("map.syntax", "when");
  } else if (test == "exists" || test == "missing") {
    made.test = test == "exists" ? Guard::Test::kExists : Guard::Test::kMissing;
  } else {
    return Fail("map.syntax", test);
  }
  if (direction == Direction::kOut) {
    std::optional<FhirPath> path = ReadPath(made.subject, type, false, place_, outcome_);
    if (!path) return;
    made.path = std::move(*path);
  } else {
    std::optional<Source> source = ReadSource(made.subject, program_.model);
    if (!source) return;
    made.source = std::move(*source);
  }
  guard = std::move(made);
}

}  // namespace heyi::mapping
