// CodeSystem JSON -> the compact form. Extensions that R5 made properties of (conceptOrder, label, itemWeight, status) become
// properties; those that say how to show a concept are kept as they are; all others are passed over.
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "conformance/limits.h"
#include "conformance/terminology/code_system.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;


struct AsProperty {
  std::string_view extension, code, uri;
  PropertyType type;
};
constexpr AsProperty kAsProperties[] = {
    {"codesystem-conceptOrder", "order", "order", PropertyType::kDecimal},
    {"codesystem-label", "label", "label", PropertyType::kString},
    {"itemWeight", "weight", "itemWeight", PropertyType::kDecimal},
    {"ordinalValue", "weight", "itemWeight", PropertyType::kDecimal},
    {"structuredefinition-standards-status", "status", "status", PropertyType::kCode},
    {"codesystem-alternate", "alternateCode", "alternateCode", PropertyType::kCode},
};
constexpr std::string_view kShown[] = {"rendering-style", "rendering-xhtml"};
constexpr std::string_view kOutdated[] = {"withdrawn", "deprecated", "retired", "inactive"};

// The value[x] of an extension or property: its member that begins with "value".
const JsonValue::Member* ValueOf(const JsonValue& holder) {
  for (const JsonValue::Member& member : holder.members()) {
    if (member.first.starts_with("value")) return &member;
  }
  return nullptr;
}

PropertyType TypeOf(std::string_view value_name) {
  if (value_name == "valueBoolean") return PropertyType::kBoolean;
  if (value_name == "valueInteger") return PropertyType::kInteger;
  if (value_name == "valueDecimal") return PropertyType::kDecimal;
  if (value_name == "valueDateTime") return PropertyType::kDateTime;
  if (value_name == "valueCoding") return PropertyType::kCoding;
  if (value_name == "valueString") return PropertyType::kString;
  return PropertyType::kCode;
}

ContentMode ModeOf(std::string_view content) {
  if (content == "fragment") return ContentMode::kFragment;
  if (content == "example") return ContentMode::kExample;
  if (content == "not-present") return ContentMode::kNotPresent;
  if (content == "supplement") return ContentMode::kSupplement;
  return ContentMode::kComplete;
}

}  // namespace

class CodeSystemBuilder {
 public:
  CodeSystemBuilder(const JsonValue& resource, const std::vector<std::shared_ptr<const JsonValue>>& supplements)
      : resource_(resource), supplements_(supplements) {}

  std::shared_ptr<const CodeSystem> Build() {
    CodeSystem& out = *out_;
    out.url_ = resource_.StringAt("url");
    out.version_ = resource_.StringAt("version");
    out.name_ = resource_.StringAt("name");
    out.language_ = resource_.StringAt("language");
    out.supplements_ = resource_.StringAt("supplements");
    out.content_ = ModeOf(resource_.StringAt("content"));
    const JsonValue* case_sensitive = resource_.Find("caseSensitive");
    out.case_sensitive_ = case_sensitive == nullptr || case_sensitive->is_true();
    out.standing_ = Standing::Of(resource_);
    DefineProperties(resource_);
    for (const auto& supplement : supplements_) {
      out.used_supplements_.push_back(CanonicalOf(*supplement));
      DefineProperties(*supplement);
    }
    GatherConcepts();
    GatherSupplements();
    for (const Source& source : sources_) Add(source);
    SortCodes();
    LinkHierarchy();
    return std::move(out_);
  }

 private:
  struct Source {
    const JsonValue* concept_;
    uint32_t parent;
  };

  // Concepts in document order, without recursion: what is nested too deep is left out.
  void GatherConcepts() {
    struct Level {
      const std::vector<JsonValue>* items;
      size_t next;
      uint32_t parent;
    };
    std::vector<Level> levels{{&resource_["concept"].items(), 0, CodeSystem::kNone}};
    while (!levels.empty()) {
      Level& level = levels.back();
      if (level.next == level.items->size() || sources_.size() >= kConceptsMax) {
        levels.pop_back();
        continue;
      }
      const JsonValue& item = (*level.items)[level.next++];
      const std::string_view code = item.StringAt("code");
      if (code.empty() || !known_.emplace(std::string(code), static_cast<uint32_t>(sources_.size())).second) continue;
      const uint32_t at = static_cast<uint32_t>(sources_.size());
      sources_.push_back({&item, level.parent});
      const std::vector<JsonValue>& below = item["concept"].items();
      if (!below.empty() && levels.size() < kConceptDepthMax) levels.push_back({&below, 0, at});
    }
  }

