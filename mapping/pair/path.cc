#include "mapping/pair/path.h"

#include <fmt/format.h>

#include "base/text.h"
#include "mapping/embedded.h"
#include "mapping/limits.h"
#include "mapping/pair/split.h"

namespace heyi::mapping {
namespace {

using fhir::Node;
using fhir::NodeIndex;
using fhir::Tree;

// ---- text -> path ----

class PathReader {
 public:
  PathReader(const std::string& place, base::Outcome& outcome) : place_(place), outcome_(outcome) {}

  std::optional<FhirPath> Read(std::string_view text, const fhir::Type& type, bool whole_list) {
    FhirPath path;
    path.text = text;
    path.end = &type;
    const std::vector<std::string_view> steps = SplitOutside(text, '.');
    if (steps.size() > kPathStepsMax) return Fail("map.unknown-path", text);
    for (size_t i = 0; i < steps.size(); ++i) {
      if (!ReadStep(steps[i], text, whole_list && i + 1 == steps.size(), path)) return std::nullopt;
    }
    return path;
  }

 private:
  std::nullopt_t Fail(std::string_view rule, std::string_view detail) {
    outcome_.Add(rule, place_, detail);
    return std::nullopt;
  }

  bool ReadStep(std::string_view text, std::string_view whole, bool is_whole_list, FhirPath& path) {
    const size_t bracket = text.find('[');
    const std::string_view name = text.substr(0, bracket);
    const fhir::Property* property = path.end->Find(name);
    if (property == nullptr || property->type == nullptr || property->type->kind == fhir::Type::Kind::kAbstractResource) {
      Fail("map.unknown-path", fmt::format("{} ({})", whole, name));
      return false;
    }
    PathStep step;
    step.property = property;
    step.list = property->element->list;
    path.end = property->type;
    path.key += fmt::format("{}{}", path.key.empty() ? "" : ".", property->element->name);
    if (bracket == std::string_view::npos) {
      if (step.list) {
        Fail("map.needs-selector", fmt::format("{} ({})", whole, name));
        return false;
      }
    } else if (!ReadBrackets(text.substr(bracket), whole, is_whole_list, step, path)) {
      return false;
    }
    path.steps.push_back(std::move(step));
    return true;
  }

  bool ReadBrackets(std::string_view text, std::string_view whole, bool is_whole_list, PathStep& step, FhirPath& path) {
    if (!text.ends_with(']')) {
      Fail("map.unknown-path", whole);
      return false;
    }
    const std::string_view inside = text.substr(1, text.size() - 2);
    uint64_t number = 0;
    path.key += '[';
    if (is_whole_list) {
      if (!inside.empty() || !step.list) Fail("map.unknown-path", whole);
    } else if (step.list && base::ParseUnsigned(inside, &number)) {
      step.index = static_cast<size_t>(number);
      path.key += inside;
    } else {
      for (std::string_view part : base::Split(inside, ',')) {
        std::optional<Condition> condition = ReadCondition(part, *path.end, path.key);
        if (!condition) {
          Fail("map.unknown-path", whole);
          return false;
        }
        step.where.push_back(std::move(*condition));
      }
    }
    path.key += ']';
    return true;
  }

  std::optional<Condition> ReadCondition(std::string_view text, const fhir::Type& type, std::string& key) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    Condition condition;
    const fhir::Type* at = &type;
    for (std::string_view member : base::Split(text.substr(0, equals), '.')) {
      const fhir::Property* property = at->Find(member);
      if (property == nullptr || property->element->list || property->type == nullptr) return std::nullopt;
      condition.members.push_back(property);
      at = property->type;
    }
    if (!at->is_primitive() || at->json != fhir::JsonKind::kString) return std::nullopt;
    condition.value = text.substr(equals + 1);
    if (condition.value.starts_with('$')) {
      const std::string_view uri = SystemUri(std::string_view(condition.value).substr(1));
      if (uri.empty()) return Fail("map.unknown-system", condition.value);
      condition.value = uri;
    }
    if (condition.value.empty()) return std::nullopt;
    key += fmt::format("{}={},", text.substr(0, equals), condition.value);
    return condition;
  }

