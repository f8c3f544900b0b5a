// $expand: the codes of a value set, page by page. https://hl7.org/fhir/R4/valueset-operation-expand.html
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "conformance/limits.h"
#include "conformance/terminology/cache.h"
#include "conformance/terminology/displays.h"
#include "conformance/terminology/expansion_list.h"
#include "conformance/terminology/issues.h"
#include "conformance/terminology/nesting.h"
#include "conformance/terminology/resolve.h"
#include "conformance/terminology/terminology.h"

namespace heyi::conformance {
namespace {

// Properties that an expansion tells whoever asks; the others are told when they are asked for.
constexpr std::string_view kAlwaysTold[] = {"order", "label", "itemWeight"};

std::string KeyOf(const ExpandRequest& request) {
  std::string key = request.value_set.url + "|" + request.value_set.version;
  const auto add = [&key](std::string_view name, std::string_view value) { key.append("\n").append(name).append("=").append(value); };
  add("filter", request.filter);
  add("offset", request.offset ? std::to_string(*request.offset) : "");
  add("count", request.count ? std::to_string(*request.count) : "");
  const bool flags[] = {request.active_only, request.exclude_nested, request.include_designations};
  for (bool flag : flags) key.push_back(flag ? '1' : '0');
  add("language", request.languages.text());
  for (const std::string& one : request.designations) add("designation", one);
  for (const std::string& one : request.properties) add("property", one);
  for (const auto& [system, version] : request.versions.defaults) add("default", system + "|" + version);
  for (const auto& [system, version] : request.versions.checks) add("check", system + "|" + version);
  for (const auto& [system, version] : request.versions.forces) add("force", system + "|" + version);
  for (const auto& [url, version] : request.versions.value_sets) add("valueset", url + "|" + version);
  for (const std::string& one : request.versions.supplements) add("supplement", one);
  return key;
}

// Every word of the filter stands in the code, or in one of the displays.
class TextFilter {
 public:
  explicit TextFilter(std::string_view text) {
    for (std::string_view word : base::Split(text, ' ')) {  // before folding, which may take blanks away
      if (std::string folded = CodeSystem::FoldedForSearch(word); !folded.empty()) words_.push_back(std::move(folded));
    }
  }

  bool empty() const { return words_.empty(); }
  bool Passes(const ListedCode& entry) const {
    if (entry.listed == nullptr && entry.concept_ != CodeSystem::kNone) return HasAll(entry.include->system->SearchText(entry.concept_));
    std::string text = CodeSystem::FoldedForSearch(entry.code);
    for (const Display& display : DisplaysOf(entry.include->system.get(), entry.concept_, entry.listed)) {
      text.append("\n").append(CodeSystem::FoldedForSearch(display.value));
    }
    return HasAll(text);
  }

 private:
  bool HasAll(std::string_view text) const {
    return std::all_of(words_.begin(), words_.end(), [&](const std::string& word) { return text.find(word) != std::string_view::npos; });
  }
  std::vector<std::string> words_;
};

// The url of an extension as WriteJson writes it.
std::string_view UrlOf(std::string_view json) {
  constexpr std::string_view kMember = "\"url\":\"";
  const size_t begin = json.find(kMember);
  if (begin == std::string_view::npos) return json;
  const size_t from = begin + kMember.size();
  return json.substr(from, json.find('"', from) - from);
}

// Fills in what one code has to tell.
class Teller {
 public:
  Teller(const ExpandRequest& request, const ResolvedValueSet& value_set, Expansion& out) : request_(request), out_(out) {
    languages_ = request.languages;
    if (languages_.any() && !value_set.definition->display_language.empty()) languages_ = Languages::Parse(value_set.definition->display_language);
    for (const auto& [name, canonical] : value_set.used) {
      if (name == "used-codesystem") ++versions_[std::string(Canonical::Of(canonical).url)];
    }
  }

  const Languages& languages() const { return languages_; }

