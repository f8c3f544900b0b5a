// The way in: message -> a Bundle of new resources.
//
// The first group makes what there is one of, then each resource's own group fills it; what there is one of each item of
// a list is made and filled in a loop over that list. A list of a resource that refers to such a resource is filled in
// the same loop, since only there both are at hand.
#include <fmt/format.h>

#include <algorithm>

#include "mapping/pair/export_inward_head.h"
#include "mapping/pair/export_path.h"
#include "mapping/pair/export_rule.h"
#include "mapping/pair/export_take.h"
#include "mapping/pair/to_structure_map.h"

namespace heyi::mapping {
namespace {

using Map = StructureMap;
using Role = ResourceRule::Role;

class InwardExport {
 public:
  explicit InwardExport(const MapProgram& program) : program_(WithExportNames(program)), notes_(program_) {}

  ExportedMap Run() {
    NoteInwardLosses(program_, notes_);
    envelope_ = ReadsEnvelope(program_);
    Map::Group entry;
    entry.name = "resources";
    entry.inputs.push_back({std::string(kExportMessage), "Message", Map::InputMode::kSource, {}, {}});
    if (envelope_) entry.inputs.push_back({std::string(kExportEnvelope), "Envelope", Map::InputMode::kSource, {}, {}});
    entry.inputs.push_back({std::string(kExportBundle), "Bundle", Map::InputMode::kTarget, {}, {}});
    Map::Rule make;  // what there is one of
    make.name = "make";
    make.sources.push_back(SourceFrom(kExportMessage));
    TargetChain(make, kExportBundle).Put("type", TextParameter("collection"));
    for (const ResourceRule& resource : program_.resources) {
      if (IsSingle(resource)) MakeResource(resource, make);
    }
    for (const ResourceRule& resource : program_.resources) {
      if (resource.role == Role::kMade) Fill(resource, make);
    }
    entry.rules.push_back(std::move(make));
    exported_.map.groups.insert(exported_.map.groups.begin(), std::move(entry));
    exported_.map.structures = InwardStructures(program_, envelope_);
    notes_.Finish(exported_.map, "inward");
    exported_.not_said = notes_.not_said();
    return std::move(exported_);
  }

 private:
  // ---- what is made ----

  // One whatever the message says, so that all others can refer to it.
  static bool IsSingle(const ResourceRule& resource) { return resource.role == Role::kMade && resource.each.empty() && !resource.guard; }

  static void MakeResource(const ResourceRule& resource, Map::Rule& rule) {
    TargetChain chain(rule, kExportBundle);
    chain.EnterItem("entry", resource.name + "Entry");
    Map::Target& made = rule.targets.emplace_back();
    made.context = chain.at();
    made.element = "resource";
    made.transform = "create";
    made.parameters.push_back(TextParameter(resource.type->name));
    made.variable = resource.name;
  }

  void Fill(const ResourceRule& resource, Map::Rule& make) {
    resource_ = &resource;
    Map::Group group;
    group.name = resource.name;
    group.documentation = notes_.Remark(resource.line);
    Inputs(group, !resource.each.empty());
    group.inputs.push_back({resource.name, resource.type->name, Map::InputMode::kTarget, {}, {}});
    for (const ResourceRule* other : Others(resource.rules, resource)) {
      group.inputs.push_back({other->name, other->type->name, Map::InputMode::kSource, {}, {}});
    }
    WriteRules(resource.rules, resource.name, group.rules);
    Map::Rule call;
    call.name = resource.name;
    call.documentation = notes_.Remark(resource.line);
    if (resource.each.empty()) {
      call.sources.push_back(SourceFrom(kExportMessage));
    } else {
      call.sources.push_back(Each(resource.each));
    }
    if (resource.guard) {
      std::string reason;
      const auto condition = InwardGuard(program_, *resource.guard, &reason);
      if (!condition) return notes_.Unsaid(resource.line, fmt::format("{} and all its rules: {}", resource.name, reason));
      call.sources[0].condition = *condition;
    }
    if (!IsSingle(resource)) MakeResource(resource, call);
    if (!group.rules.empty()) {
      call.dependents.push_back(CallOf(group));
      exported_.map.groups.push_back(std::move(group));
    }
    ListsBeside(resource, call);
    if (!call.dependents.empty() || !call.targets.empty()) make.rules.push_back(std::move(call));
  }

