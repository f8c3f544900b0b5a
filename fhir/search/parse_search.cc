// From name=value pairs to criteria: what is asked is understood whole, or refused by rule.
// https://hl7.org/fhir/R4/search.html
#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "fhir/search/kinds.h"

namespace heyi::fhir {
namespace {

using base::Error;
using base::ErrorKind;

// The parameter types that are searched today. The others' values are read and matched already (ParseValue,
// ValueMatches); the index has no rows for them yet.
bool IsServed(SearchType type) {
  return type == SearchType::kToken || type == SearchType::kString || type == SearchType::kDate ||
         type == SearchType::kReference || type == SearchType::kUri;
}

// Result parameters and the like of R4 that are known here, and not (yet) done.
bool IsKnownElsewhere(std::string_view name) {
  constexpr std::string_view kNames[] = {"_contained", "_containedType", "_content", "_elements", "_filter", "_has",
                                         "_include",   "_list",          "_query",   "_revinclude", "_text", "_type"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// A :contains of one letter reads the whole index and finds nearly everything. One Chinese character is fine.
constexpr size_t kContainsBytesMin = 2;

constexpr size_t kIssuesMax = 50;        // of one query
constexpr size_t kNameBytesShown = 200;  // of a parameter's name, in an issue

constexpr std::string_view kControls[] = {"_sort", "_count", "_total", "_summary"};  // in the self link's order

class SearchParser {
 public:
  SearchParser(const Type& type, bool lenient, const SearchParameters& parameters)
      : parameters_(parameters), lenient_(lenient) {
    request_.type = &type;
    request_.count = kCountDefault;
  }

  base::Result<SearchRequest> Parse(const std::vector<std::pair<std::string, std::string>>& query) {
    for (const auto& [name, value] : query) {
      if (outcome_.issues().size() + request_.warnings.issues().size() == kIssuesMax) {
        TooCostly(name, "more than " + std::to_string(kIssuesMax) + " things wrong with it");
        break;
      }
      Read(name, value);
    }
    if (!costly_.empty()) return Error(ErrorKind::kTooLarge, std::move(costly_));
    if (!outcome_.empty()) return Error(ErrorKind::kMalformed, std::move(outcome_));
    std::sort(asked_.begin(), asked_.end());
    request_.understood = std::move(asked_);
    for (size_t i = 0; i < std::size(kControls); ++i) {
      if (!controls_[i].empty()) request_.understood.emplace_back(kControls[i], std::move(controls_[i]));
    }
    return std::move(request_);
  }

 private:
  void Read(const std::string& name, const std::string& value) {
    if (!base::IsValidUtf8(name) || name.find('\0') != std::string::npos) return Refuse("search.value", {}, {});
    if (!base::IsValidUtf8(value) || value.find('\0') != std::string::npos) return Refuse("search.value", name, {});
    if (name == "_format" || name == "_pretty") return;
    for (size_t i = 0; i < std::size(kControls); ++i) {
      if (name == kControls[i]) return ReadControl(i, value);
    }
    ReadCriterion(name, value);
  }

  // ---- result parameters ----

  void ReadControl(size_t which, const std::string& value) {
    std::string& kept = controls_[which];
    if (!kept.empty()) return Refuse("search.repeated", std::string(kControls[which]), kControls[which]);
    switch (which) {
      case 0: return ReadSort(value, kept);
      case 1: return ReadCount(value, kept);
      case 2: return ReadTotal(value, kept);
      default: return ReadSummary(value, kept);
    }
  }

  void ReadSort(const std::string& value, std::string& kept) {
    const bool descending = value.starts_with('-');
    if (value.substr(descending ? 1 : 0) != "_lastUpdated") return RefuseOrIgnore("search.sort", "_sort", value);
    request_.sort = SortKey::kLastUpdated;
    request_.sort_descending = descending;
    kept = value;
  }

  void ReadCount(const std::string& value, std::string& kept) {
    if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos) {
      return Refuse("search.count", "_count", value);
    }
    uint64_t count = 0;
    const bool huge = !base::ParseUnsigned(value, &count);
    request_.count = huge || count > kCountMax ? kCountMax : static_cast<uint32_t>(count);
    request_.count_given = true;
    if (request_.count == 0) CountOnly();
    kept = std::to_string(request_.count);
  }

  void ReadTotal(const std::string& value, std::string& kept) {
    if (value != "accurate" && value != "none" && value != "estimate") return Refuse("search.value", "_total", value);
    if (value == "accurate") request_.want_total = true;
    kept = value;
  }

  void ReadSummary(const std::string& value, std::string& kept) {
    if (value == "count") CountOnly();
    else if (value != "false") return RefuseOrIgnore("search.not-supported", "_summary", "_summary=" + value);
    kept = value;
  }

  void CountOnly() { request_.count_only = request_.want_total = true; }

  // ---- criteria ----

  void ReadCriterion(const std::string& name, const std::string& value) {
    const size_t colon = name.find(':');
    const std::string code = name.substr(0, colon);
    const std::string modifier = colon == std::string::npos ? std::string() : name.substr(colon + 1);
    if (IsKnownElsewhere(code)) return RefuseOrIgnore("search.not-supported", name, code);
    if (name.find('.') != std::string::npos) return RefuseOrIgnore("search.not-supported", name, "chained parameters");
    const SearchParameter* parameter = parameters_.Find(*request_.type, code);
    if (parameter == nullptr) return RefuseOrIgnore("search.unknown-parameter", name, code);
    if (!parameter->indexed() || !IsServed(parameter->type)) return RefuseOrIgnore("search.not-supported", name, code);
    if (colon != std::string::npos && !IsAllowed(*parameter, modifier)) return Refuse("search.modifier", name, name);
    if (request_.criteria.size() == kCriteriaMax) {
      return TooCostly(name, "at most " + std::to_string(kCriteriaMax) + " criteria");
    }

    Criterion criterion;
    criterion.parameter = parameter;
    criterion.modifier = modifier;
    if (ReadValues(name, value, criterion)) {
      request_.criteria.push_back(std::move(criterion));
      asked_.emplace_back(name, value);
    }
  }

  static bool IsAllowed(const SearchParameter& parameter, std::string_view modifier) {
    if (modifier == "missing") return true;
    if (parameter.code == "_id") return modifier == "not";
    switch (parameter.type) {
      case SearchType::kToken: return modifier == "not" || modifier == "text";
      case SearchType::kString: return modifier == "exact" || modifier == "contains";
      case SearchType::kReference:
        return modifier == "identifier" ||
               std::find(parameter.targets.begin(), parameter.targets.end(), modifier) != parameter.targets.end();
      default: return false;
    }
  }

  // False after a refusal.
  bool ReadValues(const std::string& name, const std::string& value, Criterion& criterion) {
    if (criterion.modifier == "missing") {
      criterion.missing = value == "true";
      return criterion.missing || value == "false" || Wrong(name, value);
    }
    const std::vector<std::string_view> alternatives = SplitEscaped(value, ',');
    if (alternatives.size() > kOrValuesMax) {
      TooCostly(name, "at most " + std::to_string(kOrValuesMax) + " values of one parameter");
      return false;
    }
    for (const std::string_view text : alternatives) {
      if (!ReadValue(name, text, criterion)) return false;
    }
    return true;
  }

  bool ReadValue(const std::string& name, std::string_view text, Criterion& criterion) {
    if (criterion.parameter->code == "_id") {
      if (!base::IsFhirId(text)) return Wrong(name, text);
      criterion.ids.emplace_back(text);
      return true;
    }
    bool never = false;
    std::optional<CriterionValue> wanted = ParseValue(*criterion.parameter, criterion.modifier, text, &never);
    if (!wanted) return Wrong(name, text);
    if (criterion.modifier == "contains" &&
        base::FoldForSearch(std::get<StringValue>(wanted->value).text).size() < kContainsBytesMin) {
      TooCostly(name, ":contains needs two letters or more");
      return false;
    }
    if (!never) criterion.values.push_back(std::move(*wanted));
    return true;
  }

  // ---- refusals ----

  bool Wrong(const std::string& name, std::string_view text) {
    Refuse("search.value", name, text);
    return false;
  }
  static std::string Shown(const std::string& name) { return std::string(base::ClipUtf8(name, kNameBytesShown)); }

  void TooCostly(const std::string& name, std::string_view limit) {
    costly_.Add("search.too-costly", Shown(name), limit);
  }
  void Refuse(std::string_view rule, const std::string& name, std::string_view detail) {
    outcome_.Add(rule, Shown(name), detail);
  }
  void RefuseOrIgnore(std::string_view rule, const std::string& name, std::string_view detail) {
    if (!lenient_) return Refuse(rule, name, detail);
    base::Issue ignored = base::MakeIssue(rule, Shown(name), detail);
    ignored.severity = base::Severity::k_warning;
    request_.warnings.Add(std::move(ignored));
  }

  const SearchParameters& parameters_;
  const bool lenient_;
  SearchRequest request_;
  std::vector<std::pair<std::string, std::string>> asked_;
  std::string controls_[std::size(kControls)];
  base::Outcome outcome_;
  base::Outcome costly_;
};

}  // namespace

base::Result<SearchRequest> ParseSearch(const Type& type, const std::vector<std::pair<std::string, std::string>>& query,
                                        bool lenient, const SearchParameters& parameters) {
  return SearchParser(type, lenient, parameters).Parse(query);
}

}  // namespace heyi::fhir
