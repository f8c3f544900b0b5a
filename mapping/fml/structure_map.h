// A StructureMap as C++ values: what the mapping language's text and the R4 resource both say.
//
// Everything of the R4 resource is here, and what the current guide of the language adds: constants (`let`), parameters
// that are expressions. Values only, so that a program may build one; each part that came from a text knows where it
// stood. Two maps are equal where they say the same, wherever that stands.
// https://hl7.org/fhir/R4/structuremap.html https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"

namespace heyi::mapping {

// Counted from 1; 0:0 where no text was read. Does not count for equality.
struct FmlPosition {
  uint32_t line = 0;
  uint32_t column = 0;

  bool operator==(const FmlPosition&) const { return true; }
};

struct StructureMap {
  enum class ModelMode : uint8_t { kSource, kQueried, kTarget, kProduced };
  enum class InputMode : uint8_t { kSource, kTarget };
  enum class TypeMode : uint8_t { kNone, kTypes, kTypePlus };  // R4: none, types, type-and-types
  enum class SourceListMode : uint8_t { kFirst, kNotFirst, kLast, kNotLast, kOnlyOne };
  enum class TargetListMode : uint8_t { kFirst, kShare, kLast, kSingle };

  // A value of the resource's head, by the path of its element: `/// jurisdiction.coding.code = 'CN'`. Complex elements
  // stand before their parts, without a value; one that is named again repeats.
  struct Metadata {
    enum class Kind : uint8_t { kNone, kString, kBoolean, kNumber, kDate, kMarkdown };
    std::string path;
    Kind kind = Kind::kNone;
    std::string value;
    bool operator==(const Metadata&) const = default;
  };

  // A ConceptMap that comes with the map, as R4 JSON; called by "#id".
  struct ContainedMap {
    std::string id;
    base::JsonValue json;
    bool operator==(const ContainedMap& other) const {
      return id == other.id && base::WriteJson(json) == base::WriteJson(other.json);
    }
  };

  struct Structure {
    std::string url;
    ModelMode mode = ModelMode::kSource;
    std::string alias;
    std::string documentation;
    FmlPosition position;
    bool operator==(const Structure&) const = default;
  };

  struct Constant {
    std::string name;
    std::string expression;  // FHIRPath
    FmlPosition position;
    bool operator==(const Constant&) const = default;
  };

  // Of a transform or of a group that is called.
  struct Parameter {
    // kId names a variable or a constant; kExpression is FHIRPath; the others are literals.
    enum class Kind : uint8_t { kId, kString, kBoolean, kInteger, kDecimal, kDate, kDateTime, kTime, kExpression };
    Kind kind = Kind::kId;
    std::string text;  // of a string its characters, of a date without "@"
    bool operator==(const Parameter&) const = default;
  };

  struct Input {
    std::string name;
    std::string type;  // a name or alias; may be empty
    InputMode mode = InputMode::kSource;
    std::string documentation;
    FmlPosition position;
    bool operator==(const Input&) const = default;
  };

  // `element` is a path below the context, steps parted by "."; a step that has a dot of its own stands in backticks.
  struct Source {
    std::string context;
    std::string element;
    std::string type;  // only what is of this type
    std::optional<uint32_t> min;
    std::string max;   // a number or "*"; empty = not said
    std::string default_value;  // FHIRPath; empty = none
    std::optional<SourceListMode> list_mode;
    std::string variable;
    std::string condition;  // where: FHIRPath
    std::string check;
    std::string log_message;
    FmlPosition position;
    bool operator==(const Source&) const = default;
  };

  // Without a transform the element is made, of the type that its definition says. A transform without a context makes a
  // value that only `variable` names.
  struct Target {
    std::string context;
    std::string element;
    std::string variable;
    std::vector<TargetListMode> list_modes;
    std::string list_rule_id;  // of kShare
    std::string transform;     // "create", "copy", "translate" …; empty = none
    std::vector<Parameter> parameters;
    FmlPosition position;
    bool operator==(const Target&) const = default;
  };

  struct Dependent {
    std::string name;
    std::vector<Parameter> parameters;
    FmlPosition position;
    bool operator==(const Dependent&) const = default;
  };

  struct Rule {
    std::string name;  // may be empty
    std::vector<Source> sources;
    std::vector<Target> targets;
    std::vector<Dependent> dependents;
    std::vector<Rule> rules;  // run after the dependents
    std::string documentation;
    FmlPosition position;
    bool operator==(const Rule&) const = default;
  };

  struct Group {
    std::string name;
    std::string extends;
    TypeMode type_mode = TypeMode::kNone;
    std::vector<Input> inputs;
    std::vector<Rule> rules;
    std::string documentation;
    FmlPosition position;
    bool operator==(const Group&) const = default;
  };

  std::string url;
  std::string name;
  std::string version;
  std::string title;
  std::string status;       // empty counts as draft
  std::string description;  // markdown
  std::vector<Metadata> metadata;  // all else of the head
  std::vector<ContainedMap> contained;
  std::vector<Structure> structures;
  std::vector<std::string> imports;  // canonicals; `*` stands for any characters
  std::vector<Constant> constants;
  std::vector<Group> groups;  // the first one is where a map is entered
  std::string file;           // what positions are in; does not count for equality

  bool operator==(const StructureMap& other) const {
    return url == other.url && name == other.name && version == other.version && title == other.title &&
           status == other.status && description == other.description && metadata == other.metadata &&
           contained == other.contained && structures == other.structures && imports == other.imports &&
           constants == other.constants && groups == other.groups;
  }
};

// The variable that stands for both sides of `a.b -> c.d`, a rule that names none.
inline constexpr std::string_view kIdentityVariable = "vvv";

// Whether the rule is such a one and nothing else: read and written as `a.b -> c.d`.
bool IsIdentity(const StructureMap::Rule& rule);

// The steps of an element's path: "a.b" -> a, b; "`a.b`.c" -> a.b, c.
std::vector<std::string> ElementSteps(std::string_view element);
// A step as it stands in such a path.
std::string AsElementStep(std::string_view name);

// The words of the R4 resource; none where there is no such word.
std::string_view WordOf(StructureMap::ModelMode mode);
std::string_view WordOf(StructureMap::InputMode mode);
std::string_view WordOf(StructureMap::TypeMode mode);
std::string_view WordOf(StructureMap::SourceListMode mode);
std::string_view WordOf(StructureMap::TargetListMode mode);
std::optional<StructureMap::ModelMode> ModelModeOf(std::string_view word);
std::optional<StructureMap::InputMode> InputModeOf(std::string_view word);
std::optional<StructureMap::TypeMode> TypeModeOf(std::string_view word);  // also of the language: type+
std::optional<StructureMap::SourceListMode> SourceListModeOf(std::string_view word);
std::optional<StructureMap::TargetListMode> TargetListModeOf(std::string_view word);

}  // namespace heyi::mapping
