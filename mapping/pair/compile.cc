// The grammar of maps stands in docs/mapping.md; each line is read by the function named for its first word.
#include "mapping/pair/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rules.h"
#include "mapping/embedded.h"
#include "mapping/limits.h"
#include "mapping/pair/lexer.h"
#include "mapping/pair/operands.h"
#include "mapping/pair/path.h"

namespace heyi::mapping {
namespace {

bool IsArrow(std::string_view token) { return token == "<->" || token == "->" || token == "?->" || token == "<-"; }

class Compiler {
 public:
  Compiler(std::string_view file, const CodeTables& tables, MapProgram& program, base::Outcome& outcome)
      : file_(file), program_(program), outcome_(outcome), operands_(tables, program, outcome) {}

  void Run(const std::vector<Line>& lines) {
    for (const Line& line : lines) {
      if (outcome_.issues().size() >= kCompileIssuesMax) return;
      line_ = line.number;
      place_ = fmt::format("{}:{}", file_, line.number);
      operands_.At(place_, "");
      if (program_.model == nullptr) {
        if (!ReadHeader(line.tokens)) return;
      } else {
        ReadLine(line.tokens);
      }
    }
    if (program_.model == nullptr) outcome_.Add("map.syntax", std::string(file_), "map DEPARTMENT TYPE VERSION");
    if (!open_lists_.empty()) Fail("map.syntax", "end");
  }

 private:
  void Fail(std::string_view rule, std::string_view detail) { outcome_.Add(rule, place_, detail); }

  // map DEPARTMENT TYPE… VERSION
  bool ReadHeader(const Tokens& t) {
    if (t.size() < 4 || t[0] != "map") {
      Fail("map.syntax", "map DEPARTMENT TYPE VERSION");
      return false;
    }
    program_.department = t[1];
    program_.type = t[2];
    program_.version = t.back();
    program_.model = program_.out_model = adapters::FindModel(t[1], t[2]);
    if (program_.model == nullptr) Fail("map.unknown-field", fmt::format("{} {}", t[1], t[2]));
    for (size_t i = 3; i + 1 < t.size() && program_.model != nullptr; ++i) {
      if (!HasSameFields(adapters::FindModel(t[1], t[i]))) Fail("map.unknown-field", fmt::format("{} {}", t[1], t[i]));
      program_.other_types.push_back(t[i]);
    }
    return program_.model != nullptr;
  }

  // One map can read two types only where it finds the same fields in both; what is required may differ.
  bool HasSameFields(const adapters::LogicalModel* other) const {
    if (other == nullptr || other->fields().size() != program_.model->fields().size()) return false;
    return std::all_of(other->fields().begin(), other->fields().end(), [&](const adapters::Field& field) {
      const adapters::Field* known = program_.model->Find(field.path);
      return known != nullptr && known->kind == field.kind;
    });
  }

  void ReadLine(const Tokens& t) {
    const std::string& word = t[0];
    // A field may be called like a keyword ("id"): the arrow makes it a rule.
    if (t.size() > 2 && IsArrow(t[1]) && !program_.resources.empty()) return ReadRule(t);
    if (word == "answer") return ReadAnswer(t);
    if (word == "let") return ReadLet(t);
    if (word == "export") return ReadExport(t);
    if (word == "ignore") return ReadIgnore(t);
    if (word == "resource" || word == "existing" || word == "refer" || word == "outward") return ReadResource(t);
    if (program_.resources.empty()) return Fail("map.syntax", word);
    operands_.At(place_, resource().each);
    if (word == "id") return ReadId(t);
    if (word == "find") return ReadFind(t);
    if (word == "must") return ReadMust(t);
    if (word == "check") return ReadCheck(t);
    if (word == "clear") return ReadClear(t);
    if (word == "each") return ReadEach(t);
    if (word == "end") {
      if (open_lists_.empty()) return Fail("map.syntax", word);
      open_lists_.pop_back();
      return;
    }
    ReadRule(t);
  }

  ResourceRule& resource() { return program_.resources.back(); }

  // answer MODEL
  void ReadAnswer(const Tokens& t) {
    program_.out_model = t.size() == 2 ? adapters::FindModel(program_.department, t[1]) : nullptr;
    if (program_.out_model != nullptr) return;
    program_.out_model = program_.model;
    Fail("map.unknown-field", t.size() == 2 ? t[1] : "answer MODEL");
  }

