// Snapshots made from differentials: small ones written here, and HL7's own profiles against their published snapshots.
#include "conformance/profile/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/file.h"
#include "conformance/library/layered_source.h"
#include "conformance/library/library.h"
#include "conformance/library/memory_source.h"
#include "conformance/limits.h"
#include "conformance/profile/profiles.h"

namespace heyi::conformance {
namespace {

namespace fs = std::filesystem;
using base::JsonValue;
using Lines = std::vector<std::string>;

const Library& BaseLibrary() {
  static const std::unique_ptr<Library> library = [] {
    auto opened = Library::Open(HEYI_BINARY_DIR "/heyi-r4.definitions");
    if (!opened.ok()) std::abort();  // the target heyi_pack makes it
    return std::move(*opened);
  }();
  return *library;
}

JsonValue Json(const std::string& text) {
  auto json = base::ParseJson(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? std::move(*json) : JsonValue();
}

constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";

// A profile "http://t.example/NAME" of `type` (or of another profile) with these elements, commas between them.
JsonValue Profile(const std::string& name, const std::string& type, const std::string& elements, std::string base = {}) {
  if (base.empty()) base = std::string(kBase) + type;
  return Json(R"({"resourceType":"StructureDefinition","url":"http://t.example/)" + name + R"(","name":"P","status":"draft","kind":"resource",
      "abstract":false,"type":")" +
              type + R"(","baseDefinition":")" + base + R"(","derivation":"constraint","differential":{"element":[)" + elements + "]}}");
}

// "id min..max" and the types of every element whose id is `focus` or goes on from it with '.' or ':'.
Lines Shown(const JsonValue& elements, const std::string& focus) {
  Lines lines;
  for (const JsonValue& element : elements.items()) {
    const std::string id(element.StringAt("id"));
    const bool below = id.starts_with(focus) && (id.size() == focus.size() || id[focus.size()] == '.' || id[focus.size()] == ':');
    if (!below) continue;
    std::string line = id + " " + std::string(element.StringAt("min")) + ".." + std::string(element.StringAt("max"));
    for (const JsonValue& type : element["type"].items()) {
      const std::string_view code = type.StringAt("code");
      line += " " + std::string(code.substr(code.rfind('/') == std::string_view::npos ? 0 : code.rfind('/') + 1));
    }
    lines.push_back(line);
  }
  return lines;
}

base::Result<JsonValue> Made(const std::vector<JsonValue>& definitions) {
  MemorySource memory;
  for (const JsonValue& one : definitions) EXPECT_TRUE(memory.Add(one));
  const LayeredSource source({&memory, &BaseLibrary()});
  HEYI_TRY(tree, SnapshotMaker(source).Make(definitions.back()));
  return ElementsOfTree(*tree, definitions.back().StringAt("type"));
}

Lines Snapshot(const std::vector<JsonValue>& definitions, const std::string& focus) {
  const auto made = Made(definitions);
  if (!made.ok()) return {"refused: " + made.error().outcome.issues().at(0).rule};
  return Shown(*made, focus);
}

// The element of that id.
JsonValue Element(const std::vector<JsonValue>& definitions, std::string_view id) {
  const auto made = Made(definitions);
  EXPECT_TRUE(made.ok());
  if (!made.ok()) return {};
  for (const JsonValue& element : made->items()) {
    if (element.StringAt("id") == id) return element;
  }
  ADD_FAILURE() << "no " << id;
  return {};
}

const std::string kRoot = R"({"id":"Patient","path":"Patient"})";

TEST(Snapshot, NothingSaidIsTheBase) {
  const auto made = Made({Profile("p", "Patient", kRoot)});
  ASSERT_TRUE(made.ok());
  const auto base = BaseLibrary().Find("StructureDefinition", std::string(kBase) + "Patient", {});
  const auto& published = (*base)["snapshot"]["element"].items();
  ASSERT_EQ(made->items().size(), published.size());
  for (size_t i = 0; i < published.size(); ++i) EXPECT_EQ(made->items()[i].StringAt("id"), published[i].StringAt("id"));
}

TEST(Snapshot, UnfoldsIntoTypes) {
  EXPECT_EQ(Snapshot({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.name.family","path":"Patient.name.family","min":1})")}, "Patient.name"),
            Lines({"Patient.name 0..* HumanName", "Patient.name.id 0..1 System.String", "Patient.name.extension 0..* Extension", "Patient.name.use 0..1 code",
                   "Patient.name.text 0..1 string", "Patient.name.family 1..1 string", "Patient.name.given 0..* string", "Patient.name.prefix 0..* string",
                   "Patient.name.suffix 0..* string", "Patient.name.period 0..1 Period"}));
}

TEST(Snapshot, UnfoldsTwice) {
  const Lines lines = Snapshot({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.contact.name.period.start",
      "path":"Patient.contact.name.period.start","min":1})")},
                               "Patient.contact.name.period");
  EXPECT_EQ(lines, Lines({"Patient.contact.name.period 0..1 Period", "Patient.contact.name.period.id 0..1 System.String",
                          "Patient.contact.name.period.extension 0..* Extension", "Patient.contact.name.period.start 1..1 dateTime",
                          "Patient.contact.name.period.end 0..1 dateTime"}));
}

