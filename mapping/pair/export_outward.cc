// The way out: resources -> the message's record.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "adapters/model_definition.h"
#include "mapping/pair/export_path.h"
#include "mapping/pair/export_rule.h"
#include "mapping/pair/to_structure_map.h"

namespace heyi::mapping {
namespace {

using Map = StructureMap;

bool WritesOut(const ResourceRule& resource) {
  return std::any_of(resource.rules.begin(), resource.rules.end(), [](const Rule& rule) { return rule.direction != Direction::kIn; });
}

class OutwardExport {
 public:
  explicit OutwardExport(const MapProgram& program) : program_(WithExportNames(program)), notes_(program_) {}

  ExportedMap Run() {
    for (const ResourceRule& resource : program_.resources) Count(resource.rules);
    Map::Group entry;
    entry.name = "record";
    Map::Rule fill;
    bool any_list = false;
    for (const ResourceRule& resource : program_.resources) {
      if (!WritesOut(resource)) continue;
      if (resource.each.empty()) {
        entry.inputs.push_back({resource.name, resource.type->name, Map::InputMode::kSource, {}, {}});
      } else if (Alone(resource)) {
        any_list = true;
      } else {
        notes_.Unsaid(resource.line, fmt::format("{}: nothing in a Bundle tells it from the other {} resources", resource.name, resource.type->name));
        continue;
      }
      entry.rules.push_back(Fill(resource));
    }
    if (any_list) entry.inputs.push_back({std::string(kExportBundle), "Bundle", Map::InputMode::kSource, {}, {}});
    entry.inputs.push_back({std::string(kExportRecord), "Record", Map::InputMode::kTarget, {}, {}});
    exported_.map.groups.insert(exported_.map.groups.begin(), std::move(entry));
    Structures(any_list);
    notes_.Finish(exported_.map, "outward");
    exported_.not_said = notes_.not_said();
    return std::move(exported_);
  }

 private:
  // The only list of its type that is read.
  bool Alone(const ResourceRule& resource) const {
    return std::all_of(program_.resources.begin(), program_.resources.end(), [&](const ResourceRule& other) {
      return &other == &resource || other.each.empty() || other.type != resource.type || !WritesOut(other);
    });
  }

  static std::string FieldKey(const Source& source) { return fmt::format("{} {}", static_cast<int>(source.from), source.path); }

  void Count(const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) {
      if (rule.direction == Direction::kIn) continue;
      if (rule.items.empty()) ++writers_[FieldKey(rule.source)];
      Count(rule.items);
    }
  }

  Map::Rule Fill(const ResourceRule& resource) {
    Map::Group group;
    group.name = resource.name;
    group.documentation = notes_.Remark(resource.line);
    group.inputs.push_back({resource.name, resource.type->name, Map::InputMode::kSource, {}, {}});
    group.inputs.push_back({std::string(kExportRecord), "Record", Map::InputMode::kTarget, {}, {}});
    if (!resource.each.empty()) group.inputs.push_back({std::string(kExportItem), {}, Map::InputMode::kTarget, {}, {}});
    WriteRules(resource.rules, resource.name, group.rules);
    Map::Rule call;
    call.name = resource.name;
    call.documentation = notes_.Remark(resource.line);
    Map::Source& source = call.sources.emplace_back();
    source.context = resource.name;
    if (!resource.each.empty()) {
      source.context = kExportBundle;
      source.element = "entry.resource";
      source.type = resource.type->name;
      source.variable = resource.name;
      TargetChain(call, kExportRecord).EnterItem(resource.each, std::string(kExportItem));
    }
    Map::Dependent& dependent = call.dependents.emplace_back();
    dependent.name = group.name;
    for (const Map::Input& input : group.inputs) dependent.parameters.push_back(NameParameter(input.name));
    exported_.map.groups.push_back(std::move(group));
    return call;
  }

  void WriteRules(const std::vector<Rule>& rules, const std::string& from, std::vector<Map::Rule>& out) {
    for (const Rule& rule : rules) {
      if (rule.direction == Direction::kIn || rule.clears || !rule.reference.empty()) continue;
      const std::string guard = rule.guard ? OutwardGuard(from, *rule.guard) : std::string();
      if (rule.source.kind == adapters::FieldKind::kList) {
        WriteList(rule, guard, from, out);
      } else {
        WriteField(rule, guard, from, out);
      }
    }
  }

  Map::Rule Begin(const Rule& rule, const std::string& from) {
    Map::Rule made;
    made.name = notes_.RuleId(rule.line);
    made.documentation = notes_.Remark(rule.line);
    made.sources.emplace_back().context = from;
    return made;
  }

  static void Members(const FhirPath& path, Map::Source& source) {
    for (const PathStep& step : path.steps) source.element += (source.element.empty() ? "" : ".") + AsElementStep(step.property->name);
  }

