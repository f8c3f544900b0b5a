#include "conformance/validate/answer.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "conformance/choice.h"
#include "conformance/primitives.h"
#include "conformance/references.h"
#include "conformance/validate/codes.h"
#include "conformance/validate/reference_rules.h"
#include "fhir/path/equality.h"
#include "fhir/path/reference.h"
#include "fhir/path/value.h"

namespace heyi::conformance {

using base::JsonValue;
using fhir::Node;
using fhir::PathValue;

namespace {

constexpr std::string_view kExtensions = "http://hl7.org/fhir/StructureDefinition/";
constexpr std::string_view kSdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";

struct ItemType {
  std::string_view item, value;
};
constexpr ItemType kItemTypes[] = {
    {"boolean", "boolean"}, {"decimal", "decimal"}, {"integer", "integer"}, {"date", "date"}, {"dateTime", "dateTime"}, {"time", "time"},
    {"string", "string"}, {"text", "string"}, {"url", "uri"}, {"attachment", "Attachment"}, {"reference", "Reference"}, {"quantity", "Quantity"},
};

bool IsCoding(const PathValue& value) { return value.type() != nullptr && value.type()->name == "Coding"; }

bool SameCoding(Node coding, const JsonValue& wanted) {
  const std::string_view system = wanted.StringAt("system");
  return coding.TextAt("code") == wanted.StringAt("code") && (system.empty() || coding.TextAt("system") == system);
}

class AnswerCheck {
 public:
  AnswerCheck(Node answer, const JsonValue& item, Session& session)
      : value_(ChosenValue(answer)), item_(item), type_(item.StringAt("type")), session_(session) {}

  void Run() {
    if (!value_.node()) return;
    if (!HasRightType()) return session_.Report("conformance.answer-type", value_, value_.type()->name);
    CheckOptions();
    CheckLengths();
    CheckRange();
    if (type_ == "reference") CheckReferenceAnswer();
    if (type_ == "url" && !IsUri(value_.text())) session_.Report("conformance.uri", value_, value_.text());
    if (type_ == "quantity") CheckUnit();
  }

 private:
  bool HasRightType() const {
    const std::string& actual = value_.type()->name;
    if (type_ == "choice") return actual == "Coding" || OptionsHave(actual) || OffersNothing();
    if (type_ == "open-choice") return actual == "Coding" || actual == "string" || OptionsHave(actual);
    for (const ItemType& one : kItemTypes) {
      if (one.item == type_) return one.value == actual;
    }
    return true;
  }

  // Then there is nothing to tell which type its answers have.
  bool OffersNothing() const { return item_["answerOption"].items().empty() && item_.StringAt("answerValueSet").empty(); }

  bool OptionsHave(std::string_view actual) const {
    const auto& options = item_["answerOption"].items();
    return std::any_of(options.begin(), options.end(), [&](const JsonValue& option) {
      const JsonValue::Member* const typed = ChosenMember(option, "value");
      return typed != nullptr && base::AsciiLower(typed->first.substr(5)) == base::AsciiLower(actual);
    });
  }

  void CheckOptions() {
    const auto& options = item_["answerOption"].items();
    if (!options.empty()) {
      const bool open = type_ == "open-choice" && value_.type()->name == "string";
      const bool found = std::any_of(options.begin(), options.end(), [&](const JsonValue& option) { return CompareWith(value_, option, "value") == 0; });
      if (!open && !found) session_.Report("conformance.answer-option", value_, IsCoding(value_) ? value_.node().TextAt("code") : value_.text());
    }
    const std::string_view value_set = item_.StringAt("answerValueSet");
    if (!value_set.empty() && IsCoding(value_) && value_set.front() != '#') CheckBinding(value_, {"required", std::string(value_set)}, session_);
  }

  void CheckLengths() {
    if (type_ != "string" && type_ != "text" && type_ != "url" && type_ != "open-choice") return;
    const std::string_view longest = item_.StringAt("maxLength");
    if (!longest.empty()) CheckLength(value_, static_cast<uint32_t>(std::strtoul(std::string(longest).c_str(), nullptr, 10)), session_);
    const JsonValue& shortest = ItemExtension(item_, std::string(kExtensions) + "minLength");
    if (shortest.is_number() && CharactersOf(value_.text()) < std::strtoull(shortest.text().c_str(), nullptr, 10)) {
      session_.Report("conformance.min-length", value_, shortest.text());
    }
  }