TEST(Snapshot, UnfoldsPrimitives) {
  EXPECT_EQ(Snapshot({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.birthDate.extension","path":"Patient.birthDate.extension",
      "min":1})")}, "Patient.birthDate").at(2),
            "Patient.birthDate.extension 1..* Extension");
}

TEST(Snapshot, ContentReferences) {
  const Lines lines = Snapshot({Profile("p", "Questionnaire", R"({"id":"Questionnaire","path":"Questionnaire"},
      {"id":"Questionnaire.item.item.text","path":"Questionnaire.item.item.text","min":1})")}, "Questionnaire.item.item");
  ASSERT_GT(lines.size(), 10u);
  EXPECT_EQ(lines[0], "Questionnaire.item.item 0..*");
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Questionnaire.item.item.text 1..1 string")) << lines[1];
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Questionnaire.item.item.linkId 1..1 string"));
}

TEST(Snapshot, SlicesAndTheirSlices) {
  const Lines lines = Snapshot({Profile("p", "Patient", kRoot + R"(
      ,{"id":"Patient.identifier","path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"},"min":1}
      ,{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","max":"2","slicing":{"discriminator":[{"type":"value","path":"use"}],
      "rules":"open"}}
      ,{"id":"Patient.identifier:a.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://t.example/a"}
      ,{"id":"Patient.identifier:a/o","path":"Patient.identifier","sliceName":"a/o","max":"1"}
      ,{"id":"Patient.identifier:a/o.use","path":"Patient.identifier.use","min":1,"fixedCode":"official"}
      ,{"id":"Patient.identifier:b","path":"Patient.identifier","sliceName":"b","min":1})")}, "Patient.identifier");
  Lines heads;
  for (const std::string& line : lines) {
    if (line.find(".id ") == std::string::npos && line.find(".extension") == std::string::npos) heads.push_back(line);
  }
  EXPECT_EQ(heads, Lines({"Patient.identifier 1..* Identifier", "Patient.identifier:a 0..2 Identifier", "Patient.identifier:a.use 0..1 code",
                          "Patient.identifier:a.type 0..1 CodeableConcept", "Patient.identifier:a.system 1..1 uri", "Patient.identifier:a.value 0..1 string",
                          "Patient.identifier:a.period 0..1 Period", "Patient.identifier:a.assigner 0..1 Reference", "Patient.identifier:a/o 0..1 Identifier",
                          "Patient.identifier:a/o.use 1..1 code", "Patient.identifier:a/o.type 0..1 CodeableConcept",
                          "Patient.identifier:a/o.system 1..1 uri",
                          "Patient.identifier:a/o.value 0..1 string", "Patient.identifier:a/o.period 0..1 Period",
                          "Patient.identifier:a/o.assigner 0..1 Reference",
                          "Patient.identifier:b 1..* Identifier"}));
}

// Without ids, by the order of the paths.
TEST(Snapshot, SlicesWithoutIds) {
  const Lines lines = Snapshot({Profile("p", "Patient", R"({"path":"Patient"}
      ,{"path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}}
      ,{"path":"Patient.identifier","sliceName":"a","min":1},{"path":"Patient.identifier.system","min":1}
      ,{"path":"Patient.identifier","sliceName":"b"},{"path":"Patient.identifier.value","min":1})")}, "Patient.identifier");
  const auto has = [&](const char* line) { return std::count(lines.begin(), lines.end(), line) == 1; };
  EXPECT_TRUE(has("Patient.identifier:a 1..* Identifier") && has("Patient.identifier:a.system 1..1 uri") && has("Patient.identifier:a.value 0..1 string"));
  EXPECT_TRUE(has("Patient.identifier:b 0..* Identifier") && has("Patient.identifier:b.system 0..1 uri") && has("Patient.identifier:b.value 1..1 string"));
}

TEST(Snapshot, ExtensionSlices) {
  const std::vector<JsonValue> definitions = {Profile("p", "Patient", kRoot + R"(,{"id":"Patient.extension:x","path":"Patient.extension",
      "sliceName":"x","min":1,"max":"1",
      "type":[{"code":"Extension","profile":["http://t.example/x"]}]})")};
  EXPECT_EQ(Snapshot(definitions, "Patient.extension"), Lines({"Patient.extension 0..* Extension", "Patient.extension:x 1..1 Extension"}));
  const JsonValue slicing = Element(definitions, "Patient.extension")["slicing"];
  ASSERT_EQ(slicing["discriminator"].items().size(), 1u);
  EXPECT_EQ(slicing["discriminator"].items()[0].StringAt("type"), "value");
  EXPECT_EQ(slicing["discriminator"].items()[0].StringAt("path"), "url");
}

TEST(Snapshot, ShortNamesOfChoices) {
  const std::vector<JsonValue> definitions = {Profile("p", "Observation", R"({"id":"Observation","path":"Observation"},
      {"id":"Observation.valueQuantity","path":"Observation.valueQuantity"},
      {"id":"Observation.valueQuantity.code","path":"Observation.valueQuantity.code","min":1})")};
  const Lines lines = Snapshot(definitions, "Observation.value[x]");
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_TRUE(lines[0].starts_with("Observation.value[x] 0..1 Quantity CodeableConcept string"));
  EXPECT_EQ(lines[1], "Observation.value[x]:valueQuantity 0..1 Quantity");
  EXPECT_EQ(lines[8], "Observation.value[x]:valueQuantity.code 1..1 code");
  EXPECT_EQ(Element(definitions, "Observation.value[x]")["slicing"]["discriminator"].items().at(0).StringAt("type"), "type");
}

TEST(Snapshot, ChoicesOfOneType) {
  EXPECT_EQ(Snapshot({Profile("p", "Observation", R"({"id":"Observation","path":"Observation"},
      {"id":"Observation.value[x]","path":"Observation.value[x]","type":[{"code":"Period"}],"min":1},{"id":"Observation.value[x].start",
      "path":"Observation.value[x].start","min":1})")},
                     "Observation.value[x]"),
            Lines({"Observation.value[x] 1..1 Period", "Observation.value[x].id 0..1 System.String", "Observation.value[x].extension 0..* Extension",
                   "Observation.value[x].start 1..1 dateTime", "Observation.value[x].end 0..1 dateTime"}));
}

TEST(Snapshot, ConstraintsAreMerged) {
  const JsonValue element = Element({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.contact","path":"Patient.contact","constraint":[
      {"key":"t-1","severity":"error","human":"x","expression":"true"},{"key":"pat-1","severity":"warning","human":"mine",
      "expression":"true"}]})")}, "Patient.contact");
  std::map<std::string, std::string> severities;
  for (const JsonValue& one : element["constraint"].items()) severities[std::string(one.StringAt("key"))] = one.StringAt("severity");
  EXPECT_EQ(severities["t-1"], "error");
  EXPECT_EQ(severities["pat-1"], "warning");
  EXPECT_TRUE(severities.contains("ele-1"));
}

TEST(Snapshot, WhatIsNotSaidStays) {
  const JsonValue element = Element({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.gender","path":"Patient.gender","min":1})")}, "Patient.gender");
  EXPECT_EQ(element["binding"].StringAt("strength"), "required");
  EXPECT_EQ(element.StringAt("max"), "1");
  EXPECT_EQ(element["type"].items().size(), 1u);
}

TEST(Snapshot, ProfilesUponProfiles) {
  const JsonValue below = Profile("q", "Patient", kRoot + R"(,{"id":"Patient.name","path":"Patient.name","min":1},{"id":"Patient.name.family",
      "path":"Patient.name.family","min":1})");
  const JsonValue above = Profile("p", "Patient", kRoot + R"(,{"id":"Patient.name","path":"Patient.name","max":"3"},{"id":"Patient.name.given",
      "path":"Patient.name.given","min":1})", "http://t.example/q");
  const Lines lines = Snapshot({below, above}, "Patient.name");
  EXPECT_EQ(lines.at(0), "Patient.name 1..3 HumanName");
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Patient.name.family 1..1 string"));
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Patient.name.given 1..* string"));
}

// A slice that the profile below made is narrowed, not made again.
TEST(Snapshot, SlicesOfTheProfileBelow) {
  const JsonValue below = Profile("q", "Patient", kRoot + R"(,{"id":"Patient.identifier","path":"Patient.identifier",
      "slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
      {"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","max":"1"})");
  const JsonValue above = Profile("p", "Patient", kRoot + R"(,{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a",
      "min":1})", "http://t.example/q");
  EXPECT_EQ(Snapshot({below, above}, "Patient.identifier"), Lines({"Patient.identifier 0..* Identifier", "Patient.identifier:a 1..1 Identifier"}));
}

TEST(Snapshot, ProfilesOfTypesAreGoneInto) {
  JsonValue name = Profile("n", "HumanName", R"({"id":"HumanName","path":"HumanName"},{"id":"HumanName.family","path":"HumanName.family","min":1})");
  const JsonValue patient = Profile("p", "Patient", kRoot + R"(,{"id":"Patient.name","path":"Patient.name","type":[{"code":"HumanName",
      "profile":["http://t.example/n"]}]},
      {"id":"Patient.name.given","path":"Patient.name.given","min":1})");
  const Lines lines = Snapshot({name, patient}, "Patient.name");
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Patient.name.family 1..1 string"));
  EXPECT_TRUE(std::count(lines.begin(), lines.end(), "Patient.name.given 1..* string"));
}