  void GatherSupplements() {
    for (size_t i = 0; i < supplements_.size(); ++i) {
      std::vector<const JsonValue*> open{&(*supplements_[i])["concept"]};
      while (!open.empty()) {
        const JsonValue* list = open.back();
        open.pop_back();
        for (const JsonValue& item : list->items()) {
          const auto found = known_.find(std::string(item.StringAt("code")));
          if (found != known_.end()) more_[found->second].emplace_back(&item, static_cast<uint16_t>(i + 1));
          if (const JsonValue* below = item.Find("concept")) open.push_back(below);
        }
      }
    }
  }

  void DefineProperties(const JsonValue& of) {
    for (const JsonValue& property : of["property"].items()) {
      Define(property.StringAt("code"), property.StringAt("uri"), property.StringAt("description"));
    }
  }

  uint16_t Define(std::string_view code, std::string_view uri, std::string_view description) {
    std::vector<CodeSystem::PropertyDefinition>& all = out_->property_definitions_;
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i].code == code) return static_cast<uint16_t>(i);
    }
    if (all.size() >= UINT16_MAX) return 0;
    all.push_back({std::string(code), std::string(uri), std::string(description)});
    return static_cast<uint16_t>(all.size() - 1);
  }

  CodeSystem::Text Keep(std::string_view text) {
    if (text.empty() || out_->arena_.size() + text.size() > UINT32_MAX) return {};
    // Statuses, languages, uses and property values come again and again.
    if (text.size() <= kShared) {
      const auto found = shared_.find(std::string(text));
      if (found != shared_.end()) return found->second;
    }
    const CodeSystem::Text kept{static_cast<uint32_t>(out_->arena_.size()), static_cast<uint32_t>(text.size())};
    out_->arena_.append(text);
    if (text.size() <= kShared && shared_.size() < kSharedMax) shared_.emplace(std::string(text), kept);
    return kept;
  }

  void Add(const Source& source) {
    const JsonValue& item = *source.concept_;
    CodeSystem::Concept one;
    one.code = Keep(item.StringAt("code"));
    one.display = Keep(item.StringAt("display"));
    one.definition = Keep(item.StringAt("definition"));
    one.designations = static_cast<uint32_t>(out_->designations_.size());
    one.properties = static_cast<uint32_t>(out_->properties_.size());
    std::map<std::string_view, std::string> shown;
    AddParts(item, 0, one, shown);
    const auto more = more_.find(static_cast<uint32_t>(out_->concepts_.size()));
    if (more != more_.end()) {
      for (const auto& [extra, supplement] : more->second) {
        if (one.display.size == 0) one.display = Keep(extra->StringAt("display"));
        AddParts(*extra, supplement, one, shown);
      }
    }
    std::string extensions;
    for (const auto& [name, text] : shown) extensions.append(text).append("\n");
    one.extensions = Keep(extensions);
    out_->concepts_.push_back(one);
  }

  void AddParts(const JsonValue& item, uint16_t supplement, CodeSystem::Concept& one, std::map<std::string_view, std::string>& shown) {
    for (const JsonValue& designation : item["designation"].items()) AddDesignation(designation, supplement);
    for (const JsonValue& property : item["property"].items()) {
      if (const JsonValue::Member* value = ValueOf(property)) AddProperty(property.StringAt("code"), {}, TypeOf(value->first), value->second, one);
    }
    for (const JsonValue& extension : item["extension"].items()) {
      const std::string_view name = ExtensionName(extension);
      if (name.empty()) continue;
      for (std::string_view kept : kShown) {
        if (name == kept) shown[kept] = base::WriteJson(extension);  // a supplement's comes last and stands
      }
      const JsonValue::Member* value = ValueOf(extension);
      if (value == nullptr || value->second.text().empty()) continue;
      for (const AsProperty& as : kAsProperties) {
        if (name == as.extension) AddProperty(as.code, as.uri, as.type, value->second, one);
      }
    }
  }

  void AddDesignation(const JsonValue& designation, uint16_t supplement) {
    CodeSystem::Designation kept;
    kept.language = Keep(designation.StringAt("language"));
    kept.value = Keep(designation.StringAt("value"));
    const JsonValue& use = designation["use"];
    kept.use_system = Keep(use.StringAt("system"));
    kept.use_code = Keep(use.StringAt("code"));
    kept.use_display = Keep(use.StringAt("display"));
    kept.supplement = supplement;
    JsonValue extensions = JsonValue::Array();
    for (const JsonValue& extension : designation["extension"].items()) {
      const std::string_view name = ExtensionName(extension);
      if (name == "structuredefinition-standards-status") {
        const std::string_view status = extension.StringAt("valueCode");
        kept.outdated = std::find(std::begin(kOutdated), std::end(kOutdated), status) != std::end(kOutdated);
      } else if (name != "coding-sctdescid") {
        continue;
      }
      extensions.Append(extension);
    }
    if (!extensions.items().empty()) kept.extensions = Keep(base::WriteJson(extensions));
    out_->designations_.push_back(kept);
  }

  void AddProperty(std::string_view code, std::string_view uri, PropertyType type, const JsonValue& value, CodeSystem::Concept& one) {
    CodeSystem::Property kept;
    kept.type = type;
    kept.definition = Define(code, uri.empty() ? std::string() : std::string(kConceptProperties).append(uri), {});
    if (type == PropertyType::kCoding) {
      kept.value = Keep(value.StringAt("code"));
      kept.system = Keep(value.StringAt("system"));
      kept.display = Keep(value.StringAt("display"));
    } else {
      kept.value = Keep(value.text());
    }
    out_->properties_.push_back(kept);
    const std::string_view text = type == PropertyType::kCoding ? value.StringAt("code") : std::string_view(value.text());
    if (Means(kept.definition, "status")) {
      one.status = kept.value;
      if (text == "retired" || text == "inactive") one.inactive = true;
    }
    if (Means(kept.definition, "inactive") && text == "true") one.inactive = true;
    if (Means(kept.definition, "notSelectable") || Means(kept.definition, "abstract")) one.abstract = text == "true";
  }

  // Is the property the one that FHIR knows by that name: by its uri or by its code.
  bool Means(uint16_t definition, std::string_view name) const {
    const CodeSystem::PropertyDefinition& of = out_->property_definitions_[definition];
    return of.code == name || (of.uri.starts_with(kConceptProperties) && std::string_view(of.uri).substr(kConceptProperties.size()) == name);
  }

  void SortCodes() {
    CodeSystem& out = *out_;
    const uint32_t count = static_cast<uint32_t>(out.concepts_.size());
    out.by_code_.resize(count);
    for (uint32_t i = 0; i < count; ++i) out.by_code_[i] = i;
    if (!out.case_sensitive_) {
      for (uint32_t i = 0; i < count; ++i) {
        const std::string folded = base::AsciiLower(out.code(i));
        out.folded_codes_.push_back({static_cast<uint32_t>(out.folded_.size()), static_cast<uint32_t>(folded.size())});
        out.folded_.append(folded);
      }
    }
    const auto key = [&out](uint32_t at) {
      if (out.case_sensitive_) return out.code(at);
      return std::string_view(out.folded_).substr(out.folded_codes_[at].begin, out.folded_codes_[at].size);
    };
    std::stable_sort(out.by_code_.begin(), out.by_code_.end(), [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
  }

  void LinkHierarchy() {
    CodeSystem& out = *out_;
    const uint32_t count = static_cast<uint32_t>(out.concepts_.size());
    std::vector<std::pair<uint32_t, uint32_t>> links;  // child, parent
    for (uint32_t i = 0; i < count; ++i) {
      if (sources_[i].parent != CodeSystem::kNone) links.emplace_back(i, sources_[i].parent);
      for (const CodeSystem::Property& property : out.properties(i)) {
        const bool parent = IsLink(property.definition, "parent", "subsumedBy");
        if (!parent && !IsLink(property.definition, "child", "child")) continue;
        const uint32_t other = out.Find(out.Of(property.value));
        if (other == CodeSystem::kNone || other == i) continue;
        links.emplace_back(parent ? i : other, parent ? other : i);
      }
    }
    out.hierarchical_ = !links.empty();
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    size_t next = 0;
    for (uint32_t i = 0; i < count; ++i) {
      out.concepts_[i].parents = static_cast<uint32_t>(out.parents_.size());
      for (; next < links.size() && links[next].first == i; ++next) out.parents_.push_back(links[next].second);
    }
    for (auto& [child, parent] : links) std::swap(child, parent);
    std::sort(links.begin(), links.end());
    next = 0;
    for (uint32_t i = 0; i < count; ++i) {
      out.concepts_[i].children = static_cast<uint32_t>(out.children_.size());
      for (; next < links.size() && links[next].first == i; ++next) out.children_.push_back(links[next].second);
    }
  }

  bool IsLink(uint16_t definition, std::string_view name, std::string_view code) const {
    return Means(definition, name) || out_->property_definitions_[definition].code == code;
  }

  static constexpr size_t kShared = 64;
  static constexpr size_t kSharedMax = 20'000;

  const JsonValue& resource_;
  const std::vector<std::shared_ptr<const JsonValue>>& supplements_;
  std::shared_ptr<CodeSystem> out_ = std::make_shared<CodeSystem>();
  std::vector<Source> sources_;
  std::unordered_map<std::string, uint32_t> known_;
  std::unordered_map<uint32_t, std::vector<std::pair<const JsonValue*, uint16_t>>> more_;
  std::unordered_map<std::string, CodeSystem::Text> shared_;
};

std::shared_ptr<const CodeSystem> CodeSystem::Compile(const JsonValue& resource, const std::vector<std::shared_ptr<const JsonValue>>& supplements) {
  return CodeSystemBuilder(resource, supplements).Build();
}

}  // namespace heyi::conformance
