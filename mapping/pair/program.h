// A pair map after compilation: what the engine runs, both ways.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/logical_model.h"
#include "mapping/pair/field_path.h"
#include "mapping/pair_map.h"

namespace heyi::mapping {

// ---- the message's side ----

// Where a value of the message comes from.
struct Source {
  enum class From : uint8_t { kRecord, kItem, kEnvelope, kLet, kLiteral };
  From from = From::kRecord;
  std::string path;        // relative to the record, the item or the envelope; a let's name; the literal
  FieldPath field;         // the same, read; empty for let and literal
  std::string model_path;  // as the logical model writes it; empty for envelope, let and literal
  adapters::FieldKind kind = adapters::FieldKind::kText;
};

struct Let {
  enum class Function : uint8_t { kJoin, kConcat, kFirst, kIdentityNumber, kPersonName, kAreaOf, kVisitNumber };
  std::string name;
  Function function = Function::kFirst;
  std::string separator;   // kJoin, kConcat
  std::vector<Source> arguments;
};

// ---- the resource's side ----

// Narrows a step down to one item: a member of it has this value. Members that are missing are made.
struct Condition {
  std::vector<const fhir::Property*> members;
  std::string value;
};

struct PathStep {
  const fhir::Property* property = nullptr;
  bool list = false;
  std::optional<size_t> index;       // `[0]`
  std::vector<Condition> where;      // `[system=$uscc]`
};

struct FhirPath {
  std::string text;                  // as the map writes it
  std::string key;                   // the same for two paths that write the same place
  std::vector<PathStep> steps;
  const fhir::Type* end = nullptr;   // the type of what stands there
};

// ---- rules ----

struct Lens {
  enum class Kind : uint8_t { kCopy, kTable, kTime, kBirthDate, kIdentityNumber, kFlag, kWithin };
  Kind kind = Kind::kCopy;
  std::shared_ptr<const CodeTable> table;  // kTable
  std::shared_ptr<Source> within;          // kWithin: what stands before the hyphen
};

struct Guard {
  enum class Test : uint8_t { kIs, kIsNot, kExists, kMissing };
  Test test = Test::kExists;
  std::string subject;               // as written, to compare guards
  Source source;                     // into FHIR: a field
  FhirPath path;                     // out of FHIR: a place
  std::vector<std::string> values;
};

enum class Direction : uint8_t { kBoth, kIn, kOut };

struct Rule {
  int line = 0;
  Direction direction = Direction::kBoth;
  bool keeps_what_stands = false;    // `?->`
  bool clears = false;               // `clear PATH`
  std::string reference;             // `@name ->`
  Source source;                     // in: read from; out: written to (its kind tells how)
  FhirPath path;
  std::optional<std::string> out_literal;  // `FIELD <- "text"`
  Lens lens;
  std::optional<Guard> guard;
  std::vector<Rule> items;           // of `each F[] <-> P[]`: paths are relative to the items
};

struct IdLine {
  std::string scope;
  std::vector<Source> parts;
};

struct FindLine {
  int line = 0;
  std::string system;
  Source source;
  Lens lens;
  std::optional<Guard> guard;
};

struct ResourceRule {
  enum class Role : uint8_t { kMade, kExisting, kReferred, kOutward };
  Role role = Role::kMade;
  int line = 0;
  std::string name;
  const fhir::Type* type = nullptr;
  std::string each;                  // one instance an item of this list; empty = one
  std::optional<Guard> guard;
  std::vector<IdLine> ids;           // the first whose parts are all there
  std::vector<FindLine> finds;       // in this order
  std::string missing_rule;          // `must exist else RULE`
  std::string unnamed_rule;          // `must be named else RULE`
  std::optional<Source> identity;    // `check identity FIELD`
  std::vector<Rule> sames;           // `check same @NAME PATH`
  std::vector<Rule> rules;
};

struct Export {
  int line = 0;
  std::string name;
  std::string reference;             // `@patient`
  Source source;
  Lens lens;
};

struct Ignored {
  std::string field;                 // model path; all below it, too
  std::string reason;
};

struct MapProgram {
  std::string file;                  // "civil/ELDER.map"
  std::string name;                  // "civil.ELDER"
  std::string text;                  // as it was compiled
  std::string department, type, version;
  std::vector<std::string> other_types;  // of the same fields, which the map reads, too
  const fhir::Definitions* definitions = nullptr;
  const adapters::LogicalModel* model = nullptr;      // of the message
  const adapters::LogicalModel* out_model = nullptr;  // of what `<-` writes; the same unless `answer` says otherwise
  std::vector<Let> lets;
  std::vector<ResourceRule> resources;
  std::vector<Export> exports;
  std::vector<Ignored> ignored;

  const Let* FindLet(std::string_view let_name) const {
    for (const Let& let : lets) {
      if (let.name == let_name) return &let;
    }
    return nullptr;
  }
  std::string RuleName(int line) const { return name + "/" + version + ":" + std::to_string(line); }
};

struct PairMap::Program : MapProgram {};

}  // namespace heyi::mapping
