#include "fhir/patch/path_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kParts[] = {"type", "path", "name", "index", "source", "destination", "value"};

struct Verb {
  std::string_view code;
  PathVerb verb;
};
constexpr Verb kVerbs[] = {{"add", PathVerb::kAdd},
                           {"insert", PathVerb::kInsert},
                           {"delete", PathVerb::kDelete},
                           {"replace", PathVerb::kReplace},
                           {"move", PathVerb::kMove}};

class Reading {
 public:
  explicit Reading(std::string expression) { operation_.expression = std::move(expression); }

  Result<PathOperation> Read(Node parameter) {
    if (parameter.TextAt("name") != "operation") return Bad("patch.operation", parameter.TextAt("name"));
    HEYI_CHECK(Gather(parameter));
    HEYI_TRY(type, TextOf("type"));
    HEYI_CHECK(SetVerb(type));
    HEYI_TRY(path, TextOf("path"));
    operation_.path = path;
    const PathVerb verb = operation_.verb;
    if (verb == PathVerb::kAdd) {
      HEYI_TRY(name, TextOf("name"));
      operation_.name = name;
    }
    if (verb == PathVerb::kInsert) HEYI_CHECK(SetNumber("index", operation_.index));
    if (verb == PathVerb::kMove) {
      HEYI_CHECK(SetNumber("source", operation_.source));
      HEYI_CHECK(SetNumber("destination", operation_.destination));
    }
    if (verb != PathVerb::kMove && verb != PathVerb::kDelete) HEYI_CHECK(SetValue());
    return std::move(operation_);
  }

 private:
  Error Bad(std::string_view rule, std::string_view detail) const {
    return Error(ErrorKind::kMalformed, rule, operation_.expression, detail);
  }

  // A part that is not known could change what is meant, so it is not passed over.
  Result<Done> Gather(Node parameter) {
    for (Node part = parameter.Member("part").first_child(); part; part = part.next()) {
      const std::string_view name = part.TextAt("name");
      const bool known = std::find(std::begin(kParts), std::end(kParts), name) != std::end(kParts);
      if (!known || !parts_.emplace(name, part).second) return Bad("patch.operation", name);
    }
    return Done{};
  }

  Result<std::string> TextOf(std::string_view name) const {
    const auto found = parts_.find(name);
    const std::optional<PatchValue> value = found == parts_.end() ? std::nullopt : ValueOfPart(found->second);
    if (!value || !value->value || value->value.text().empty()) return Bad("patch.member", name);
    return std::string(value->value.text());
  }

  Result<Done> SetVerb(std::string_view type) {
    for (const Verb& verb : kVerbs) {
      if (verb.code != type) continue;
      operation_.verb = verb.verb;
      return Done{};
    }
    return Bad("patch.operation", type);
  }

  Result<Done> SetNumber(std::string_view name, size_t& number) const {
    HEYI_TRY(text, TextOf(name));
    uint64_t read = 0;
    if (!base::ParseUnsigned(text, &read)) {
      return Error(ErrorKind::kInvalid, "patch.index", operation_.expression, text);
    }
    number = read;
    return Done{};
  }

  Result<Done> SetValue() {
    const auto found = parts_.find("value");
    const std::optional<PatchValue> value = found == parts_.end() ? std::nullopt : ValueOfPart(found->second);
    if (!value) return Bad("patch.member", "value");
    operation_.value = *value;
    return Done{};
  }

  PathOperation operation_;
  std::map<std::string_view, Node, std::less<>> parts_;
};

}  // namespace

std::optional<PatchValue> ValueOfPart(Node part) {
  PatchValue value;
  for (Node member = part.first_child(); member; member = member.next()) {
    const Property* property = member.property();
    if (property == nullptr) continue;
    const std::string& element = property->element->name;
    if (element == "value") (member.underscore() ? value.underscore : value.value) = member;
    if (element == "resource") value.value = member;
    if (element == "part") value.parts = member;
  }
  if (!value.value && !value.underscore && !value.parts) return std::nullopt;
  return value;
}

Result<std::vector<PathOperation>> ReadPathOperations(const Tree& patch, size_t operations_max) {
  const std::string_view type = patch.type() == nullptr ? std::string_view("nothing") : patch.type()->name;
  if (type != "Parameters") {
    return Error(ErrorKind::kMalformed, "patch.parameters", {}, type);
  }
  std::vector<PathOperation> operations;
  for (Node parameter = patch.root().Member("parameter").first_child(); parameter; parameter = parameter.next()) {
    if (operations.size() == operations_max) {
      return Error(ErrorKind::kTooLarge, "patch.too-costly", {},
                   fmt::format("more than {} operations", operations_max));
    }
    HEYI_TRY(operation, Reading(fmt::format("Parameters.parameter[{}]", operations.size())).Read(parameter));
    operations.push_back(std::move(operation));
  }
  return operations;
}

}  // namespace heyi::fhir
