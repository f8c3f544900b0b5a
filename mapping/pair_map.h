// Pair maps: one small text a message type, rules of paths on both sides, run both ways by one engine.
//
// A rule names a field of the message, a place in a FHIR resource, and the lens between them; the same rule reads the
// field into the resource and writes it back. What a message holds and no rule reads is reported, never dropped in
// silence; what each rule wrote is kept as lineage. Grammar: docs/mapping.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/message.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "mapping/code_table.h"

namespace heyi::mapping {

// Where a value of a resource came from.
struct LineageRow {
  std::string target;    // "Patient/<id>#name[0].text"
  std::string source;    // "data.name"
  size_t begin = 0;      // byte offset of the field's value in the raw message
  std::string rule;      // "civil.ELDER/1:12", map, version and line
};

// A resource that the message makes or changes, with the interaction it asks for.
struct MappedResource {
  fhir::Tree tree;            // id set
  std::string name;           // as the map calls it ("patient", "bed")
  bool existed = false;       // put over what stood there
  uint64_t base_version = 0;  // what it was put over
  bool changed = true;        // false: it stood there just so, nothing to write
};

struct Mapped {
  std::vector<MappedResource> resources;
  std::vector<std::string> values;       // unused by most maps: values the map exports by name, "name=value"
  std::vector<LineageRow> lineage;
  std::vector<std::string> unread;       // paths of fields that no rule read
  base::Outcome outcome;                 // map.* issues; with errors nothing may be stored
};

// What a map may ask about resources that exist already. Read-only; the mapping itself does no I/O.
class TargetSource {
 public:
  virtual ~TargetSource() = default;
  struct Found {
    fhir::Tree tree;
    uint64_t version = 0;
  };
  // By logical id; nullopt where there is none.
  virtual base::Result<std::optional<Found>> ById(std::string_view type, std::string_view id) = 0;
  // By business identifier; nullopt where none, error kConflict map.ambiguous where several.
  virtual base::Result<std::optional<Found>> ByIdentifier(std::string_view type, std::string_view system, std::string_view value) = 0;
};

struct MapProgram;

class PairMap {
 public:
  // errors  kInvalid map.syntax, map.unknown-path, map.unknown-table, map.written-twice, … with file:line as expression
  static base::Result<PairMap> Compile(std::string_view file_name, std::string_view text, const fhir::Definitions& definitions,
                                       const CodeTables& tables);

  PairMap(PairMap&&) noexcept;
  PairMap& operator=(PairMap&&) noexcept;
  ~PairMap();

  const std::string& department() const;
  const std::string& message_type() const;  // the first of them
  bool Reads(std::string_view type) const;
  bool Takes(std::string_view resource_name) const;  // one of ToRecord's names
  const std::string& version() const;
  const std::string& file() const;          // "civil/ELDER.map"
  const std::string& name() const;          // "civil.ELDER"
  const std::string& text() const;          // as it was compiled
  std::vector<std::string> types() const;   // all message types that it reads
  const MapProgram& program() const;        // mapping/pair/program.h

  // Message -> resources, put over what exists. Same bytes in, same ids and bytes out.
  //   errors  of the source (store failures); what is wrong with the data is in Mapped::outcome
  base::Result<Mapped> ToFhir(const adapters::Message& message, TargetSource& source) const;

  // Resources (by the map's names) -> the message's record. Fields without a source are left out.
  base::Result<base::JsonValue> ToRecord(const std::vector<std::pair<std::string, fhir::Node>>& resources, base::Outcome& outcome) const;

 private:
  struct Program;
  explicit PairMap(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace heyi::mapping