  // Of other resources the lists that refer to this one, item by item.
  void ListsBeside(const ResourceRule& resource, Map::Rule& call) {
    if (resource.each.empty()) return;
    for (const ResourceRule& other : program_.resources) {
      if (!IsSingle(other)) continue;
      for (const Rule& rule : other.rules) {
        if (rule.direction == Direction::kOut || Beside(rule) != &resource) continue;
        std::string reason;  // told where the resource's other rules are
        const auto guard = rule.guard ? InwardGuard(program_, *rule.guard, &reason) : std::optional<std::string>(std::string());
        if (!guard) continue;
        Map::Group group;
        group.name = other.name + "At" + std::to_string(rule.line);
        group.documentation = notes_.Remark(rule.line);
        Inputs(group, true);
        group.inputs.push_back({other.name, other.type->name, Map::InputMode::kTarget, {}, {}});
        for (const ResourceRule* named : Others(rule.items, other)) {
          group.inputs.push_back({named->name, named->type->name, Map::InputMode::kSource, {}, {}});
        }
        Map::Rule item = ListItem(rule, other.name);
        item.sources.push_back(SourceFrom(kExportItem));
        item.sources[0].condition = *guard;
        WriteRules(rule.items, item.targets.back().variable, item.rules);
        group.rules.push_back(std::move(item));
        call.dependents.push_back(CallOf(group));
        exported_.map.groups.push_back(std::move(group));
      }
    }
  }

  // The resource of each item that items of this list refer to; null where there is none.
  const ResourceRule* Beside(const Rule& list) const {
    for (const Rule& item : list.items) {
      const ResourceRule* to = Named(item.reference);
      if (to != nullptr && to->role == Role::kMade && to->each == list.source.path && !to->each.empty()) return to;
    }
    return nullptr;
  }

  void Inputs(Map::Group& group, bool item) const {
    group.inputs.push_back({std::string(kExportMessage), "Message", Map::InputMode::kSource, {}, {}});
    if (envelope_) group.inputs.push_back({std::string(kExportEnvelope), "Envelope", Map::InputMode::kSource, {}, {}});
    if (item) group.inputs.push_back({std::string(kExportItem), {}, Map::InputMode::kSource, {}, {}});
  }

  static Map::Dependent CallOf(const Map::Group& group) {
    Map::Dependent call;
    call.name = group.name;
    for (const Map::Input& input : group.inputs) call.parameters.push_back(NameParameter(input.name));
    return call;
  }

  const ResourceRule* Named(std::string_view name) const {
    for (const ResourceRule& resource : program_.resources) {
      if (!name.empty() && resource.name == name) return &resource;
    }
    return nullptr;
  }

  // What rules refer to and is at hand where they run, in the map's order.
  std::vector<const ResourceRule*> Others(const std::vector<Rule>& rules, const ResourceRule& own) const {
    std::set<std::string> names;
    const auto gather = [&names](const std::vector<Rule>& some) {
      for (const Rule& rule : some) names.insert(rule.reference);
    };
    gather(rules);
    for (const Rule& rule : rules) gather(rule.items);
    std::vector<const ResourceRule*> others;
    for (const ResourceRule& one : program_.resources) {
      const bool same_item = one.role == Role::kMade && !one.each.empty() && resource_ != nullptr && one.each == resource_->each;
      if (&one != &own && names.contains(one.name) && (IsSingle(one) || same_item)) others.push_back(&one);
    }
    return others;
  }

  // ---- rules ----

  static Map::Source Each(const std::string& list) {
    Map::Source source = SourceFrom(kExportMessage);
    source.element = list;
    source.variable = kExportItem;
    return source;
  }

  void WriteRules(const std::vector<Rule>& rules, const std::string& into, std::vector<Map::Rule>& out) {
    std::set<std::string> written;
    for (const Rule& rule : rules) {
      if (rule.direction == Direction::kOut) continue;
      if (rule.clears) {
        notes_.Unsaid(rule.line, fmt::format("clear {}: nothing stands in what is made new", rule.path.text));
        continue;
      }
      std::string guard, reason;
      if (rule.guard) {
        const auto said = InwardGuard(program_, *rule.guard, &reason);
        if (!said) {
          notes_.Unsaid(rule.line, fmt::format("{}: {}", rule.path.text, reason));
          continue;
        }
        guard = *said;
      }
      if (rule.keeps_what_stands) {
        notes_.Unsaid(rule.line, fmt::format("?-> {}: what stands already would stay", rule.path.text));
        if (written.contains(rule.path.key)) guard = AllOf({guard, PlaceText(into, rule.path) + ".empty()"});
      }
      written.insert(rule.path.key);
      if (rule.source.kind == adapters::FieldKind::kList && rule.reference.empty()) {
        WriteList(rule, guard, into, out);
      } else if (!rule.reference.empty()) {
        WriteReference(rule, guard, into, out);
      } else {
        WriteValue(rule, guard, into, out);
      }
    }
  }