  // let %NAME [each LIST[]] = FUNCTION SOURCE…; join and concat: a separator before the sources
  void ReadLet(const Tokens& t) {
    using Function = Let::Function;
    struct Known {
      std::string_view name;
      Function function;
      size_t arguments;  // 0 = any number
    };
    constexpr Known kKnown[] = {{"first", Function::kFirst, 0},           {"join", Function::kJoin, 0},
                                {"concat", Function::kConcat, 0},         {"identity-number", Function::kIdentityNumber, 0},
                                {"person-name", Function::kPersonName, 2}, {"area-of", Function::kAreaOf, 1},
                                {"visit-number", Function::kVisitNumber, 3}};
    const size_t equals = t.size() > 4 && t[2] == "each" ? 4 : 2;
    if (t.size() < equals + 3 || !t[1].starts_with('%') || t[equals] != "=") return Fail("map.syntax", "let %NAME = FUNCTION …");
    std::string each;
    if (equals == 4 && !operands_.ReadListName(t[3], program_.model, each)) return;
    operands_.At(place_, each);
    Let let;
    let.name = t[1].substr(1);
    const Known* known = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& one) { return one.name == t[equals + 1]; });
    if (known == std::end(kKnown)) return Fail("map.syntax", t[equals + 1]);
    let.function = known->function;
    size_t first = equals + 2;
    if (let.function == Function::kJoin || let.function == Function::kConcat) {
      let.separator = IsQuoted(t[first]) ? Unquoted(t[first]) : std::string_view(t[first]);
      ++first;
    }
    if (known->arguments != 0 && t.size() != first + known->arguments) return Fail("map.syntax", known->name);
    for (size_t i = first; i < t.size(); ++i) {
      if (std::optional<Source> source = operands_.ReadSource(t[i], program_.model)) let.arguments.push_back(std::move(*source));
    }
    if (program_.FindLet(let.name) != nullptr) return Fail("map.syntax", t[1]);
    program_.lets.push_back(std::move(let));
  }

  // export NAME SOURCE|@RESOURCE [: LENS]
  void ReadExport(const Tokens& t) {
    if (t.size() < 3) return Fail("map.syntax", "export NAME SOURCE");
    Export made;
    made.line = line_;
    made.name = t[1];
    size_t at = 3;
    if (t[2].starts_with('@')) {
      made.reference = t[2].substr(1);
    } else if (std::optional<Source> source = operands_.ReadSource(t[2], program_.model)) {
      made.source = std::move(*source);
    } else {
      return;
    }
    if (at < t.size() && !operands_.ReadLens(t, at, made.lens)) return;
    if (at != t.size()) return Fail("map.syntax", t[at]);
    program_.exports.push_back(std::move(made));
  }

  // ignore FIELD "reason"
  void ReadIgnore(const Tokens& t) {
    if (t.size() != 3 || !IsQuoted(t[2])) return Fail("map.syntax", "ignore FIELD \"reason\"");
    if (program_.model->Find(t[1]) == nullptr) return Fail("map.unknown-field", t[1]);
    program_.ignored.push_back({t[1], std::string(Unquoted(t[2]))});
  }

  // resource|existing|refer|outward NAME TYPE [each LIST[]] [when GUARD]
  void ReadResource(const Tokens& t) {
    if (!open_lists_.empty()) Fail("map.syntax", "end");
    open_lists_.clear();
    ResourceRule made;
    made.line = line_;
    made.role = t[0] == "resource"   ? ResourceRule::Role::kMade
                : t[0] == "existing" ? ResourceRule::Role::kExisting
                : t[0] == "refer"    ? ResourceRule::Role::kReferred
                                     : ResourceRule::Role::kOutward;
    if (t.size() < 3) return Fail("map.syntax", "resource NAME TYPE");
    made.name = t[1];
    made.type = program_.definitions->FindResource(t[2]);
    if (made.type == nullptr) return Fail("map.unknown-resource", t[2]);
    for (const ResourceRule& other : program_.resources) {
      if (other.name == made.name) return Fail("map.written-twice", made.name);
    }
    size_t at = 3;
    if (at + 1 < t.size() && t[at] == "each") {
      const adapters::LogicalModel* model = made.role == ResourceRule::Role::kOutward ? program_.out_model : program_.model;
      if (!operands_.ReadListName(t[at + 1], model, made.each)) return;
      at += 2;
    }
    program_.resources.push_back(std::move(made));
    operands_.At(place_, resource().each);
    if (at < t.size()) operands_.ReadGuard(t, at, Direction::kIn, *resource().type, resource().guard);
    if (at != t.size()) Fail("map.syntax", t[at]);
  }