  ExpandedCode Tell(const ListedCode& entry, uint32_t depth) {
    ExpandedCode code;
    const CodeSystem* system = entry.concept_ == CodeSystem::kNone ? nullptr : entry.include->system.get();
    code.system = entry.include->definition->system;
    code.code = entry.code;
    code.depth = depth;
    if (entry.include->system != nullptr) {
      const auto count = versions_.find(code.system);
      if (count != versions_.end() && count->second > 1) code.version = entry.include->system->version();
    }
    const std::vector<Display> displays = DisplaysOf(system, entry.concept_, entry.listed);
    const Display* best = BestDisplay(displays, languages_);
    if (best != nullptr) code.display = best->value;
    if (request_.include_designations || !request_.designations.empty()) AddDesignations(entry, displays, best, code);
    if (system != nullptr) {
      code.abstract = system->abstract(entry.concept_);
      code.inactive = system->inactive(entry.concept_);
      AddProperties(*system, entry, code);
    }
    AddExtensions(system, entry, code);
    return code;
  }

  void Finish() {
    for (const auto& [code, uri] : told_) out_.properties.emplace_back(code, uri);
  }

 private:
  void AddDesignations(const ListedCode& entry, const std::vector<Display>& displays, const Display* best, ExpandedCode& code) const {
    for (const Display& display : displays) {
      if (&display == best || (display.designation < 0 && !display.base)) continue;
      ExpandedDesignation designation;
      if (display.designation < 0) {
        designation = {std::string(display.language), std::string(kMaintenance), "preferredForLanguage", "Preferred For Language",
                       std::string(display.value), {}};
      } else if (display.designation >= kListedFrom) {
        designation = entry.listed->designations[static_cast<size_t>(display.designation - kListedFrom)];
      } else {
        const CodeSystem& system = *entry.include->system;
        const CodeSystem::Designation& of = system.designations(entry.concept_)[static_cast<size_t>(display.designation)];
        designation = {std::string(system.Of(of.language)), std::string(system.Of(of.use_system)), std::string(system.Of(of.use_code)),
                       std::string(system.Of(of.use_display)), std::string(system.Of(of.value)), std::string(system.Of(of.extensions))};
      }
      if (Wanted(designation)) code.designations.push_back(std::move(designation));
    }
  }

  bool Wanted(const ExpandedDesignation& designation) const {
    if (request_.designations.empty()) return true;
    return std::any_of(request_.designations.begin(), request_.designations.end(), [&](const std::string& wanted) {
      const size_t bar = wanted.find('|');
      if (bar == std::string::npos) return Languages::Parse(wanted).Fit(designation.language) > 0;
      const std::string_view system = std::string_view(wanted).substr(0, bar);
      const std::string_view use = std::string_view(wanted).substr(bar + 1);
      if (system == "urn:ietf:bcp:47") return Languages::Parse(use).Fit(designation.language) > 0;
      return designation.use_system == system && designation.use_code == use;
    });
  }

  bool Asked(std::string_view code) const {
    return std::any_of(request_.properties.begin(), request_.properties.end(), [&](const std::string& wanted) { return wanted == code || wanted == "*"; });
  }

  void Add(ExpandedProperty property, std::string uri, ExpandedCode& code) {
    told_.emplace(property.code, std::move(uri));
    code.properties.push_back(std::move(property));
  }

  void AddProperties(const CodeSystem& system, const ListedCode& entry, ExpandedCode& code) {
    if (Asked("definition") && !system.definition(entry.concept_).empty()) {
      Add({"definition", PropertyType::kString, std::string(system.definition(entry.concept_)), {}, {}}, Uri("definition"), code);
    }
    const std::string_view status = system.status(entry.concept_);
    if (!status.empty() && status != "active") Add({"status", PropertyType::kCode, std::string(status), {}, {}}, Uri("status"), code);
    else if (code.inactive) Add({"status", PropertyType::kCode, "inactive", {}, {}}, Uri("status"), code);
    if (entry.listed != nullptr) {
      for (const ExpandedProperty& property : entry.listed->properties) {
        Add(property, Uri(property.code == "weight" ? "itemWeight" : property.code), code);
      }
    }
    for (const CodeSystem::Property& property : system.properties(entry.concept_)) {
      const CodeSystem::PropertyDefinition& definition = system.property_definitions()[property.definition];
      const bool said = std::any_of(code.properties.begin(), code.properties.end(), [&](const ExpandedProperty& one) { return one.code == definition.code; });
      if (definition.code == "status" || (!Asked(definition.code) && !AlwaysTold(definition.uri)) || (said && AlwaysTold(definition.uri))) continue;
      Add({definition.code, property.type, std::string(system.Of(property.value)), std::string(system.Of(property.system)),
           std::string(system.Of(property.display))},
          definition.uri, code);
    }
    if (Asked("parent")) AddLinks(system, system.parents(entry.concept_), "parent", code);
    if (Asked("child")) AddLinks(system, system.children(entry.concept_), "child", code);
  }

