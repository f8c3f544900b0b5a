// A code system made ready for answering: concepts in document order, one arena of text, codes sorted, hierarchy as index
// arrays. 35,000 concepts with a display take about 5 MB. https://hl7.org/fhir/R4/codesystem.html
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"

namespace heyi::conformance {

inline constexpr std::string_view kConceptProperties = "http://hl7.org/fhir/concept-properties#";
inline constexpr std::string_view kMaintenance = "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra";

// "url|version" of a resource; "url" where it has no version.
std::string CanonicalOf(const base::JsonValue& resource);
// The name of an extension that HL7 defines, "codesystem-label"; empty for others.
std::string_view ExtensionName(const base::JsonValue& extension);

enum class PropertyType : uint8_t { kCode, kString, kInteger, kBoolean, kDateTime, kDecimal, kCoding };

// How the codes that are here relate to all there are. https://hl7.org/fhir/R4/valueset-codesystem-content-mode.html
enum class ContentMode : uint8_t { kComplete, kFragment, kExample, kNotPresent, kSupplement };

// What a resource says of its own standing: warnings come from it.
struct Standing {
  bool draft = false, experimental = false, deprecated = false, withdrawn = false;
  static Standing Of(const base::JsonValue& resource);
};

class CodeSystem {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Text {
    uint32_t begin = 0, size = 0;
  };
  struct Designation {
    Text language, use_system, use_code, use_display, value, extensions;
    uint16_t supplement = 0;   // 0: of the code system; else 1 + which
    bool outdated = false;     // marked as no longer to be used
  };
  struct Property {
    Text value, system, display;
    uint16_t definition = 0;   // which of property_definitions()
    PropertyType type = PropertyType::kCode;
  };
  struct PropertyDefinition {
    std::string code, uri, description;
  };

  // What it makes of `resource` (a CodeSystem) and of the supplements to it; concepts beyond kConceptsMax are left out.
  static std::shared_ptr<const CodeSystem> Compile(const base::JsonValue& resource,
                                                   const std::vector<std::shared_ptr<const base::JsonValue>>& supplements);

  const std::string& url() const { return url_; }
  const std::string& version() const { return version_; }
  const std::string& name() const { return name_; }
  const std::string& language() const { return language_; }
  const std::string& supplements() const { return supplements_; }  // what a supplement supplements
  std::string Canonical() const { return version_.empty() ? url_ : url_ + "|" + version_; }
  ContentMode content() const { return content_; }
  bool case_sensitive() const { return case_sensitive_; }
  bool hierarchical() const { return hierarchical_; }
  const Standing& standing() const { return standing_; }
  const std::vector<std::string>& used_supplements() const { return used_supplements_; }  // canonicals

  size_t size() const { return concepts_.size(); }
  uint32_t Find(std::string_view code) const;  // kNone where there is none; folds case where the code system does
  std::string_view code(uint32_t at) const { return Of(concepts_[at].code); }
  std::string_view display(uint32_t at) const { return Of(concepts_[at].display); }
  std::string_view definition(uint32_t at) const { return Of(concepts_[at].definition); }
  std::string_view status(uint32_t at) const { return Of(concepts_[at].status); }
  std::string_view extensions(uint32_t at) const { return Of(concepts_[at].extensions); }  // JSON objects, each ended by '\n'
  bool inactive(uint32_t at) const { return concepts_[at].inactive; }
  bool abstract(uint32_t at) const { return concepts_[at].abstract; }
  std::span<const Designation> designations(uint32_t at) const;
  std::span<const Property> properties(uint32_t at) const;
  std::span<const uint32_t> parents(uint32_t at) const;
  std::span<const uint32_t> children(uint32_t at) const;
  std::string_view Of(Text text) const { return std::string_view(arena_).substr(text.begin, text.size); }
  const std::vector<PropertyDefinition>& property_definitions() const { return property_definitions_; }

  // Marks `at` and all below it (or above it); each concept once, whatever circles the hierarchy has.
  void MarkBelow(uint32_t at, std::vector<bool>& marks) const { Mark(at, &CodeSystem::children, marks); }
  void MarkAbove(uint32_t at, std::vector<bool>& marks) const { Mark(at, &CodeSystem::parents, marks); }
  bool IsBelow(uint32_t at, uint32_t ancestor) const;  // or the same

  // Code, display and designations, folded, one a line: what a text filter looks through. All are made at the first need.
  std::string_view SearchText(uint32_t at) const;
  static std::string FoldedForSearch(std::string_view text);
  size_t bytes() const;

 private:
  friend class CodeSystemBuilder;  // compile_code_system.cc
  struct Concept {
    Text code, display, definition, status, extensions;
    uint32_t designations = 0, properties = 0, parents = 0, children = 0;  // where its own begin; they end where the next one's begin
    bool inactive = false, abstract = false;
  };
  void Mark(uint32_t at, std::span<const uint32_t> (CodeSystem::*next)(uint32_t) const, std::vector<bool>& marks) const;

  std::string url_, version_, name_, language_, supplements_;
  ContentMode content_ = ContentMode::kComplete;
  bool case_sensitive_ = true;
  bool hierarchical_ = false;
  Standing standing_;
  std::vector<std::string> used_supplements_;
  std::vector<PropertyDefinition> property_definitions_;
  std::string arena_;
  std::string folded_;                   // the codes in lower case, where case does not count
  std::vector<Text> folded_codes_;
  std::vector<Concept> concepts_;
  std::vector<uint32_t> by_code_;        // concepts sorted by (folded) code
  std::vector<Designation> designations_;
  std::vector<Property> properties_;
  std::vector<uint32_t> parents_, children_;
  mutable std::once_flag search_once_;
  mutable std::string search_text_;
  mutable std::vector<uint32_t> search_ends_;
};

}  // namespace heyi::conformance
