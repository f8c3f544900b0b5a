// $closure: a client's own table of which of its concepts lie below which, kept up to date as concepts come.
// https://hl7.org/fhir/R4/conceptmap-operation-closure.html
//
// Fact: space "closure", key CLIENT/NAME, {"version","concepts":[{"system","code"}],"pairs":[{"below","above","version"}]},
// where a pair names concepts by their place. A table belongs to the client that made it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "interaction/terminology/tx_json.h"
#include "interaction/terminology/tx_operation.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using conformance::Subsumption;

constexpr std::string_view kClosureSpace = "closure";
constexpr size_t kClosureConceptsMax = 2'000;
constexpr size_t kClosureNameBytesMax = 128;

struct Table {
  struct Pair {
    size_t below = 0, above = 0;
    uint64_t version = 0;
  };
  uint64_t version = 0;
  std::vector<conformance::TxCoding> concepts;
  std::vector<Pair> pairs;
};

uint64_t NumberAt(const JsonValue& value, std::string_view name) {
  uint64_t number = 0;
  base::ParseUnsigned(value.StringAt(name), &number);
  return number;
}

base::Result<Table> ReadTable(const std::string& text) {
  HEYI_TRY(json, base::ParseJson(text));
  Table table;
  table.version = NumberAt(json, "version");
  for (const JsonValue& one : json["concepts"].items()) table.concepts.push_back({std::string(one.StringAt("system")), {}, std::string(one.StringAt("code")), {}});
  for (const JsonValue& one : json["pairs"].items()) table.pairs.push_back({NumberAt(one, "below"), NumberAt(one, "above"), NumberAt(one, "version")});
  return table;
}

std::string WriteTable(const Table& table) {
  JsonValue concepts = JsonValue::Array(), pairs = JsonValue::Array();
  for (const conformance::TxCoding& coding : table.concepts) {
    JsonValue one = JsonValue::Object();
    one.Set("system", JsonValue::OfString(coding.system));
    one.Set("code", JsonValue::OfString(coding.code));
    concepts.Append(std::move(one));
  }
  for (const Table::Pair& pair : table.pairs) {
    JsonValue one = JsonValue::Object();
    one.Set("below", JsonValue::OfInteger(static_cast<int64_t>(pair.below)));
    one.Set("above", JsonValue::OfInteger(static_cast<int64_t>(pair.above)));
    one.Set("version", JsonValue::OfInteger(static_cast<int64_t>(pair.version)));
    pairs.Append(std::move(one));
  }
  JsonValue json = JsonValue::Object();
  json.Set("version", JsonValue::OfInteger(static_cast<int64_t>(table.version)));
  json.Set("concepts", std::move(concepts));
  json.Set("pairs", std::move(pairs));
  return base::WriteJson(json);
}

// The pairs that came after `since`, as a ConceptMap: an element a concept, its targets those that subsume it.
JsonValue MapOf(const Table& table, const std::string& name, uint64_t since) {
  JsonValue groups = JsonValue::Array();
  const auto group_of = [&](const std::string& source, const std::string& target) -> JsonValue& {
    for (JsonValue& group : groups.items()) {
      if (group.StringAt("source") == source && group.StringAt("target") == target) return group;
    }
    JsonValue group = JsonValue::Object();
    group.Set("source", JsonValue::OfString(source));
    group.Set("target", JsonValue::OfString(target));
    group.Set("element", JsonValue::Array());
    groups.Append(std::move(group));
    return groups.items().back();
  };
  for (const Table::Pair& pair : table.pairs) {
    if (pair.version <= since) continue;
    const conformance::TxCoding &below = table.concepts[pair.below], &above = table.concepts[pair.above];
    JsonValue target = JsonValue::Object();
    target.Set("code", JsonValue::OfString(above.code));
    target.Set("equivalence", JsonValue::OfString("subsumes"));
    JsonValue targets = JsonValue::Array();
    targets.Append(std::move(target));
    JsonValue element = JsonValue::Object();
    element.Set("code", JsonValue::OfString(below.code));
    element.Set("target", std::move(targets));
    group_of(below.system, above.system).Find("element")->Append(std::move(element));
  }
  JsonValue map = JsonValue::Object();
  map.Set("resourceType", JsonValue::OfString("ConceptMap"));
  map.Set("version", JsonValue::OfString(std::to_string(table.version)));
  map.Set("name", JsonValue::OfString(name));
  map.Set("status", JsonValue::OfString("active"));
  if (!groups.items().empty()) map.Set("group", std::move(groups));
  return map;
}

