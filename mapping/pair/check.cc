// What can be wrong with a map as a whole.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "mapping/pair/compile.h"

namespace heyi::mapping {
namespace {

bool Reads(const Rule& rule) { return rule.direction != Direction::kOut; }

// Whether two guards can never hold together, told from their texts.
bool Exclude(const std::optional<Guard>& a, const std::optional<Guard>& b) {
  if (!a || !b || a->subject != b->subject) return false;
  const auto is = [&](Guard::Test one, Guard::Test other) {
    return (a->test == one && b->test == other) || (a->test == other && b->test == one);
  };
  if (is(Guard::Test::kExists, Guard::Test::kMissing) || is(Guard::Test::kIs, Guard::Test::kMissing)) return true;
  if (is(Guard::Test::kIs, Guard::Test::kIsNot)) return a->values == b->values;
  if (a->test != Guard::Test::kIs || b->test != Guard::Test::kIs) return false;
  return std::none_of(a->values.begin(), a->values.end(), [&](const std::string& value) {
    return std::find(b->values.begin(), b->values.end(), value) != b->values.end();
  });
}

class Checker {
 public:
  Checker(const MapProgram& program, base::Outcome& outcome) : program_(program), outcome_(outcome) {}

  void Run() {
    for (const ResourceRule& resource : program_.resources) CheckResource(resource);
    for (const Let& let : program_.lets) Read(let.arguments);
    for (const Export& made : program_.exports) {
      Read(made.source);
      if (!made.reference.empty()) CheckReference(made.reference, "", made.line);
    }
    CheckForgottenFields();
  }

 private:
  void Fail(std::string_view rule, int line, std::string_view detail) {
    outcome_.Add(rule, fmt::format("{}:{}", program_.file, line), detail);
  }

  void CheckResource(const ResourceRule& resource) {
    // What is only referred to may be unknown: then nothing is said of it.
    const bool may_lack = !resource.missing_rule.empty() || resource.role == ResourceRule::Role::kReferred;
    const bool found_only = !resource.finds.empty() && may_lack;
    if (resource.role != ResourceRule::Role::kOutward && resource.ids.empty() && !found_only) {
      Fail("map.no-id", resource.line, resource.name);
    }
    if (resource.role == ResourceRule::Role::kExisting && resource.missing_rule.empty()) Fail("map.no-id", resource.line, resource.name);
    if (resource.guard) Read(resource.guard->source);
    for (const IdLine& id : resource.ids) Read(id.parts);
    for (const FindLine& find : resource.finds) {
      Read(find.source);
      if (find.lens.within) Read(*find.lens.within);
      if (find.guard) Read(find.guard->source);
    }
    if (resource.identity) Read(*resource.identity);
    for (const Rule& same : resource.sames) CheckReference(same.reference, resource.each, same.line);
    CheckRules(resource.rules, resource.each);
  }

  void CheckRules(const std::vector<Rule>& rules, const std::string& each) {
    for (size_t i = 0; i < rules.size(); ++i) {
      const Rule& rule = rules[i];
      if (Reads(rule)) {
        Read(rule.source);
        if (rule.lens.within) Read(*rule.lens.within);
        if (rule.guard) Read(rule.guard->source);
        if (!rule.reference.empty()) CheckReference(rule.reference, each, rule.line);
        CheckWrittenOnce(rules, i);
      }
      CheckRules(rule.items, rule.source.path);
    }
  }

  void CheckWrittenOnce(const std::vector<Rule>& rules, size_t at) {
    for (size_t i = 0; i < at; ++i) {
      if (Reads(rules[i]) && rules[i].path.key == rules[at].path.key && !Exclude(rules[i].guard, rules[at].guard)) {
        return Fail("map.written-twice", rules[at].line, rules[at].path.text);
      }
    }
  }

  // A resource made once an item can only be meant where the same list is walked.
  void CheckReference(const std::string& name, const std::string& each, int line) {
    for (const ResourceRule& resource : program_.resources) {
      if (resource.name != name || resource.role == ResourceRule::Role::kOutward) continue;
      if (resource.each.empty() || resource.each == each) return;
    }
    Fail("map.unknown-resource", line, "@" + name);
  }

  void CheckForgottenFields() {
    for (const adapters::Field& field : program_.model->fields()) {
      if (!field.is_leaf() || read_.contains(field.path)) continue;
      if (std::any_of(program_.ignored.begin(), program_.ignored.end(), [&](const Ignored& one) { return IsOrHolds(one.field, field.path); })) continue;
      Fail("map.field-forgotten", 1, field.path);
    }
  }

  static bool IsOrHolds(const std::string& path, const std::string& other) {
    return other.starts_with(path) && (other.size() == path.size() || other[path.size()] == '.' || other[path.size()] == '[');
  }

  void Read(const Source& source) {
    if (!source.model_path.empty()) read_.insert(source.model_path);
    if (source.from != Source::From::kEnvelope) read_.insert(source.field.looked_at.begin(), source.field.looked_at.end());
  }
  void Read(const std::vector<Source>& sources) {
    for (const Source& source : sources) Read(source);
  }

  const MapProgram& program_;
  base::Outcome& outcome_;
  std::set<std::string> read_;
};

}  // namespace

void CheckProgram(const MapProgram& program, base::Outcome& outcome) { Checker(program, outcome).Run(); }

}  // namespace heyi::mapping