  void AddLinks(const CodeSystem& system, std::span<const uint32_t> others, std::string_view name, ExpandedCode& code) {
    for (uint32_t other : others) Add({std::string(name), PropertyType::kCode, std::string(system.code(other)), {}, {}}, Uri(name), code);
  }

  static std::string Uri(std::string_view name) { return std::string(kConceptProperties).append(name); }
  static bool AlwaysTold(std::string_view uri) {
    if (!uri.starts_with(kConceptProperties)) return false;
    return std::find(std::begin(kAlwaysTold), std::end(kAlwaysTold), uri.substr(kConceptProperties.size())) != std::end(kAlwaysTold);
  }

  static void AddExtensions(const CodeSystem* system, const ListedCode& entry, ExpandedCode& code) {
    if (entry.listed != nullptr) code.extensions = entry.listed->extensions;
    if (system == nullptr) return;
    for (std::string_view json : base::Split(system->extensions(entry.concept_), '\n')) {
      const bool said = std::any_of(code.extensions.begin(), code.extensions.end(), [&](const std::string& one) { return UrlOf(one) == UrlOf(json); });
      if (!json.empty() && !said) code.extensions.emplace_back(json);
    }
  }

  const ExpandRequest& request_;
  Expansion& out_;
  Languages languages_;
  std::map<std::string, int, std::less<>> versions_;  // of each code system, how many are used
  std::map<std::string, std::string> told_;
};

}  // namespace

TxAnswer<std::shared_ptr<const Expansion>> Terminology::Expand(const ExpandRequest& request) const {
  const std::string key = request.value_set.resource == nullptr ? KeyOf(request) : std::string();
  const bool cached = !key.empty() && key.size() <= kCacheKeyBytesMax;
  const uint64_t generation = source_->Generation();
  if (cached) {
    const std::lock_guard<std::mutex> held(cache_->mutex);
    cache_->Renew(generation);
    if (auto found = cache_->expansions.Find(key)) return found;
  }
  auto resolved = Resolve(request.value_set, request.versions, nullptr);
  if (!resolved.ok()) return *std::move(resolved.failure);
  const ResolvedValueSet& value_set = **resolved.value;
  if (!value_set.missing_value_sets.empty()) return issues::ImportUnknown(*value_set.missing_value_sets.begin());
  auto listed = ExpansionList(*this).Of(*resolved.value);
  if (!listed.ok()) return *std::move(listed.failure);
  std::vector<ListedCode> list = **listed.value;

  if (request.active_only) {
    std::erase_if(list, [](const ListedCode& one) {
      return one.concept_ != CodeSystem::kNone && one.include->system->inactive(one.concept_);
    });
  }
  const TextFilter filter(request.filter);
  if (!filter.empty()) std::erase_if(list, [&](const ListedCode& one) { return !filter.Passes(one); });

  const bool paged = request.count || request.offset;
  if (!request.count && list.size() > kUnpagedCodesMax) return issues::TooCostly(value_set.definition->Canonical(), kUnpagedCodesMax);
  auto expansion = std::make_shared<Expansion>();
  expansion->definition = value_set.definition->resource;
  expansion->total = list.size();
  expansion->used.assign(value_set.used.begin(), value_set.used.end());
  expansion->rules.assign(value_set.rules.begin(), value_set.rules.end());
  Teller teller(request, value_set, *expansion);
  expansion->display_language = teller.languages().text();
  expansion->versions_match = VersionsMatched(value_set);
  if (request.exclude_nested || paged || !filter.empty()) {
    const size_t from = std::min<size_t>(request.offset.value_or(0), list.size());
    const size_t count = std::min<size_t>({request.count.value_or(UINT32_MAX), list.size() - from, kPageCodesMax});
    for (size_t i = from; i < from + count; ++i) expansion->codes.push_back(teller.Tell(list[i], 0));
  } else {
    for (const auto& [at, depth] : Nesting(list).Order()) expansion->codes.push_back(teller.Tell(list[at], depth));
  }
  teller.Finish();
  std::shared_ptr<const Expansion> made = std::move(expansion);
  if (cached) {
    const std::lock_guard<std::mutex> held(cache_->mutex);
    if (cache_->generation == generation) cache_->expansions.Keep(key, made, made->codes.size() + 10);
  }
  return made;
}

}  // namespace heyi::conformance