// ---- refused ----

void ExpectRefused(const std::vector<JsonValue>& definitions) { EXPECT_EQ(Snapshot(definitions, ""), Lines({"refused: conformance.snapshot"})); }

TEST(Snapshot, Refuses) {
  ExpectRefused({Profile("p", "Patient", kRoot, "http://t.example/none")});
  ExpectRefused({Profile("p", "Patient", kRoot, "http://t.example/p")});
  ExpectRefused({Profile("q", "Patient", kRoot, "http://t.example/p"), Profile("p", "Patient", kRoot, "http://t.example/q")});
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.nickname","path":"Patient.nickname"})")});
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.name.nickname","path":"Patient.name.nickname"})")});
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"min":1})")});
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"path":"Patient.deceasedQuantity"})")});
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"id":"Patient.name","path":"Patient.name","type":[{"code":"HumanName",
      "profile":["http://t.example/none"]}]},{"path":"Patient.name.given"})")});
  ExpectRefused({Json(R"({"resourceType":"StructureDefinition","url":"http://t.example/p","type":"Patient"})")});
}

// Profiles upon profiles upon profiles.
TEST(Snapshot, BasesAreBounded) {
  const auto chain = [](size_t length) {
    std::vector<JsonValue> definitions = {Profile("0", "Patient", kRoot)};
    for (size_t i = 1; i < length; ++i) definitions.push_back(Profile(std::to_string(i), "Patient", kRoot, "http://t.example/" + std::to_string(i - 1)));
    return definitions;
  };
  EXPECT_TRUE(Made(chain(10)).ok());
  ExpectRefused(chain(kBasesMax + 2));
  ExpectRefused(chain(1'000));
}

// Long names, too: nothing of this may recurse as deep as they are.
// A type that goes into itself without an end, and elements whose names go on and on.
TEST(Snapshot, DepthIsBounded) {
  std::string path = "Patient.managingOrganization";
  for (int i = 0; i < 2'000; ++i) path += ".identifier.assigner";
  const auto made = Made({Profile("p", "Patient", kRoot + R"(,{"path":")" + path + R"(","min":1})")});
  EXPECT_FALSE(made.ok());
  for (const std::string& part : {std::string(".a"), std::string(".name")}) {
    std::string long_path = "Patient.name";
    while (long_path.size() < 1'000'000) long_path += part;
    ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"path":")" + long_path + R"("})")});
    ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"id":")" + long_path + R"(","path":")" + long_path + R"("})")});
  }
  std::string slice = "a";
  while (slice.size() < 1'000'000) slice += "/a";
  ExpectRefused({Profile("p", "Patient", kRoot + R"(,{"path":"Patient.name","sliceName":")" + slice + R"("})")});
  std::string deep = "Patient";
  std::string elements = R"({"path":"Patient"})";
  for (int i = 0; i < 5'000; ++i) elements += R"(,{"path":")" + (deep += ".a") + R"("})";
  EXPECT_FALSE(TreeOfElements(Json("[" + elements + "]")).ok());
}

// Each level goes into all of the level above: many elements, an end all the same.
TEST(Snapshot, SizeIsBounded) {
  std::string elements = kRoot;
  for (int i = 0; i < 20'000; ++i) {
    const std::string n = std::to_string(i);
    elements += R"(,{"id":"Patient.identifier:s)" + n + R"(","path":"Patient.identifier","sliceName":"s)" + n + R"("},{"id":"Patient.identifier:s)" + n +
                R"(.period.start","path":"Patient.identifier.period.start","min":1})";
  }
  const std::clock_t begin = std::clock();
  EXPECT_FALSE(Made({Profile("p", "Patient", elements)}).ok());
  EXPECT_LT(std::clock() - begin, 20 * CLOCKS_PER_SEC);
}

