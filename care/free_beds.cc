// Location/$free-beds: live counts by organization and kind, from the derived view.
#include "care/free_beds.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "base/text.h"

namespace heyi::care {
namespace {

using base::JsonValue;

JsonValue Part(std::string_view name, std::string_view value_name, JsonValue value) {
  JsonValue part = JsonValue::Object();
  part.Set("name", JsonValue::OfString(name));
  part.Set(value_name, std::move(value));
  return part;
}

class FreeBeds : public interaction::Operation {
 public:
  std::string_view name() const override { return "free-beds"; }
  std::string_view definition() const override { return "https://heyi.example/fhir/OperationDefinition/free-beds"; }
  std::string_view type() const override { return "Location"; }
  unsigned levels() const override { return static_cast<unsigned>(interaction::Level::kType); }
  bool changes() const override { return false; }

  base::Result<interaction::OperationAnswer> Run(interaction::Plan& plan, const interaction::OperationCall&) const override {
    JsonValue list = JsonValue::Array();
    HEYI_CHECK(plan.snapshot().Facts("care.beds", "", [&](std::string_view key, std::string_view value) {
      const std::vector<std::string_view> counts = base::Split(value, ' ');
      const size_t slash = key.find('/');
      if (counts.size() != 4 || slash == std::string_view::npos) return true;
      JsonValue parts = JsonValue::Array();
      if (slash > 0) {
        JsonValue reference = JsonValue::Object();
        reference.Set("reference", JsonValue::OfString(fmt::format("Organization/{}", key.substr(0, slash))));
        parts.Append(Part("organization", "valueReference", std::move(reference)));
      }
      parts.Append(Part("kind", "valueCode", JsonValue::OfString(key.substr(slash + 1))));
      constexpr std::string_view kNames[] = {"free", "held", "occupied", "closed"};
      for (size_t i = 0; i < 4; ++i) parts.Append(Part(kNames[i], "valueInteger", JsonValue::OfNumber(std::string(counts[i]))));
      JsonValue parameter = JsonValue::Object();
      parameter.Set("name", JsonValue::OfString("beds"));
      parameter.Set("part", std::move(parts));
      list.Append(std::move(parameter));
      return true;
    }));
    JsonValue answer = JsonValue::Object();
    answer.Set("resourceType", JsonValue::OfString("Parameters"));
    if (!list.items().empty()) answer.Set("parameter", std::move(list));
    return interaction::OperationAnswer{base::WriteJson(answer), 200};
  }
};

}  // namespace

std::unique_ptr<interaction::Operation> MakeFreeBeds() { return std::make_unique<FreeBeds>(); }

}  // namespace heyi::care