class Closure : public Operation {
 public:
  std::string_view name() const override { return "closure"; }
  std::string_view definition() const override { return "http://hl7.org/fhir/OperationDefinition/ConceptMap-closure"; }
  std::string_view type() const override { return {}; }
  unsigned levels() const override { return static_cast<unsigned>(Level::kSystem); }
  bool changes() const override { return true; }
  bool takes_json() const override { return true; }

  base::Result<OperationAnswer> Run(Plan& plan, const OperationCall& call) const override {
    const conformance::Terminology* terminology = plan.services().terminology;
    if (terminology == nullptr) return Error(ErrorKind::kUnavailable, "terminology.none");
    const TxParameters parameters(call, "concept");
    HEYI_CHECK(parameters.WithinBounds());
    const std::string name = parameters.Text("name");
    if (name.empty() || name.size() > kClosureNameBytesMax) return Error(ErrorKind::kMalformed, "terminology.closure", "name", "name");
    const bool adds = parameters.Has("concept"), replays = parameters.Has("version");
    if (adds && replays) return Error(ErrorKind::kMalformed, "terminology.closure", "version", "concept or version, not both");
    const std::string key = plan.context().caller.client + "/" + name;
    HEYI_TRY(stored, plan.snapshot().Fact(kClosureSpace, key));
    if ((adds || replays) && !stored) return Error(ErrorKind::kNotFound, "terminology.unknown-closure", {}, name);
    Table table;
    if (stored && (adds || replays)) {
      HEYI_TRY(read, ReadTable(*stored));
      table = std::move(read);
    }
    if (replays) {
      HEYI_TRY(since, parameters.Count("version"));
      return AnswerOf(MapOf(table, name, since.value_or(0)));
    }
    const uint64_t before = table.version;
    if (adds) HEYI_CHECK(Add(*terminology, ConceptsOf(call), table));
    plan.Require({std::string(kClosureSpace), key, stored});
    plan.Add({std::string(kClosureSpace), key, WriteTable(table)});
    return AnswerOf(MapOf(table, name, before));
  }

 private:
  static std::vector<conformance::TxCoding> ConceptsOf(const OperationCall& call) {
    std::vector<conformance::TxCoding> codings;
    if (call.json == nullptr) return codings;
    for (const JsonValue& parameter : (*call.json)["parameter"].items()) {
      if (parameter.StringAt("name") == "concept") codings.push_back(TxParameters::CodingOf(parameter["valueCoding"]));
    }
    return codings;
  }

  //   errors  kInvalid terminology.closure: a concept that no code system has, or too many
  static base::Result<base::Done> Add(const conformance::Terminology& terminology, const std::vector<conformance::TxCoding>& codings, Table& table) {
    ++table.version;
    for (const conformance::TxCoding& coding : codings) {
      const auto same = [&](const conformance::TxCoding& one) { return one.system == coding.system && one.code == coding.code; };
      if (std::any_of(table.concepts.begin(), table.concepts.end(), same)) continue;
      const std::string told = fmt::format("{}|{}", coding.system, coding.code);
      if (table.concepts.size() == kClosureConceptsMax) return Error(ErrorKind::kInvalid, "terminology.closure", "concept", told);
      if (!terminology.Subsumes(coding, coding).ok()) return Error(ErrorKind::kInvalid, "terminology.closure", "concept", told);
      const size_t place = table.concepts.size();
      for (size_t i = 0; i < place; ++i) {
        if (table.concepts[i].system != coding.system) continue;
        const auto answer = terminology.Subsumes(table.concepts[i], coding);
        if (!answer.ok()) continue;
        if (*answer.value == Subsumption::kSubsumes) table.pairs.push_back({place, i, table.version});
        if (*answer.value == Subsumption::kSubsumedBy) table.pairs.push_back({i, place, table.version});
      }
      table.concepts.push_back({coding.system, {}, coding.code, {}});
    }
    return base::Done{};
  }
};

}  // namespace

std::unique_ptr<Operation> MakeClosure() { return std::make_unique<Closure>(); }

}  // namespace heyi::interaction