// Slices of slices of slices, each a copy of all its slice has.
TEST(Snapshot, NestedSlicesAreBounded) {
  std::string elements = kRoot, slice = "a";
  for (int i = 0; i < 20; ++i) {
    elements += R"(,{"id":"Patient.contact:)" + slice + R"(","path":"Patient.contact","sliceName":")" + slice + R"("})";
    elements += R"(,{"id":"Patient.contact:)" + slice + R"(.name.period.start","path":"Patient.contact.name.period.start","min":1})";
    slice += "/a";
  }
  const std::clock_t begin = std::clock();
  (void)Made({Profile("p", "Patient", elements)});
  EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC);
}

TEST(Snapshot, TreesOfListsThatAreNone) {
  for (const char* text : {"[]", "null", R"([{"path":"A.b"}])", R"([{"path":"A"},{"path":"A.b.c"}])", R"([{"path":"A"},
      {"path":"B"}])", R"([{"path":""},{"path":""}])", R"([{}, {}])"}) {
    EXPECT_FALSE(TreeOfElements(Json(text)).ok()) << text;
  }
  EXPECT_TRUE(TreeOfElements(Json(R"([{"path":"A"},{"path":"A.b"},{"path":"A.c"},{"path":"A.b"}])")).ok());
}

// ---- HL7's own ----