  const std::string& place_;
  base::Outcome& outcome_;
};

// ---- finding ----

bool Holds(Node object, const Condition& condition) {
  for (const fhir::Property* member : condition.members) {
    object = object.is_object() ? object.Member(member->name) : Node();
    if (!object) return false;
  }
  return object.text() == condition.value;
}

bool Holds(Node object, const PathStep& step) {
  for (const Condition& condition : step.where) {
    if (!Holds(object, condition)) return false;
  }
  return true;
}

Node ItemOf(Node list, const PathStep& step) {
  if (step.index) return list.Child(*step.index);
  for (Node item = list.first_child(); item; item = item.next()) {
    if (Holds(item, step)) return item;
  }
  return {};
}

// ---- making ----

// Of a choice element one value stands: the others go, with their `_` members.
void DropOtherChoices(Tree& tree, NodeIndex object, const fhir::Property& property) {
  for (Node child = Node(&tree, object).first_child(); child;) {
    const Node next = child.next();
    if (child.property() != nullptr && child.property() != &property && child.property()->element == property.element) {
      tree.RemoveMember(object, child.index());
    }
    child = next;
  }
}

NodeIndex EnsureMember(Tree& tree, NodeIndex object, const fhir::Property& property) {
  if (property.element->choice) DropOtherChoices(tree, object, property);
  return tree.Ensure(object, property.name);
}

void MakeHold(Tree& tree, NodeIndex object, const PathStep& step) {
  for (const Condition& condition : step.where) {
    NodeIndex at = object;
    for (const fhir::Property* member : condition.members) at = EnsureMember(tree, at, *member);
    if (Node(&tree, at).text() != condition.value) tree.SetText(at, condition.value);
  }
}

fhir::NodeKind KindOf(const fhir::Type& type) {
  if (!type.is_primitive()) return fhir::NodeKind::kObject;
  return type.json == fhir::JsonKind::kString   ? fhir::NodeKind::kString
         : type.json == fhir::JsonKind::kNumber ? fhir::NodeKind::kNumber
                                                : fhir::NodeKind::kBool;
}

}  // namespace

std::optional<FhirPath> ReadPath(std::string_view text, const fhir::Type& type, bool whole_list, const std::string& place,
                                 base::Outcome& outcome) {
  return PathReader(place, outcome).Read(text, type, whole_list);
}

Node FindPlace(Node from, const FhirPath& path) {
  for (const PathStep& step : path.steps) {
    if (!from || !from.is_object()) return {};
    from = from.Member(step.property->name);
    if (!from) return {};
    if (step.list) {
      from = step.index || !step.where.empty() ? ItemOf(from, step) : from;
    } else if (!Holds(from, step)) {
      return {};
    }
  }
  return from;
}

NodeIndex EnsurePlace(Tree& tree, NodeIndex object, const FhirPath& path) {
  NodeIndex at = object;
  for (const PathStep& step : path.steps) {
    at = EnsureMember(tree, at, *step.property);
    if (!step.list) {
      MakeHold(tree, at, step);
    } else if (step.index || !step.where.empty()) {
      const Node item = ItemOf(Node(&tree, at), step);
      at = item ? item.index() : tree.AddItem(at, KindOf(*step.property->type));
      MakeHold(tree, at, step);
    }
  }
  return at;
}

void RemovePlace(Tree& tree, NodeIndex object, const FhirPath& path) {
  Node place = FindPlace(Node(&tree, object), path);
  while (place && place.index() != object) {
    const NodeIndex above = place.parent().index();
    tree.RemoveMember(above, place.index());
    place = Node(&tree, above);
    if (place.first_child()) return;
  }
}

NodeIndex SetMember(Tree& tree, NodeIndex object, const fhir::Property& property, std::string_view text) {
  const NodeIndex member = EnsureMember(tree, object, property);
  if (Node(&tree, member).text() != text) tree.SetText(member, text);
  return member;
}

NodeIndex SetMember(Tree& tree, NodeIndex object, std::string_view name, std::string_view text) {
  const fhir::Property* property = Node(&tree, object).type()->Find(name);
  return property == nullptr ? fhir::kNoNode : SetMember(tree, object, *property, text);
}

}  // namespace heyi::mapping