  void CheckRange() {
    const bool quantity = type_ == "quantity";
    const JsonValue& least = ItemExtension(item_, quantity ? std::string(kSdc) + "minQuantity" : std::string(kExtensions) + "minValue");
    const JsonValue& most = ItemExtension(item_, quantity ? std::string(kSdc) + "maxQuantity" : std::string(kExtensions) + "maxValue");
    CheckBound(least, -1, "conformance.min-value");
    CheckBound(most, 1, "conformance.max-value");
  }

  void CheckBound(const JsonValue& bound, int beyond, std::string_view rule) {
    if (bound.is_null()) return;
    JsonValue wrapped = JsonValue::Object();
    wrapped.Set("valueX", bound);
    const auto order = CompareWith(value_, wrapped, "value");
    if (!order && type_ == "quantity") return session_.Report("conformance.answer-incomparable", value_, base::WriteJson(bound));
    if (order && *order * beyond > 0) session_.Report(rule, value_, base::WriteJson(bound));
  }

  void CheckReferenceAnswer() {
    const std::string_view text = fhir::ReferenceText(value_);
    if (text.empty()) return;
    const std::string_view type = fhir::TypeInReference(text);
    if (!IsUri(text) || text.find(' ') != std::string_view::npos || (!type.empty() && session_.definitions.FindResource(type) == nullptr)) {
      return session_.Report("conformance.answer-reference", value_, text);
    }
    bool any = true, allowed = false;
    for (const JsonValue& extension : item_["extension"].items()) {
      if (extension.StringAt("url") != std::string(kExtensions) + "questionnaire-referenceResource") continue;
      any = false;
      allowed = allowed || extension.StringAt("valueCode") == type;
    }
    if (!any && !allowed && !type.empty()) session_.Report("conformance.reference-target", value_, type);
  }

  // The unit is one of those that the item lists or of its value set.
  void CheckUnit() {
    bool any = true, allowed = false;
    for (const JsonValue& extension : item_["extension"].items()) {
      if (extension.StringAt("url") == std::string(kExtensions) + "questionnaire-unitOption") {
        any = false;
        allowed = allowed || extension["valueCoding"].StringAt("code") == value_.node().TextAt("code");
      }
      if (extension.StringAt("url") == std::string(kExtensions) + "questionnaire-unitValueSet") {
        CheckBinding(value_, {"required", std::string(extension.StringAt("valueCanonical"))}, session_);
      }
    }
    if (!any && !allowed) session_.Report("conformance.answer-option", value_, value_.node().TextAt("code"));
  }

  const PathValue value_;
  const JsonValue& item_;
  const std::string_view type_;
  Session& session_;
};

}  // namespace

const JsonValue& ItemExtension(const JsonValue& item, std::string_view url) {
  static const JsonValue kNone;
  for (const JsonValue& extension : item["extension"].items()) {
    if (extension.StringAt("url") != url) continue;
    if (const JsonValue::Member* const typed = ChosenMember(extension, "value")) return typed->second;
  }
  return kNone;
}

PathValue ChosenValue(Node object) {
  for (Node member = object.first_child(); member; member = member.next()) {
    if (member.property() != nullptr && member.property()->element->choice && !member.underscore()) return PathValue::OfNode(member);
  }
  return PathValue::OfNode(Node());
}

std::optional<int> CompareWith(const PathValue& value, const JsonValue& wanted, std::string_view stem) {
  const JsonValue::Member* const typed = ChosenMember(wanted, stem);
  if (typed == nullptr || !value.node()) return std::nullopt;
  const JsonValue& other = typed->second;
  if (IsCoding(value)) return other.is_object() && SameCoding(value.node(), other) ? 0 : 1;
  if (other.is_object()) {
    const bool formal = !other.StringAt("code").empty() && value.node().is_object() && !value.node().TextAt("code").empty();
    if (!formal) return std::nullopt;
    const auto bound = PathValue::OfText(PathValue::Kind::kQuantity, std::string(other.StringAt("value")), std::string(other.StringAt("code")));
    const auto order = fhir::CompareItems(value, bound);
    return order.ok() ? *order : std::nullopt;
  }
  const fhir::Scalar scalar = fhir::ScalarOf(value);
  if (!scalar) return std::nullopt;
  if (scalar.kind == PathValue::Kind::kString || scalar.kind == PathValue::Kind::kBoolean) return scalar.text == other.text() ? 0 : 1;
  const auto order = fhir::CompareItems(value, PathValue::OfText(scalar.kind, other.text()));
  return order.ok() ? *order : std::nullopt;
}

void CheckAnswer(Node answer, const JsonValue& item, Session& session) {
  AnswerCheck(answer, item, session).Run();
}

}  // namespace heyi::conformance
