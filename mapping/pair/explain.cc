#include "mapping/pair/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "mapping/embedded.h"
#include "mapping/pair/program.h"

namespace heyi::mapping {
namespace {

constexpr std::string_view kRoles[] = {"made or changed", "must exist", "referred to", "read on the way out"};

// "$psn_no" of its URI, as maps write it.
std::string SystemText(std::string_view uri) {
  const std::string_view name = SystemName(uri);
  return name.empty() ? std::string(uri) : fmt::format("${}", name);
}

std::string SourceText(const Source& source) {
  switch (source.from) {
    case Source::From::kLiteral: return fmt::format("\"{}\"", source.path);
    case Source::From::kLet: return "%" + source.path;
    case Source::From::kEnvelope: return "envelope." + source.path;
    case Source::From::kRecord:
    case Source::From::kItem: return source.path;
  }
  return {};
}

std::string Through(const Lens& lens) {
  switch (lens.kind) {
    case Lens::Kind::kCopy: return {};
    case Lens::Kind::kTable: return "table " + lens.table->name();
    case Lens::Kind::kTime: return "time";
    case Lens::Kind::kBirthDate: return "birth-date";
    case Lens::Kind::kIdentityNumber: return "identity-number";
    case Lens::Kind::kFlag: return "flag";
    case Lens::Kind::kWithin: return "within " + SourceText(*lens.within);
  }
  return {};
}

std::string GuardText(const std::optional<Guard>& guard) {
  if (!guard) return {};
  switch (guard->test) {
    case Guard::Test::kExists: return fmt::format("when {} exists", guard->subject);
    case Guard::Test::kMissing: return fmt::format("when {} missing", guard->subject);
    case Guard::Test::kIs: return fmt::format("when {} = {}", guard->subject, fmt::join(guard->values, ", "));
    case Guard::Test::kIsNot: return fmt::format("when {} != {}", guard->subject, fmt::join(guard->values, ", "));
  }
  return {};
}

std::string Arrow(const Rule& rule) {
  if (rule.clears) return "clear";
  if (rule.direction == Direction::kBoth) return "<->";
  if (rule.direction == Direction::kOut) return "<-";
  return rule.keeps_what_stands ? "?->" : "->";
}

class Explainer {
 public:
  explicit Explainer(const MapProgram& program) : program_(program) {}

  ExplainedMap Run() {
    for (const ResourceRule& resource : program_.resources) {
      ExplainedResource told{std::string(kRoles[static_cast<size_t>(resource.role)]), resource.name, resource.type->name, resource.each, KnownBy(resource), {}};
      for (const Rule& same : resource.sames) told.rules.push_back({same.line, "@" + same.reference, "", "check same", resource.type->name + "." + same.path.text, "", ""});
      AddRules(resource.rules, resource.type->name, "", told.rules);
      explained_.resources.push_back(std::move(told));
    }
    for (const Ignored& one : program_.ignored) explained_.ignored.emplace_back(one.field, one.reason);
    if (program_.out_model == program_.model) FindLost();
    return std::move(explained_);
  }

 private:
  static std::vector<std::string> KnownBy(const ResourceRule& resource) {
    std::vector<std::string> ways;
    for (const FindLine& find : resource.finds) {
      const std::string through = Through(find.lens);
      ways.push_back(fmt::format("found by {} {}{}{}", SystemText(find.system), SourceText(find.source), through.empty() ? "" : " : " + through,
                                 find.guard ? " " + GuardText(find.guard) : ""));
    }
    for (const IdLine& id : resource.ids) {
      std::vector<std::string> parts;
      for (const Source& part : id.parts) parts.push_back(SourceText(part));
      ways.push_back(fmt::format("else its id follows from {} {}", id.scope, fmt::join(parts, " ")));
    }
    if (!resource.missing_rule.empty()) ways.push_back("else " + resource.missing_rule);
    if (!resource.unnamed_rule.empty()) ways.push_back("else " + resource.unnamed_rule);
    return ways;
  }

  void AddRules(const std::vector<Rule>& rules, const std::string& below, const std::string& list, std::vector<ExplainedRule>& out) {
    for (const Rule& rule : rules) {
      const bool is_list = !rule.items.empty() || rule.source.kind == adapters::FieldKind::kList;
      ExplainedRule told{rule.line, "", "", Arrow(rule), rule.out_literal ? fmt::format("\"{}\"", *rule.out_literal) : below + "." + rule.path.text,
                         Through(rule.lens), GuardText(rule.guard)};
      if (!rule.reference.empty()) told.field = "@" + rule.reference;
      else if (!rule.clears) told.field = list + SourceText(rule.source) + (is_list ? "[]" : "");
      const adapters::LogicalModel* model = rule.direction == Direction::kOut ? program_.out_model : program_.model;
      if (const adapters::Field* field = model->Find(rule.source.model_path); field != nullptr) told.chinese = field->chinese;
      if (rule.direction != Direction::kIn && !rule.source.model_path.empty()) returned_.insert(rule.source.model_path);
      out.push_back(std::move(told));
      AddRules(rule.items, below + "." + rule.path.text, rule.source.path + "[].", out);
    }
  }

  void FindLost() {
    for (const adapters::Field& field : program_.model->fields()) {
      if (field.is_leaf() && !returned_.contains(field.path)) explained_.lost.push_back(field.path);
    }
  }

  const MapProgram& program_;
  ExplainedMap explained_;
  std::set<std::string> returned_;
};

}  // namespace

ExplainedMap Explain(const PairMap& map) { return Explainer(map.program()).Run(); }

}  // namespace heyi::mapping
