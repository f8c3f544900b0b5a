// What a rule is run on. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#rules
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "fhir/path/navigate.h"
#include "fhir/path/value.h"
#include "mapping/fml/run.h"

namespace heyi::mapping {

using base::Done;
using base::Result;
using fhir::Collection;
using fhir::kNoNode;
using fhir::Node;
using fhir::NodeIndex;
using fhir::PathValue;

// One source inside the other: each combination of their items runs the rest once.
Result<Done> FmlRunner::RunSources(const FmlRule& rule, FmlFrame& frame, size_t at) {
  if (at == rule.sources.size()) {
    HEYI_CHECK(Spend(1));
    if (rule.identity) return RunIdentity(rule, frame);
    return RunTargets(rule, frame, 0);
  }
  const FmlSourceStep& source = rule.sources[at];
  std::vector<NodeIndex> places;  // of items that are a target's
  HEYI_TRY(items, SourceItems(source, frame, places));
  for (size_t i = 0; i < items.size(); ++i) {
    frame[source.variable] = {{std::move(items[i])}, i < places.size() ? places[i] : kNoNode};
    HEYI_CHECK(RunSources(rule, frame, at + 1));
  }
  return Done{};
}

Result<Done> FmlRunner::Navigate(const PathValue& from, std::string_view name, Collection& out) {
  HEYI_CHECK(Spend(1));
  const Node node = from.node();
  const bool object = node && node.is_object();
  if (!object && name == "value" && (node || from.kind() != PathValue::Kind::kNode)) {
    out.push_back(from);  // of a primitive, itself
    return Done{};
  }
  const size_t before = out.size();
  fhir::AppendNamed(from, name, budget_, out);
  if (out.size() > before || !object || node.type() == nullptr) return Spend(0);
  // A choice by its JSON name.
  const fhir::Property* property = node.type()->Find(name);
  if (property == nullptr || !property->element->choice) return Done{};
  fhir::AppendNamed(from, property->element->name, budget_, out);
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(), [&](const PathValue& item) {
    const Node place = item.node() ? item.node() : item.underscore();
    return place.property() != property;
  }), out.end());
  return Spend(0);
}

Result<Collection> FmlRunner::SourceItems(const FmlSourceStep& source, FmlFrame& frame,
    std::vector<NodeIndex>& places) {
  const FmlValue* context = source.context != kNoSlot ? &frame[source.context] : nullptr;
  if (context == nullptr) {
    HEYI_TRY(constant, Constant(source.constant));
    context = constant;
  }
  Collection items = context->items;
  if (items.empty()) return items;
  const PathValue around = items[0];
  const NodeIndex place = context->target;
  for (const std::string& step : source.steps) {
    Collection below;
    for (const PathValue& item : items) HEYI_CHECK(Navigate(item, step, below));
    items = std::move(below);
  }
  if (!source.type_name.empty()) {
    std::erase_if(items, [&](const PathValue& item) {
      const fhir::Type* type = TypeOf(item);
      return type == nullptr || (type != source.type && !type->IsA(source.type->name));
    });
  }
  HEYI_CHECK(Spend(items.size()));
  const bool too_few = items.size() < source.min && !source.default_value;
  if (too_few || items.size() > source.max) {
    return Fail("fml.cardinality", source.place, fmt::format("{} ∉ {}..{}", items.size(), source.min,
        source.max == UINT32_MAX ? "*" : std::to_string(source.max)));
  }
  if (items.empty() && source.default_value) {
    auto value = Evaluate(*source.default_value, around, frame);
    if (!value.ok()) return At(std::move(value).error(), source.place);
    items = std::move(*value);
  }
  HEYI_CHECK(Filter(source, frame, around, items));
  if (source.list_mode && !items.empty()) {
    switch (*source.list_mode) {
      case StructureMap::SourceListMode::kFirst: items.resize(1); break;
      case StructureMap::SourceListMode::kNotFirst: items.erase(items.begin()); break;
      case StructureMap::SourceListMode::kLast: items.erase(items.begin(), items.end() - 1); break;
      case StructureMap::SourceListMode::kNotLast: items.pop_back(); break;
      case StructureMap::SourceListMode::kOnlyOne:
        if (items.size() > 1) return Fail("fml.only-one", source.place, std::to_string(items.size()));
        break;
    }
  }
  // A target read as a source stays one.
  if (place != kNoNode) {
    for (const PathValue& item : items) {
      const Node node = item.kind() == PathValue::Kind::kNode ? item.node() : Node();
      places.push_back(node && node.tree() == &workspace_.tree() ? node.index() : kNoNode);
    }
  }
  return items;
}

// where, then check, then log, each on every item that is left, with the variable already on it.
Result<Done> FmlRunner::Filter(const FmlSourceStep& source, FmlFrame& frame, const PathValue& context,
    Collection& items) {
  if (!source.condition && !source.check && !source.log) return Done{};
  const auto focus = [&](const FmlExpression& expression, const PathValue& item) -> const PathValue& {
    // `src.i as i where (m < 2)`: a string has no m, so it is the context's.
    const bool primitive = item.kind() != PathValue::Kind::kNode || !item.node() || !item.node().is_object();
    return primitive && expression.names_members && !source.steps.empty() ? context : item;
  };
  const auto evaluate = [&](const FmlExpression& expression, const PathValue& item) -> Result<Collection> {
    frame[source.variable] = ValueOf(item);
    auto value = Evaluate(expression, focus(expression, item), frame);
    if (!value.ok()) return At(std::move(value).error(), source.place);
    return std::move(*value);
  };
  const auto holds = [](const Collection& value) {
    if (value.size() != 1) return !value.empty();
    const fhir::Scalar scalar = fhir::ScalarOf(value[0]);
    return scalar.kind != PathValue::Kind::kBoolean || scalar.text == "true";
  };
  if (source.condition) {
    Collection kept;
    for (PathValue& item : items) {
      HEYI_TRY(value, evaluate(*source.condition, item));
      if (holds(value)) kept.push_back(std::move(item));
    }
    items = std::move(kept);
  }
  for (const PathValue& item : items) {
    if (!source.check) break;
    HEYI_TRY(value, evaluate(*source.check, item));
    if (!holds(value)) return Fail("fml.check", source.place, source.check->text);
  }
  for (const PathValue& item : items) {
    if (!source.log) break;
    HEYI_TRY(value, evaluate(*source.log, item));
    std::string line;
    for (const PathValue& one : value) line += (line.empty() ? "" : ", ") + std::string(one.text());
    if (!line.empty() && log_.size() < kFmlLogMax) log_.emplace_back(base::ClipUtf8(line, 1'000));
  }
  return Done{};
}

}  // namespace heyi::mapping