  void WriteList(const Rule& rule, const std::string& guard, const std::string& from, std::vector<Map::Rule>& out) {
    const std::vector<PathStep>& steps = rule.path.steps;
    const bool plain = std::all_of(steps.begin(), steps.end() - 1, [](const PathStep& step) { return !step.list && !step.property->element->choice; });
    if (!plain) return notes_.Unsaid(rule.line, fmt::format("{}: a list behind a selector", rule.path.text));
    Map::Rule list = Begin(rule, from);
    Members(rule.path, list.sources[0]);
    list.sources[0].variable = "entry";
    list.sources[0].condition = guard;
    TargetChain(list, kExportRecord).EnterItem(rule.source.path, std::string(kExportItem));
    WriteRules(rule.items, "entry", list.rules);
    out.push_back(std::move(list));
  }

  // Where other rules write the field, too, the first that finds a value for it wins.
  std::string NoneYet(const Source& field, std::string_view into) const {
    const auto known = writers_.find(FieldKey(field));
    return known == writers_.end() || known->second < 2 ? std::string() : FieldText(into, field.field) + ".empty()";
  }

  void WriteField(const Rule& rule, const std::string& guard, const std::string& from, std::vector<Map::Rule>& out) {
    const std::string_view into = rule.source.from == Source::From::kItem ? kExportItem : kExportRecord;
    if (rule.source.from == Source::From::kEnvelope) return notes_.Unsaid(rule.line, "a field of the envelope");
    Map::Rule made = Begin(rule, from);
    Map::Source& source = made.sources[0];
    TargetChain chain(made, into);
    const std::string& element = rule.source.field.steps.back().name;
    const std::string none_yet = NoneYet(rule.source, into);
    if (rule.out_literal) {
      source.condition = AllOf({guard, none_yet});
      chain.WalkFields(rule.source.field);
      chain.Put(element, TextParameter(*rule.out_literal));
      out.push_back(std::move(made));
      return;
    }
    const std::string place = ValueText(rule, from), value = fmt::format("%{}", kExportValue);
    const bool plain = IsPlainPlace(rule.path) && rule.path.end->is_primitive();
    if (plain) {
      Members(rule.path, source);
      source.variable = kExportValue;
      source.condition = AllOf({guard, none_yet, OutwardLensCondition(rule.lens, value)});
    } else {
      source.condition = AllOf({place + ".exists()", guard, none_yet, OutwardLensCondition(rule.lens, place)});
      chain.Evaluate(place, std::string(kExportValue));
    }
    const std::string expression = OutwardLens(rule.lens, value, rule.source.kind);
    if (rule.lens.kind == Lens::Kind::kTime) notes_.Unsaid(rule.line, "times of zones other than +08:00 and Z are left out");
    if (!expression.empty()) chain.Evaluate(expression, std::string(kExportMade));
    chain.WalkFields(rule.source.field);
    if (rule.lens.kind == Lens::Kind::kTable) {
      notes_.Unsaid(rule.line, fmt::format("{}: a code without a row is an error; the pair map leaves the field out", rule.source.path));
      chain.Translate(element, std::string(kExportValue), notes_.UseTable(*rule.lens.table, false));
    } else {
      chain.Put(element, NameParameter(expression.empty() ? kExportValue : kExportMade));
    }
    out.push_back(std::move(made));
  }

  // The place, or the code in it that the table knows.
  static std::string ValueText(const Rule& rule, const std::string& from) {
    std::string text = PlaceText(from, rule.path);
    if (rule.lens.kind != Lens::Kind::kTable || rule.path.end->is_primitive()) return text;
    const std::string& system = rule.lens.table->system();
    const std::string test = system.empty() ? std::string("system.empty()") : fmt::format("system = '{}'", system);
    if (rule.path.end->name == "CodeableConcept") return fmt::format("{}.coding.where({}).first().code", text, test);
    return fmt::format("{}.where({}).code", text, test);
  }

  void Structures(bool any_list) {
    std::vector<std::string> types;
    const auto add = [&types](const std::string& type) {
      if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    };
    for (const ResourceRule& resource : program_.resources) {
      if (WritesOut(resource)) add(resource.type->name);
    }
    if (any_list) add("Bundle");
    for (const std::string& type : types) {
      exported_.map.structures.push_back({"http://hl7.org/fhir/StructureDefinition/" + type, Map::ModelMode::kSource, type, {}, {}});
    }
    exported_.map.structures.push_back({adapters::ModelUrl(*program_.out_model), Map::ModelMode::kTarget, "Record", {}, {}});
  }

  const MapProgram program_;
  ExportNotes notes_;
  ExportedMap exported_;
  std::map<std::string, int> writers_;  // rules that write a field
};

}  // namespace

ExportedMap ExportOutward(const PairMap& map) { return OutwardExport(map.program()).Run(); }

}  // namespace heyi::mapping