TEST(Snapshot, OfficialProfilesCompile) {
  auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  ASSERT_TRUE(definitions.ok());
  const Profiles profiles(BaseLibrary(), **definitions);
  for (const char* name : {"vitalsigns", "bp", "bodyweight", "bodyheight", "bodytemp", "bmi", "heartrate", "resprate", "oxygensat", "headcircum",
      "vitalspanel", "lipidprofile",
                           "cholesterol", "triglyceride", "hdlcholesterol", "ldlcholesterol", "shareablevalueset", "shareablecodesystem",
                           "clinicaldocument", "groupdefinition",
                           "actualgroup", "familymemberhistory-genetic", "MoneyQuantity", "SimpleQuantity", "patient-birthPlace",
                           "patient-nationality", "cdshooksserviceplandefinition",
                           "provenance-relevant-history", "ehrsrle-auditevent", "elementdefinition-de"}) {
    const auto found = profiles.Find(std::string(kBase) + name);
    EXPECT_TRUE(found->known) << name;
    EXPECT_NE(found->profile, nullptr) << name;
    for (const base::Issue& issue : found->problems.issues()) ADD_FAILURE() << name << ": " << issue.rule << " " << issue.expression << " " << issue.detail;
  }
}

TEST(Snapshot, AllOfTheLibraryCompile) {
  auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  ASSERT_TRUE(definitions.ok());
  const Profiles profiles(BaseLibrary(), **definitions);
  size_t all = 0, unusable = 0, problems = 0;
  for (const CanonicalName& name : BaseLibrary().Names("StructureDefinition")) {
    const auto found = profiles.Find(name.url);
    ++all;
    if (found->profile == nullptr && ++unusable < 20) std::printf("  unusable: %s\n", name.url.c_str());
    problems += found->problems.issues().size();
    for (const base::Issue& issue : found->problems.issues()) std::printf("  %s: %s %s\n", name.url.c_str(), issue.rule.c_str(), issue.detail.c_str());
  }
  std::printf("%zu structures, %zu unusable, %zu problems\n", all, unusable, problems);
  EXPECT_GE(all, 500u);
  EXPECT_EQ(unusable, 0u);
}