  Map::Rule ListItem(const Rule& rule, const std::string& into) {
    Map::Rule list = Begin(rule);
    TargetChain chain(list, into);
    chain.Walk(rule.path, false);
    chain.EnterItem(rule.path.steps.back().property->element->name, "entry");
    return list;
  }

  void WriteList(const Rule& rule, const std::string& guard, const std::string& into, std::vector<Map::Rule>& out) {
    if (Beside(rule) != nullptr) return;  // in that one's loop
    Map::Rule list = ListItem(rule, into);
    list.sources.push_back(Each(rule.source.path));
    list.sources[0].condition = guard;
    WriteRules(rule.items, "entry", list.rules);
    out.push_back(std::move(list));
  }

  Map::Rule Begin(const Rule& rule) {
    Map::Rule made;
    made.name = notes_.RuleId(rule.line);
    made.documentation = notes_.Remark(rule.line);
    return made;
  }

  void WriteValue(const Rule& rule, const std::string& guard, const std::string& into, std::vector<Map::Rule>& out) {
    Map::Rule made = Begin(rule);
    TargetChain chain(made, into);
    if (rule.source.from == Source::From::kLiteral && rule.lens.kind == Lens::Kind::kCopy) {
      made.sources.push_back(SourceFrom(kExportMessage));
      made.sources[0].condition = guard;
      chain.Walk(rule.path, false);
      chain.Put(rule.path, LiteralFor(*rule.path.end, rule.source.path));
      out.push_back(std::move(made));
      return;
    }
    TakenSource taken;
    std::string reason, condition, expression;
    const bool date_only = rule.path.end->name == "date";
    if (!TakeSource(program_, rule.source, &taken, &reason) || !LensOfTaken(program_, rule.lens, taken, date_only, &condition, &expression, &reason)) {
      return notes_.Unsaid(rule.line, fmt::format("{}: {}", rule.path.text, reason));
    }
    if (rule.lens.kind == Lens::Kind::kBirthDate) notes_.Unsaid(rule.line, "the check digit of the identity number is not checked");
    taken.source.condition = AllOf({taken.source.condition, guard, condition});
    made.sources.push_back(taken.source);
    if (!taken.evaluate.empty()) chain.Evaluate(taken.evaluate, std::string(kExportValue));
    if (!expression.empty()) chain.Evaluate(expression, std::string(kExportMade));
    if (rule.lens.kind == Lens::Kind::kTable) return WriteCode(rule, taken, std::move(made), into, out);
    chain.Walk(rule.path, false);
    chain.Put(rule.path, NameParameter(expression.empty() ? kExportValue : kExportMade));
    out.push_back(std::move(made));
  }

  void WriteCode(const Rule& rule, const TakenSource& taken, Map::Rule made, const std::string& into, std::vector<Map::Rule>& out) {
    const CodeTable& table = *rule.lens.table;
    const std::string id = notes_.UseTable(table, true), value(kExportValue);
    if (rule.path.end->is_primitive()) {
      TargetChain chain(made, into);
      chain.Walk(rule.path, false);
      chain.TranslateLast(rule.path, value, id);
      out.push_back(std::move(made));
      return;
    }
    const bool whole_concept = rule.path.end->name == "CodeableConcept";
    if (whole_concept) notes_.Unsaid(rule.line, fmt::format("{}: a code without a row would be kept as text; here it is an error", rule.path.text));
    const auto to_coding = [&](Map::Rule& in) {
      TargetChain chain(in, into);
      chain.Walk(rule.path, true);
      if (whole_concept) chain.Enter("coding", ShareName("coding", {{"system", table.system()}}));
      return chain;
    };
    std::vector<std::string> shown;  // codes that have a display
    bool all = true;
    for (const CodeRow& row : table.rows()) {
      if (row.way == CodeRow::Way::kOut) continue;
      all = all && !row.display.empty();
      if (!row.display.empty()) shown.push_back(row.department_code);
    }
    Map::Rule beside = made;
    TargetChain chain = to_coding(made);
    if (!table.system().empty()) chain.Put("system", TextParameter(table.system()));
    chain.Translate("code", value, id);
    if (all) chain.Translate("display", value, notes_.UseDisplays(table));
    out.push_back(std::move(made));
    if (all || shown.empty()) return;
    beside.name = notes_.RuleId(rule.line);
    beside.sources[0].condition = AllOf({beside.sources[0].condition, IsOneOfTexts(taken.evaluate.empty() ? taken.value : taken.evaluate, shown, false)});
    to_coding(beside).Translate("display", value, notes_.UseDisplays(table));
    out.push_back(std::move(beside));
  }

