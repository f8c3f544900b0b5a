// From name=value pairs to criteria: what is asked is understood whole, or refused by rule.
// https://hl7.org/fhir/R4/search.html
#include <algorithm>

#include "base/text.h"
#include "fhir/search/parsing.h"

namespace heyi::fhir {
namespace {

using base::Error;
using base::ErrorKind;

// Parameters of R4 for all resources that are known here, and not done.
bool IsKnownElsewhere(std::string_view name) {
  constexpr std::string_view kNames[] = {"_contained", "_containedType", "_content", "_filter", "_list", "_query",
      "_text", "_type"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

constexpr size_t kIssuesMax = 50;        // of one query
constexpr size_t kNameBytesShown = 200;  // of a parameter's name, in an issue

struct Control {
  std::string_view name;
  void (*read)(Parsing& parsing, std::string_view value, SearchRequest& request);
};
// In the self link's order.
constexpr Control kControls[] = {{"_sort", ReadSort},
                                 {"_count", ReadCount},
                                 {"_total", ReadTotal},
                                 {"_summary", ReadSummary},
                                 {"_elements", ReadElements}};

class SearchParser {
 public:
  SearchParser(const Type& type, bool lenient, const SearchParameters& parameters)
      : refusals_(lenient), parsing_{parameters, refusals_} {
    request_.type = &type;
    request_.count = kCountDefault;
  }

  base::Result<SearchRequest> Parse(const std::vector<std::pair<std::string, std::string>>& query) {
    for (const auto& [name, value] : query) {
      refusals_.Begin(base::IsValidUtf8(name) ? std::string_view(name) : std::string_view());
      if (refusals_.count() == kIssuesMax) {
        refusals_.TooCostly("more than " + std::to_string(kIssuesMax) + " things wrong with it");
        break;
      }
      Read(name, value);
    }
    CheckTogether();
    if (!refusals_.costly().empty()) return Error(ErrorKind::kTooLarge, refusals_.costly());
    if (!refusals_.refused().empty()) return Error(ErrorKind::kMalformed, refusals_.refused());
    request_.warnings = refusals_.ignored();
    std::sort(asked_.begin(), asked_.end());
    request_.understood = std::move(asked_);
    for (size_t i = 0; i < std::size(kControls); ++i) {
      if (!controls_[i].empty()) request_.understood.emplace_back(kControls[i].name, std::move(controls_[i]));
    }
    request_.understood.insert(request_.understood.end(), includes_.begin(), includes_.end());
    return std::move(request_);
  }

 private:
  void Read(const std::string& name, const std::string& value) {
    const auto is_text = [](const std::string& text) { return base::IsValidUtf8(text) &&
        text.find('\0') == std::string::npos; };
    if (!is_text(name) || !is_text(value)) return refusals_.Refuse("search.value", {});
    if (name == "_format" || name == "_pretty") return;
    for (size_t i = 0; i < std::size(kControls); ++i) {
      if (name == kControls[i].name) return ReadControl(i, value);
    }
    if (IsIncludeName(name)) {
      if (ReadInclude(parsing_, name, value, request_)) includes_.emplace_back(name, value);
      return;
    }
    if (IsKnownElsewhere(name.substr(0, name.find(':')))) return refusals_.RefuseOrIgnore("search.not-supported", name);
    if (request_.criteria.size() == kCriteriaMax) {
      return refusals_.TooCostly("at most " + std::to_string(kCriteriaMax) + " criteria");
    }
    std::optional<Criterion> criterion = ParseCriterion(parsing_, *request_.type, name, value, 0);
    if (!criterion) return;
    request_.criteria.push_back(std::move(*criterion));
    asked_.emplace_back(name, value);
  }

  void ReadControl(size_t which, const std::string& value) {
    if (!controls_[which].empty()) return refusals_.Refuse("search.repeated", kControls[which].name);
    const size_t before = refusals_.count();
    kControls[which].read(parsing_, value, request_);
    if (refusals_.count() > before) return;
    controls_[which] = kControls[which].name == "_count" ? std::to_string(request_.count) : value;
  }

  // https://hl7.org/fhir/R4/search.html#summary: text goes with no includes.
  void CheckTogether() {
    if (request_.summary != Summary::kText || request_.includes.empty()) return;
    refusals_.Begin("_summary");
    refusals_.Refuse("search.not-supported", "_summary=text with _include or _revinclude");
  }

  Refusals refusals_;
  Parsing parsing_;
  SearchRequest request_;
  std::vector<std::pair<std::string, std::string>> asked_;
  std::vector<std::pair<std::string, std::string>> includes_;  // in the order in which they were asked
  std::string controls_[std::size(kControls)];
};

}  // namespace

void Refusals::Begin(std::string_view name) { name_ = base::ClipUtf8(name, kNameBytesShown); }

void Refusals::Refuse(std::string_view rule, std::string_view detail) { refused_.Add(rule, name_, detail); }

void Refusals::RefuseOrIgnore(std::string_view rule, std::string_view detail) {
  if (!lenient_) return Refuse(rule, detail);
  base::Issue ignored = base::MakeIssue(rule, name_, detail);
  ignored.severity = base::Severity::k_warning;
  ignored_.Add(std::move(ignored));
}

void Refusals::TooCostly(std::string_view limit) { costly_.Add("search.too-costly", name_, limit); }

void Refusals::Append(const Refusals& others) {
  refused_.Append(others.refused_);
  costly_.Append(others.costly_);
  ignored_.Append(others.ignored_);
}

base::Result<SearchRequest> ParseSearch(const Type& type, const std::vector<std::pair<std::string, std::string>>& query,
                                        bool lenient, const SearchParameters& parameters) {
  return SearchParser(type, lenient, parameters).Parse(query);
}

}  // namespace heyi::fhir