  // id SCOPE SOURCE…
  void ReadId(const Tokens& t) {
    if (t.size() < 3) return Fail("map.syntax", "id SCOPE FIELD…");
    IdLine made;
    made.scope = t[1];
    for (size_t i = 2; i < t.size(); ++i) {
      if (std::optional<Source> source = operands_.ReadSource(t[i], program_.model)) made.parts.push_back(std::move(*source));
    }
    resource().ids.push_back(std::move(made));
  }

  // find $SYSTEM SOURCE [: LENS] [when GUARD]
  void ReadFind(const Tokens& t) {
    if (t.size() < 3 || !t[1].starts_with('$')) return Fail("map.syntax", "find $SYSTEM FIELD");
    FindLine made;
    made.line = line_;
    made.system = SystemUri(t[1].substr(1));
    if (made.system.empty()) return Fail("map.unknown-system", t[1]);
    std::optional<Source> source = operands_.ReadSource(t[2], program_.model);
    if (!source) return;
    made.source = std::move(*source);
    size_t at = 3;
    if (at < t.size() && t[at] == ":" && !operands_.ReadLens(t, at, made.lens)) return;
    if (at < t.size()) operands_.ReadGuard(t, at, Direction::kIn, *resource().type, made.guard);
    if (at != t.size()) return Fail("map.syntax", t[at]);
    resource().finds.push_back(std::move(made));
  }

  // must exist else RULE | must be named else RULE
  void ReadMust(const Tokens& t) {
    const bool exist = t.size() == 4 && t[1] == "exist" && t[2] == "else";
    const bool named = t.size() == 5 && t[1] == "be" && t[2] == "named" && t[3] == "else";
    if (!exist && !named) return Fail("map.syntax", "must exist else RULE");
    if (base::LookUpRule(t.back()) == nullptr) return Fail("map.unknown-rule", t.back());
    (exist ? resource().missing_rule : resource().unnamed_rule) = t.back();
  }

  // clear PATH [when GUARD]
  void ReadClear(const Tokens& t) {
    if (t.size() < 2 || !open_lists_.empty() || resource().role != ResourceRule::Role::kMade) return Fail("map.syntax", "clear PATH");
    Rule made;
    made.line = line_;
    made.direction = Direction::kIn;
    made.clears = true;
    std::optional<FhirPath> path = ReadPath(t[1], *resource().type, false, place_, outcome_);
    if (!path) return;
    made.path = std::move(*path);
    size_t at = 2;
    if (at < t.size()) operands_.ReadGuard(t, at, Direction::kIn, *resource().type, made.guard);
    if (at != t.size()) return Fail("map.syntax", t[at]);
    resource().rules.push_back(std::move(made));
  }

  // check same @NAME PATH
  void ReadSame(const Tokens& t) {
    if (t.size() != 4 || !t[2].starts_with('@')) return Fail("map.syntax", "check same @NAME PATH");
    Rule made;
    made.line = line_;
    made.reference = t[2].substr(1);
    std::optional<FhirPath> path = ReadPath(t[3], *resource().type, false, place_, outcome_);
    if (!path) return;
    made.path = std::move(*path);
    if (CheckEnd(made)) resource().sames.push_back(std::move(made));
  }

  // check identity FIELD
  void ReadCheck(const Tokens& t) {
    if (t.size() > 1 && t[1] == "same") return ReadSame(t);
    if (t.size() != 3 || t[1] != "identity" || resource().type->name != "Patient") return Fail("map.syntax", "check identity FIELD");
    resource().identity = operands_.ReadSource(t[2], program_.model);
  }

  // each FIELD[] ARROW PATH[]
  void ReadEach(const Tokens& t) {
    if (t.size() != 4 || !open_lists_.empty()) return Fail("map.syntax", "each FIELD[] <-> PATH[]");
    Rule made;
    made.line = line_;
    if (!ReadArrow(t[2], made)) return;
    std::string list;
    if (!operands_.ReadListName(t[1], made.direction == Direction::kOut ? program_.out_model : program_.model, list)) return;
    made.source.path = made.source.model_path = list;
    made.source.kind = adapters::FieldKind::kList;
    std::optional<FhirPath> path = ReadPath(t[3], *resource().type, true, place_, outcome_);
    if (!path) return;
    made.path = std::move(*path);
    resource().rules.push_back(std::move(made));
    open_lists_.push_back(resource().rules.size() - 1);
  }

