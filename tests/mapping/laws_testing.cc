#include "laws_testing.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "adapters/health/v2/syntax.h"
#include "adapters/logical_model.h"
#include "base/charset.h"
#include "base/text.h"
#include "conformance/structure.h"
#include "fhir/json/write.h"

namespace heyi::mapping {

using base::JsonValue;

std::vector<std::pair<std::string, fhir::Node>> Named(const Mapped& mapped, const MemoryTargets& store) {
  std::vector<std::pair<std::string, fhir::Node>> named;
  std::set<std::string> made;
  for (const MappedResource& resource : mapped.resources) {
    named.emplace_back(resource.name, resource.tree.root());
    made.insert(resource.name);
  }
  for (const auto& [name, tree] : store.resources()) {
    if (!made.contains(name)) named.emplace_back(name, tree.root());
  }
  return named;
}

void CheckResourcesAreSound(const LawCase& at, const Mapped& mapped) {
  for (const MappedResource& resource : mapped.resources) {
    base::Outcome outcome;
    conformance::CheckStructure(resource.tree, TestDefinitions(), outcome);
    EXPECT_TRUE(outcome.empty()) << at.name << " " << resource.name << ": " << Lines(outcome).front();
    ReadResource(ToJson(resource.tree));
  }
}

// "v2.NK1[1].5[0].7" -> segment NK1 the second, field 5, first repetition, component 7.
void CheckV2Lineage(const LawCase& at, const std::string& raw, const Mapped& mapped) {
  const base::Charset charset = base::IsValidUtf8(raw) ? base::Charset::kUtf8 : base::Charset::kGb18030;
  const auto message = adapters::V2Message::Parse(raw, charset);
  ASSERT_TRUE(message.ok()) << at.name;
  for (const LineageRow& row : mapped.lineage) {
    std::string found;
    std::map<std::string_view, size_t> seen;
    for (const adapters::V2Segment& segment : message->segments()) {
      const size_t number = seen[segment.name]++;
      for (const adapters::V2Leaf* leaf = message->begin(segment); leaf != message->end(segment); ++leaf) {
        if (leaf->begin != row.begin || leaf->size == 0) continue;
        found = fmt::format("{}.{}.{}.{}.{}.{}", segment.name, number, leaf->field, leaf->repetition, leaf->component + 1, leaf->subcomponent + 1);
      }
    }
    // The same from the path: what it leaves out is the first.
    const std::string path = row.source.starts_with("v2.") ? row.source.substr(3) : row.source;
    const std::vector<std::string_view> steps = base::Split(path, '.');
    const auto name = [](std::string_view step) { return std::string(step.substr(0, step.find('['))); };
    const auto index = [](std::string_view step) { return step.find('[') == std::string_view::npos ? "0" : std::string(step.substr(step.find('[') + 1, step.size() - step.find('[') - 2)); };
    const std::string want = fmt::format("{}.{}.{}.{}.{}.{}", name(steps[0]), index(steps[0]), name(steps[1]), index(steps[1]),
                                         steps.size() > 2 ? std::string(steps[2]) : "1", steps.size() > 3 ? std::string(steps[3]) : "1");
    EXPECT_EQ(found, want) << at.name << " " << row.source << " at " << row.begin;
  }
}

// A value of a document begins with its own first byte, or is made of an element and stands at its `<`.
void CheckXmlLineage(const LawCase& at, const std::string& raw, const Mapped& mapped) {
  for (const LineageRow& row : mapped.lineage) {
    ASSERT_LT(row.begin, raw.size()) << at.name;
    const std::string id = row.target.substr(0, row.target.find('#'));
    std::string text;
    for (const MappedResource& resource : mapped.resources) {
      if (fmt::format("{}/{}", resource.tree.type()->name, resource.tree.id()) != id) continue;
      text = fhir::WriteJson(resource.tree);
    }
    EXPECT_FALSE(text.empty()) << at.name << " " << row.target;
    const std::string_view here = std::string_view(raw).substr(row.begin);
    const size_t end = here.find_first_of("<\"&");
    std::string said;
    base::CharsetConverter converter(base::IsValidUtf8(raw) ? base::Charset::kUtf8 : base::Charset::kGb18030);
    ASSERT_TRUE(converter.ToUtf8(here.substr(0, end), &said)) << at.name << " " << row.source;
    EXPECT_NE(text.find(base::ClipUtf8(said, 4)), std::string::npos) << at.name << " " << row.source << " " << said;
  }
}

// Lineage points at the very bytes.
void CheckLineage(const LawCase& at, const std::string& raw, const Mapped& mapped) {
  if (at.v2) return CheckV2Lineage(at, raw, mapped);
  if (at.xml) return CheckXmlLineage(at, raw, mapped);
  for (const LineageRow& row : mapped.lineage) {
    ASSERT_LT(row.begin, raw.size()) << at.name;
    const std::string member = "\"" + row.source.substr(row.source.find_last_of('.') + 1) + "\":";
    const std::string before = raw.substr(0, row.begin);
    EXPECT_TRUE(before.ends_with(member) || before.ends_with(member + "\"")) << at.name << " " << row.source;
  }
}

// What HL7 v2 may say in two ways comes back in one: a name or an address in parts as a whole, 1 as M.
bool IsSaidOtherwise(std::string_view model_path) {
  constexpr std::string_view kPaths[] = {"PID.5[].1", "PID.8", "PID.11[].1", "PV1.7[].2"};
  return std::find(std::begin(kPaths), std::end(kPaths), model_path) != std::end(kPaths);
}

void CheckSameFields(const LawCase& at, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                     const std::string& level);

// The items of an HL7 v2 field are told apart by their type, not by their place; each that comes back was sent so.
void CheckSameItems(const LawCase& at, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                    const std::string& level) {
  for (const JsonValue& item : back.items()) {
    const JsonValue* type = item.Find("5");
    const JsonValue* same = sent.items().empty() ? nullptr : &sent.items().front();
    for (const JsonValue& other : sent.items()) {
      if (type != nullptr && other.StringAt("5") == type->text()) same = &other;
    }
    ASSERT_NE(same, nullptr) << at.name << " " << level;
    CheckSameFields(at, model, *same, item, level);
  }
}

// Every field that comes back says what the message said (PutGet).
void CheckSameFields(const LawCase& at, const adapters::LogicalModel& model, const JsonValue& sent, const JsonValue& back,
                     const std::string& level) {
  for (const auto& [name, value] : back.members()) {
    const JsonValue* there = sent.Find(name);
    if (there == nullptr || adapters::IsAbsent(*there)) continue;  // stood in the resource before
    const adapters::Field* field = model.Find(level + name);
    ASSERT_NE(field, nullptr) << at.name << " " << level << name;
    const bool a_field_early = at.v2 && level + name == "PV1.19" && sent["18"].StringAt("5") == "VN";
    if (a_field_early) continue;
    if (field->kind == adapters::FieldKind::kObject) {
      CheckSameFields(at, model, *there, value, level + name + ".");
    } else if (field->kind == adapters::FieldKind::kList && at.v2) {
      CheckSameItems(at, model, *there, value, level + name + "[].");
    } else if (field->kind == adapters::FieldKind::kList) {
      ASSERT_EQ(there->items().size(), value.items().size()) << at.name;
      for (size_t i = 0; i < value.items().size(); ++i) {
        CheckSameFields(at, model, there->items()[i], value.items()[i], level + name + "[].");
      }
    } else if (at.v2 && IsSaidOtherwise(level + name)) {
      continue;
    } else if (field->kind == adapters::FieldKind::kFlag) {
      const std::string& flag = there->text();
      EXPECT_EQ(value.text() == "1", flag == "1" || flag == "true" || flag == "是") << at.name << " " << level << name;
    } else {
      std::string want = adapters::NormalText(*there, field->kind);
      if (field->kind == adapters::FieldKind::kInteger) want.erase(0, std::min(want.find_first_not_of('0'), want.size() - 1));
      EXPECT_EQ(adapters::NormalText(value, field->kind), want) << at.name << " " << level << name;
    }
  }
}

// What was read out and put back changes nothing (GetPut).
void CheckNothingChangesTwice(const LawCase& at, const PairMap& map, const adapters::Message& message, const Mapped& mapped,
                              const MemoryTargets& store, const JsonValue* back) {
  MemoryTargets after;
  std::set<std::string> made;
  for (const MappedResource& resource : mapped.resources) {
    after.Add(resource.name, resource.tree.Clone());
    made.insert(std::string(resource.tree.id()));
  }
  for (const auto& [name, tree] : store.resources()) {
    if (!made.contains(std::string(tree.id()))) after.Add(name, tree.Clone());
  }
  adapters::Message again = message;
  if (back != nullptr) again.record = *back;
  base::Result<Mapped> twice = map.ToFhir(again, after);
  ASSERT_TRUE(twice.ok()) << at.name;
  for (const MappedResource& resource : twice->resources) {
    EXPECT_TRUE(resource.existed) << at.name << " " << resource.name;
    EXPECT_FALSE(resource.changed) << at.name << " " << resource.name << fhir::WriteJson(resource.tree);
  }
}

}  // namespace heyi::mapping
