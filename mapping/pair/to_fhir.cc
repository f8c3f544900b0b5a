#include "mapping/pair/to_fhir.h"

#include <fmt/format.h>

#include "adapters/identifiers.h"
#include "fhir/json/write.h"
#include "mapping/pair/lens.h"
#include "mapping/pair/path.h"
#include "mapping/pair/targets.h"

namespace heyi::mapping {
namespace {

using fhir::Node;
using fhir::NodeIndex;
using fhir::Tree;

class Inward {
 public:
  Inward(const MapProgram& program, const MessageReader& reader, Mapped& mapped)
      : program_(program), reader_(reader), mapped_(mapped) {}

  void Run(std::vector<Target>& targets) {
    targets_ = &targets;
    for (Target& target : targets) {
      if (target.present && target.rule->role == ResourceRule::Role::kMade) Make(target);
    }
    for (const Export& wanted : program_.exports) MakeExport(wanted);
  }

 private:
  void Make(Target& target) {
    MappedResource made;
    made.name = target.rule->name;
    made.existed = target.found.has_value();
    std::string before;
    if (target.found) {
      made.base_version = target.found->version;
      made.tree = std::move(target.found->tree);
      before = fhir::WriteJson(made.tree);
    } else {
      made.tree.SetRoot(target.rule->type);
      SetMember(made.tree, 0, "id", target.id);
    }
    target_ = &target;
    for (const Rule& same : target.rule->sames) CheckSame(same, made.tree, target);
    ApplyRules(target.rule->rules, made.tree, 0, target.scope);
    if (target.rule->identity) CheckIdentity(*target.rule->identity, made.tree, target.scope);
    made.changed = !made.existed || fhir::WriteJson(made.tree) != before;
    mapped_.resources.push_back(std::move(made));
  }

  void ApplyRules(const std::vector<Rule>& rules, Tree& tree, NodeIndex object, const Scope& scope) {
    for (const Rule& rule : rules) {
      if (rule.direction == Direction::kOut || (rule.guard && !reader_.Holds(*rule.guard, scope))) continue;
      if (rule.keeps_what_stands && FindPlace(Node(&tree, object), rule.path)) continue;
      if (rule.clears) {
        RemovePlace(tree, object, rule.path);
      } else if (rule.source.kind == adapters::FieldKind::kList) {
        ApplyList(rule, tree, object);
      } else if (!rule.reference.empty()) {
        ApplyReference(rule, tree, object, scope);
      } else {
        ApplyValue(rule, tree, object, scope);
      }
    }
  }

  // The message owns the whole list: what it no longer names is gone.
  void ApplyList(const Rule& rule, Tree& tree, NodeIndex object) {
    const base::JsonValue* list = reader_.List(rule.source.path);
    if (list == nullptr || list->items().empty()) return;
    const NodeIndex array = EnsurePlace(tree, object, rule.path);
    while (const Node old = Node(&tree, array).first_child()) tree.RemoveMember(array, old.index());
    for (size_t i = 0; i < list->items().size(); ++i) {
      const NodeIndex item = tree.AddItem(array, fhir::NodeKind::kObject);
      ApplyRules(rule.items, tree, item, {rule.source.path, i, &list->items()[i]});
      if (!Node(&tree, item).first_child()) tree.RemoveMember(array, item);
    }
    if (!Node(&tree, array).first_child()) tree.RemoveMember(Node(&tree, array).parent().index(), array);
  }

  void ApplyReference(const Rule& rule, Tree& tree, NodeIndex object, const Scope& scope) {
    const Target* to = TargetNamed(*targets_, rule.reference, scope);
    if (to == nullptr) return;
    const NodeIndex place = EnsurePlace(tree, object, rule.path);
    const std::string reference = to->reference();
    if (rule.path.end->is_primitive()) return tree.SetText(place, reference);  // Attachment.url
    if (Node(&tree, place).TextAt("reference") != reference) {  // what else stands there is said of another
      while (const Node old = Node(&tree, place).first_child()) tree.RemoveMember(place, old.index());
      SetMember(tree, place, "reference", reference);
    }
    if (to->rule->role == ResourceRule::Role::kReferred && !to->value.empty()) {
      const NodeIndex identifier = tree.Ensure(place, "identifier");
      SetMember(tree, identifier, "system", to->system);
      SetMember(tree, identifier, "value", to->value);
    }
  }