  // SOURCE|@RESOURCE ARROW PATH [: LENS] [when GUARD];  FIELD <- PATH|"literal" …
  void ReadRule(const Tokens& t) {
    if (t.size() < 3) return Fail("map.syntax", t[0]);
    Rule made;
    made.line = line_;
    if (!ReadArrow(t[1], made)) return;
    Rule* list = open_lists_.empty() ? nullptr : &resource().rules[open_lists_.back()];
    const fhir::Type& type = list == nullptr ? *resource().type : *list->path.end;
    operands_.At(place_, list == nullptr ? resource().each : list->source.path);
    if (made.direction != Direction::kOut && resource().role != ResourceRule::Role::kMade) {
      return Fail("map.direction", t[0]);
    }
    if (!ReadLeft(t[0], made)) return;
    if (made.direction == Direction::kOut && IsQuoted(t[2])) {
      made.out_literal = Unquoted(t[2]);
    } else {
      std::optional<FhirPath> path = ReadPath(t[2], type, false, place_, outcome_);
      if (!path) return;
      made.path = std::move(*path);
    }
    size_t at = 3;
    if (at < t.size() && t[at] == ":" && !operands_.ReadLens(t, at, made.lens)) return;
    if (at < t.size()) operands_.ReadGuard(t, at, made.direction, type, made.guard);
    if (at != t.size()) return Fail("map.syntax", t[at]);
    if (made.guard && made.direction == Direction::kBoth) return Fail("map.direction", "when");
    if (!CheckEnd(made)) return;
    (list == nullptr ? resource().rules : list->items).push_back(std::move(made));
  }

  // What stands at the end of a path must be able to hold what the rule writes.
  bool CheckEnd(const Rule& rule) {
    if (rule.out_literal) return true;
    const std::string& name = rule.path.end->name;
    bool fits = rule.path.end->is_primitive();
    if (!rule.reference.empty()) fits = name == "Reference" || name == "url";
    if (rule.lens.kind == Lens::Kind::kTable) fits = fits || name == "CodeableConcept" || name == "Coding";
    if (!fits) Fail("map.wrong-type", fmt::format("{} ({})", rule.path.text, name));
    return fits;
  }

  bool ReadArrow(std::string_view arrow, Rule& rule) {
    if (arrow == "<->") {
      rule.direction = Direction::kBoth;
    } else if (arrow == "->" || arrow == "?->") {
      rule.direction = Direction::kIn;
      rule.keeps_what_stands = arrow == "?->";
    } else if (arrow == "<-") {
      rule.direction = Direction::kOut;
    } else {
      Fail("map.syntax", arrow);
      return false;
    }
    return true;
  }

  bool ReadLeft(const std::string& token, Rule& rule) {
    if (token.starts_with('@')) {
      if (rule.direction != Direction::kIn) Fail("map.direction", token);
      rule.reference = token.substr(1);
      return true;
    }
    const adapters::LogicalModel* model = rule.direction == Direction::kOut ? program_.out_model : program_.model;
    std::optional<Source> source = operands_.ReadSource(token, model);
    if (!source) return false;
    const bool is_field = source->from == Source::From::kRecord || source->from == Source::From::kItem;
    if (!is_field && rule.direction != Direction::kIn) {
      Fail("map.direction", token);
      return false;
    }
    rule.source = std::move(*source);
    return true;
  }

  std::string_view file_;
  MapProgram& program_;
  base::Outcome& outcome_;
  OperandReader operands_;
  int line_ = 0;
  std::string place_;
  std::vector<size_t> open_lists_;  // the open `each` of the current resource: at most one
};

}  // namespace

void CompileInto(std::string_view file, std::string_view text, const CodeTables& tables, MapProgram& program, base::Outcome& outcome) {
  if (text.size() > kMapBytesMax) {
    outcome.Add("map.syntax", std::string(file), fmt::format("more than {} bytes", kMapBytesMax));
    return;
  }
  Compiler(file, tables, program, outcome).Run(ReadLines(file, text, outcome));
}

}  // namespace heyi::mapping