std::set<std::string> Rows(const JsonValue& elements) {
  std::set<std::string> rows;
  for (const JsonValue& element : elements.items()) {
    rows.insert(std::string(element.StringAt("path")) + " " + std::string(element.StringAt("sliceName")) + " " + std::string(element.StringAt("min")) + ".." +
                std::string(element.StringAt("max")));
  }
  return rows;
}

// Made from the differential alone, the same paths, slices and cardinalities as HL7 has published.
TEST(Snapshot, AgreesWithPublishedOnes) {
  const fs::path directory = HEYI_SOURCE_DIR "/node_modules/hl7.fhir.r4.examples";
  if (!fs::exists(directory)) GTEST_SKIP() << "no node_modules/hl7.fhir.r4.examples: run `npm ci`";
  size_t all = 0, agree = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("StructureDefinition-") || !name.ends_with(".json")) continue;
    const auto text = base::ReadFile(entry.path().string());
    ASSERT_TRUE(text.ok());
    auto definition = base::ParseJson(*text);
    ASSERT_TRUE(definition.ok());
    const std::set<std::string> published = Rows((*definition)["snapshot"]["element"]);
    if (definition->StringAt("derivation") != "constraint" || published.empty() || (*definition)["differential"]["element"].items().empty()) continue;
    ++all;
    definition->Set("snapshot", JsonValue());
    const auto tree = SnapshotMaker(BaseLibrary()).Make(*definition);
    if (!tree.ok()) {
      std::printf("  %s: %s\n", name.c_str(), tree.error().outcome.issues().at(0).detail.c_str());
      continue;
    }
    const std::set<std::string> made = Rows(ElementsOfTree(**tree, definition->StringAt("type")));
    std::vector<std::string> less, more;
    std::set_difference(published.begin(), published.end(), made.begin(), made.end(), std::back_inserter(less));
    std::set_difference(made.begin(), made.end(), published.begin(), published.end(), std::back_inserter(more));
    if (less.empty() && more.empty()) {
      ++agree;
    } else {
      std::printf("  %s: %zu missing (%s), %zu more (%s)\n", name.c_str(), less.size(), less.empty() ? "" : less[0].c_str(), more.size(),
      more.empty() ? "" : more[0].c_str());
    }
  }
  std::printf("%zu of %zu snapshots agree\n", agree, all);
  EXPECT_GE(all, 300u);
  EXPECT_GE(agree * 100, all * 90);
}

}  // namespace
}  // namespace heyi::conformance
