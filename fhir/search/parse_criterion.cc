// One criterion on the searched resource itself: parameter, modifier, values.
// https://hl7.org/fhir/R4/search.html#modifiers
#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "fhir/search/parsing.h"

namespace heyi::fhir {
namespace {

// A :contains of one letter reads the whole index and finds nearly everything. One Chinese character is fine.
constexpr size_t kContainsBytesMin = 2;

bool IsAllowed(const SearchParameter& parameter, std::string_view modifier) {
  if (modifier == "missing") return true;
  if (parameter.code == "_id") return modifier == "not";
  switch (parameter.type) {
    case SearchType::kToken: return modifier == "not" || modifier == "text" || modifier == "of-type";
    case SearchType::kString: return modifier == "exact" || modifier == "contains";
    case SearchType::kUri: return modifier == "below" || modifier == "above";
    case SearchType::kReference:
      return modifier == "identifier" ||
             std::find(parameter.targets.begin(), parameter.targets.end(), modifier) != parameter.targets.end();
    default: return false;
  }
}

// Reads the alternatives; each function gives false after a refusal.
class ValueReader {
 public:
  ValueReader(Refusals& refusals, Criterion& criterion) : refusals_(refusals), criterion_(criterion) {}

  bool ReadAll(std::string_view value) {
    if (criterion_.modifier == "missing") {
      criterion_.missing = value == "true";
      return criterion_.missing || value == "false" || Wrong(value);
    }
    const std::vector<std::string_view> alternatives = SplitEscaped(value, ',');
    if (alternatives.size() > kOrValuesMax) {
      return TooCostly("at most " + std::to_string(kOrValuesMax) + " values of one parameter");
    }
    return std::all_of(alternatives.begin(), alternatives.end(),
                       [this](std::string_view text) { return ReadOne(text); });
  }

 private:
  bool ReadOne(std::string_view text) {
    if (criterion_.parameter->code == "_id") {
      if (!base::IsFhirId(text)) return Wrong(text);
      criterion_.ids.emplace_back(text);
      return true;
    }
    bool never = false;
    std::optional<CriterionValue> wanted = criterion_.parameter->type == SearchType::kComposite
                                               ? ParseComposite(*criterion_.parameter, text)
                                               : ParseValue(*criterion_.parameter, criterion_.modifier, text, &never);
    if (!wanted) return Wrong(text);
    if (criterion_.modifier == "contains" &&
        base::FoldForSearch(std::get<StringValue>(wanted->value).text).size() < kContainsBytesMin) {
      return TooCostly(":contains needs two letters or more");
    }
    if (never) return true;
    std::optional<CriterionValue> canonical = CanonicalAlternative(*wanted);
    criterion_.values.push_back(std::move(*wanted));
    if (canonical) criterion_.values.push_back(std::move(*canonical));
    return true;
  }

  bool Wrong(std::string_view text) {
    refusals_.Refuse("search.value", text);
    return false;
  }
  bool TooCostly(std::string_view limit) {
    refusals_.TooCostly(limit);
    return false;
  }

  Refusals& refusals_;
  Criterion& criterion_;
};

}  // namespace

std::optional<Criterion> ParseCriterion(Parsing& parsing, const Type& type, std::string_view name,
                                        std::string_view value, size_t links) {
  if (IsLinkName(name)) return ParseLink(parsing, type, name, value, links);
  const size_t colon = std::min(name.find(':'), name.size());
  const std::string_view code = name.substr(0, colon);
  const SearchParameter* parameter = parsing.parameters.Find(type, code);
  if (parameter == nullptr) {
    parsing.refusals.RefuseOrIgnore("search.unknown-parameter", code);
    return std::nullopt;
  }
  if (!parameter->indexed()) {
    parsing.refusals.RefuseOrIgnore("search.not-supported", code);
    return std::nullopt;
  }
  Criterion criterion;
  criterion.parameter = parameter;
  if (colon < name.size()) {
    criterion.modifier = name.substr(colon + 1);
    if (!IsAllowed(*parameter, criterion.modifier)) {
      parsing.refusals.Refuse("search.modifier", name);
      return std::nullopt;
    }
  }
  if (!ValueReader(parsing.refusals, criterion).ReadAll(value)) return std::nullopt;
  return criterion;
}

}  // namespace heyi::fhir