  void ApplyValue(const Rule& rule, Tree& tree, NodeIndex object, const Scope& scope) {
    const MessageValue read = reader_.Read(rule.source, scope);
    if (!read.present()) return;
    const std::string within = rule.lens.within ? reader_.Read(*rule.lens.within, scope).text : std::string();
    const std::optional<std::string> text = ThroughLens(rule.lens, read.text, within, rule.path.end);
    if (!text) {
      mapped_.outcome.Add("map.value", read.where(), read.text);
      return;
    }
    if (!MayPut(*rule.path.end, rule.lens, *text, read.where(), mapped_.outcome)) return;
    const NodeIndex place = EnsurePlace(tree, object, rule.path);
    const std::string old(Node(&tree, place).text());
    if (!PutValue(tree, place, rule.lens, *text, read.where(), mapped_.outcome)) return;
    const Node written(&tree, place);
    if (!old.empty() && old != written.text() && IsIdentifierValue(written)) {
      mapped_.outcome.Add("map.identifier-changed", read.where(), rule.path.text);
    }
    for (const Origin& origin : read.origins) {
      mapped_.lineage.push_back({LineageTarget(written), origin.path, origin.begin, program_.RuleName(rule.line)});
    }
  }

  static bool IsIdentifierValue(Node node) {
    return node.property() != nullptr && node.property()->name == "value" && node.parent().type()->name == "Identifier";
  }

  // "Patient/<id>#name[0].text"
  std::string LineageTarget(Node node) const {
    const std::string expression = fhir::ExpressionOf(node);
    return fmt::format("{}#{}", target_->reference(), expression.substr(expression.find('.') + 1));
  }

  // A visit of one person never becomes another's because a message says so.
  void CheckSame(const Rule& same, const Tree& tree, const Target& target) {
    const Target* to = TargetNamed(*targets_, same.reference, target.scope);
    const Node place = FindPlace(tree.root(), same.path);
    const std::string_view stands = place ? place.TextAt("reference") : std::string_view();
    if (to != nullptr && !stands.empty() && stands != to->reference()) {
      mapped_.outcome.Add("map.belongs-to-another", target.where, same.path.text);
    }
  }

  // What the identity number says of a person against what stands. Registers do disagree; that is no reason to refuse.
  void CheckIdentity(const Source& source, const Tree& tree, const Scope& scope) {
    const MessageValue read = reader_.Read(source, scope);
    const std::optional<adapters::IdentityNumber> identity = adapters::ParseIdentityNumber(read.text);
    if (!identity) return;
    const std::string_view gender = tree.root().TextAt("gender");
    const std::string_view birth_date = tree.root().TextAt("birthDate");
    if ((gender == "male" && !identity->male) || (gender == "female" && identity->male)) {
      mapped_.outcome.Add("map.sex-digit", read.where(), gender);
    }
    if (birth_date.size() == 10 && birth_date != identity->birth_date) {
      mapped_.outcome.Add("map.birth-date", read.where(), birth_date);
    }
  }

  void MakeExport(const Export& wanted) {
    if (!wanted.reference.empty()) {
      const Target* target = TargetNamed(*targets_, wanted.reference, Scope());
      if (target != nullptr) mapped_.values.push_back(fmt::format("{}={}", wanted.name, target->reference()));
      return;
    }
    const MessageValue read = reader_.Read(wanted.source, Scope());
    if (!read.present()) return;
    const std::string within = wanted.lens.within ? reader_.Read(*wanted.lens.within, Scope()).text : std::string();
    if (const std::optional<std::string> text = ThroughLens(wanted.lens, read.text, within, nullptr)) {
      mapped_.values.push_back(fmt::format("{}={}", wanted.name, *text));
    } else {
      mapped_.outcome.Add("map.value", read.where(), read.text);
    }
  }

  const MapProgram& program_;
  const MessageReader& reader_;
  Mapped& mapped_;
  std::vector<Target>* targets_ = nullptr;
  const Target* target_ = nullptr;
};

}  // namespace

base::Result<Mapped> RunToFhir(const MapProgram& program, const adapters::Message& message, TargetSource& source) {
  Mapped mapped;
  const MessageReader reader(program, message);
  HEYI_TRY(targets, FindTargets(program, reader, source, mapped.outcome));
  Inward(program, reader, mapped).Run(targets);
  mapped.unread = reader.UnknownFields();
  return mapped;
}

}  // namespace heyi::mapping