  void WriteReference(const Rule& rule, const std::string& guard, const std::string& into, std::vector<Map::Rule>& out) {
    const ResourceRule* to = Named(rule.reference);
    const auto unsaid = [&](std::string_view why) { notes_.Unsaid(rule.line, fmt::format("@{} -> {}: {}", rule.reference, rule.path.text, why)); };
    if (to == nullptr) return;
    if (rule.path.end->is_primitive()) return unsaid("a reference as plain text, by an id that follows from a business key");
    if (to->role == Role::kMade) {
      const bool here = IsSingle(*to) || (resource_ != nullptr && !to->each.empty() && (to->each == resource_->each || Beside(rule, *to)));
      if (!here) return unsaid("not every message makes one");
      Map::Rule made = Begin(rule);
      made.sources.push_back(SourceFrom(to->name));
      made.sources[0].condition = guard;
      TargetChain chain(made, into);
      chain.Walk(rule.path, true);
      chain.Put("reference", NameParameter(to->name));
      made.targets.back().transform = "reference";
      out.push_back(std::move(made));
      return;
    }
    if (!to->each.empty() && (resource_ == nullptr || resource_->each != to->each)) return unsaid("there is one of each item of a list");
    if (to->role == Role::kReferred && to->ids.empty()) return unsaid("referred to only where it is found");
    unsaid(to->finds.empty() ? "it is known by an id that follows from a business key" : "referred to by its number, since nothing is looked up");
    std::vector<std::string> before;  // numbers that go first
    for (const FindLine& find : to->finds) WriteNumber(rule, *to, find, guard, into, before, out);
  }

  // Whether `rule` is of the list that is filled in the loop of `to`.
  bool Beside(const Rule& rule, const ResourceRule& to) const {
    for (const ResourceRule& other : program_.resources) {
      for (const Rule& list : other.rules) {
        for (const Rule& item : list.items) {
          if (&item == &rule) return Beside(list) == &to;
        }
      }
    }
    return false;
  }

  void WriteNumber(const Rule& rule, const ResourceRule& to, const FindLine& find, const std::string& guard, const std::string& into,
                   std::vector<std::string>& before, std::vector<Map::Rule>& out) {
    TakenSource taken;
    std::string reason, condition, expression, when;
    bool said = TakeSource(program_, find.source, &taken, &reason);
    said = said && LensOfTaken(program_, find.lens, taken, false, &condition, &expression, &reason);
    for (const std::optional<Guard>* asked : {&to.guard, &find.guard}) {
      if (!said || !*asked) continue;
      const auto test = InwardGuard(program_, **asked, &reason);
      said = test.has_value();
      if (test) when = AllOf({when, *test});
    }
    if (!said) return notes_.Unsaid(find.line, reason);
    Map::Rule made = Begin(rule);
    TargetChain chain(made, into);
    std::vector<std::string> conditions{taken.source.condition, guard, when, condition};
    for (const std::string& one : before) conditions.push_back(fmt::format("({}).not()", one));
    const auto path = ValuePath(program_, find.source, &reason);
    before.push_back(AllOf({path.value_or("{}") + ".exists()", when}));
    taken.source.condition = AllOf(conditions);
    made.sources.push_back(taken.source);
    if (!taken.evaluate.empty()) chain.Evaluate(taken.evaluate, std::string(kExportValue));
    if (!expression.empty()) chain.Evaluate(expression, std::string(kExportMade));
    chain.Walk(rule.path, true);
    if (to.role == Role::kExisting) chain.Put("type", TextParameter(to.type->name));
    chain.Enter("identifier", "");
    chain.Put("system", TextParameter(find.system));
    chain.Put("value", NameParameter(expression.empty() ? kExportValue : kExportMade));
    out.push_back(std::move(made));
  }

  const MapProgram program_;
  ExportNotes notes_;
  ExportedMap exported_;
  bool envelope_ = false;
  const ResourceRule* resource_ = nullptr;  // whose group is written
};

}  // namespace

ExportedMap ExportInward(const PairMap& map) { return InwardExport(map.program()).Run(); }

}  // namespace heyi::mapping
