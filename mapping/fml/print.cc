#include "mapping/fml/print.h"

#include <algorithm>

#include "mapping/fml/expression.h"

namespace heyi::mapping {
namespace {

using Map = StructureMap;
using Parameter = StructureMap::Parameter;

std::string OnOneLine(std::string_view text) {
  std::string line;
  for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  return line;
}

class FmlPrinter {
 public:
  std::string Run(const Map& map) {
    Head(map);
    for (const Map::ContainedMap& contained : map.contained) ConceptMap(contained);
    for (const Map::Structure& structure : map.structures) {
      out_ += "uses " + InDoubleQuotes(structure.url);
      if (!structure.alias.empty()) out_ += " alias " + AsPathName(structure.alias);
      out_ += " as ";
      out_ += WordOf(structure.mode);
      EndLine(structure.documentation);
    }
    Blank();
    for (const std::string& import : map.imports) out_ += "imports " + InDoubleQuotes(import) + "\n";
    Blank();
    for (const Map::Constant& constant : map.constants) {
      out_ += "let " + AsPathName(constant.name) + " = " + constant.expression + ";\n";
    }
    Blank();
    for (const Map::Group& group : map.groups) Group(group);
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  void EndLine(std::string_view documentation) {
    if (!documentation.empty()) out_ += " // " + OnOneLine(documentation);
    out_ += '\n';
  }

  void Blank() {
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }

  void Indent(size_t depth) { out_.append(2 * depth, ' '); }

  void HeadValue(std::string_view name, std::string_view value) {
    if (!value.empty()) out_ += "/// " + std::string(name) + " = " + AsPathString(value) + "\n";
  }

  // Between triple quotes nothing is escaped, so not every text can stand there.
  static bool FitsMarkdown(std::string_view text) {
    return text.find('\n') != std::string_view::npos && text.find("\"\"\"") == std::string_view::npos &&
           text.find('\r') == std::string_view::npos && !text.ends_with('"');
  }

  void Head(const Map& map) {
    HeadValue("url", map.url);
    HeadValue("name", map.name);
    HeadValue("version", map.version);
    HeadValue("title", map.title);
    HeadValue("status", map.status);
    if (FitsMarkdown(map.description)) {
      out_ += "/// description = \"\"\"\n" + map.description + "\n\"\"\"\n";
    } else {
      HeadValue("description", map.description);
    }
    for (const Map::Metadata& item : map.metadata) {
      out_ += "/// " + item.path + " =";
      switch (item.kind) {
        case Map::Metadata::Kind::kNone: break;
        case Map::Metadata::Kind::kString: out_ += " " + AsPathString(item.value); break;
        case Map::Metadata::Kind::kMarkdown: out_ += " \"\"\"\n" + item.value + "\n\"\"\""; break;
        case Map::Metadata::Kind::kDate: out_ += " @" + item.value; break;
        case Map::Metadata::Kind::kBoolean: case Map::Metadata::Kind::kNumber: out_ += " " + item.value; break;
      }
      out_ += '\n';
    }
    Blank();
  }

  static std::string_view Relation(std::string_view equivalence) {
    constexpr std::pair<std::string_view, std::string_view> kSymbols[] = {
        {"relatedto", "-"}, {"equivalent", "=="}, {"equal", "="},        {"disjoint", "!="}, {"wider", "<="},
        {"narrower", ">="}, {"subsumes", "<-"},   {"specializes", ">-"}, {"inexact", "~"}};
    for (const auto& [word, symbol] : kSymbols) {
      if (word == equivalence) return symbol;
    }
    return "--";
  }

  // The text can say a ConceptMap's codes and relations, and not what else it may have.
  void ConceptMap(const Map::ContainedMap& contained) {
    if (contained.json.StringAt("resourceType") != "ConceptMap") return;
    out_ += "conceptmap " + InDoubleQuotes(contained.id) + " {\n";
    std::vector<std::string_view> systems;
    const auto prefix = [&systems](std::string_view system) {
      const auto found = std::find(systems.begin(), systems.end(), system);
      const auto at = static_cast<size_t>(found - systems.begin());
      if (found == systems.end()) systems.push_back(system);
      return at == 0 ? std::string("s") : at == 1 ? std::string("t") : "p" + std::to_string(at);
    };
    std::string rows;
    for (const base::JsonValue& group : contained.json["group"].items()) {
      for (const base::JsonValue& element : group["element"].items()) {
        for (const base::JsonValue& target : element["target"].items()) {
          const std::string_view relation = Relation(target.StringAt("equivalence"));
          rows += "  " + prefix(group.StringAt("source")) + ":" + Code(element.StringAt("code")) + " ";
          rows += relation;
          if (relation != "--") rows += " " + prefix(group.StringAt("target")) + ":" + Code(target.StringAt("code"));
          rows += '\n';
        }
      }
    }
    for (const std::string_view system : systems) {
      out_ += "  prefix " + prefix(system) + " = " + InDoubleQuotes(system) + "\n";
    }
    out_ += "\n" + rows + "}\n\n";
  }

  static std::string Code(std::string_view code) {
    std::string name = AsPathName(code);
    return name.starts_with('`') ? InDoubleQuotes(code) : name;
  }

  void Group(const Map::Group& group) {
    out_ += "group " + AsPathName(group.name) + "(";
    for (size_t i = 0; i < group.inputs.size(); ++i) {
      const Map::Input& input = group.inputs[i];
      if (i > 0) out_ += ", ";
      out_ += WordOf(input.mode);
      out_ += " " + AsPathName(input.name);
      if (!input.type.empty()) out_ += " : " + Qualified(input.type);
    }
    out_ += ")";
    if (!group.extends.empty()) out_ += " extends " + AsPathName(group.extends);
    if (group.type_mode == Map::TypeMode::kTypes) out_ += " <<types>>";
    if (group.type_mode == Map::TypeMode::kTypePlus) out_ += " <<type+>>";
    out_ += " {";
    EndLine(group.documentation);
    for (const Map::Rule& rule : group.rules) Rule(rule, 1);
    out_ += "}\n\n";
  }

  // "Patient.contact": names with dots between.
  static std::string Qualified(std::string_view path) {
    std::string text;
    for (const std::string& step : ElementSteps(path)) text += (text.empty() ? "" : ".") + AsPathName(step);
    return text;
  }

  void Path(const std::string& context, const std::string& element) {
    out_ += AsPathName(context);
    if (!element.empty()) out_ += "." + Qualified(element);
  }

  void Rule(const Map::Rule& rule, size_t depth) {
    Indent(depth);
    const bool identity = IsIdentity(rule);
    for (size_t i = 0; i < rule.sources.size(); ++i) {
      if (i > 0) out_ += ", ";
      Source(rule.sources[i], identity);
    }
    for (size_t i = 0; i < rule.targets.size(); ++i) {
      out_ += i == 0 ? " -> " : ", ";
      if (identity) {
        Path(rule.targets[i].context, rule.targets[i].element);
      } else {
        Target(rule.targets[i]);
      }
    }
    if (!rule.dependents.empty() || !rule.rules.empty()) out_ += " then ";
    for (size_t i = 0; i < rule.dependents.size(); ++i) {
      if (i > 0) out_ += ", ";
      Call(rule.dependents[i].name, rule.dependents[i].parameters);
    }
    if (!rule.rules.empty()) {
      if (!rule.dependents.empty()) out_ += ' ';
      out_ += "{\n";
      for (const Map::Rule& inner : rule.rules) Rule(inner, depth + 1);
      Indent(depth);
      out_ += '}';
    }
    if (!rule.name.empty()) out_ += " " + InDoubleQuotes(rule.name);
    out_ += ';';
    EndLine(rule.documentation);
  }

  void Source(const Map::Source& source, bool identity) {
    Path(source.context, source.element);
    if (!source.type.empty()) out_ += " : " + Qualified(source.type);
    if (source.min || !source.max.empty()) {
      out_ += " " + std::to_string(source.min.value_or(0)) + ".." + (source.max.empty() ? "*" : source.max);
    }
    if (!source.default_value.empty()) out_ += " default (" + source.default_value + ")";
    if (source.list_mode) {
      out_ += ' ';
      out_ += WordOf(*source.list_mode);
    }
    if (!source.variable.empty() && !identity) out_ += " as " + AsPathName(source.variable);
    if (!source.condition.empty()) out_ += " where (" + source.condition + ")";
    if (!source.check.empty()) out_ += " check (" + source.check + ")";
    if (!source.log_message.empty()) out_ += " log (" + source.log_message + ")";
  }

  void Target(const Map::Target& target) {
    if (!target.context.empty()) Path(target.context, target.element);
    if (!target.transform.empty()) {
      if (!target.context.empty()) out_ += " = ";
      const std::vector<Parameter>& parameters = target.parameters;
      if (target.transform == "evaluate" && parameters.size() == 1) {
        out_ += "(" + parameters[0].text + ")";
      } else if (target.transform == "copy" && parameters.size() == 1 && !target.context.empty()) {
        Value(parameters[0]);
      } else {
        Call(target.transform, parameters);
      }
    }
    if (!target.variable.empty()) out_ += " as " + AsPathName(target.variable);
    for (const Map::TargetListMode mode : target.list_modes) {
      out_ += ' ';
      out_ += WordOf(mode);
      if (mode == Map::TargetListMode::kShare) out_ += " " + AsPathName(target.list_rule_id);
    }
  }

  void Call(const std::string& name, const std::vector<Parameter>& parameters) {
    out_ += AsPathName(name) + "(";
    for (size_t i = 0; i < parameters.size(); ++i) {
      if (i > 0) out_ += ", ";
      Value(parameters[i]);
    }
    out_ += ")";
  }

  void Value(const Parameter& parameter) { out_ += ParameterText(parameter); }

  std::string out_;
};

}  // namespace

std::string PrintFml(const Map& map) { return FmlPrinter().Run(map); }

}  // namespace heyi::mapping
