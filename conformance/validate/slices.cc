#include "conformance/validate/slices.h"

#include <algorithm>

#include "base/text.h"
#include "conformance/validate/profile_rules.h"
#include "conformance/validate/reference_rules.h"

namespace heyi::conformance {

using fhir::Collection;
using fhir::PathValue;

namespace {

// Does the rule say which values are its own?
bool Tells(const ElementRule& rule) {
  if (!rule.fixed.is_null() || !rule.pattern.is_null() || rule.binding.strength == "required") return true;
  return std::any_of(rule.children.begin(), rule.children.end(), Tells) || std::any_of(rule.slices.begin(), rule.slices.end(), Tells);
}

// The rule that stands at a discriminator's path below a slice. On the way it goes through the one profile of a type where
// the slice itself has no such child, and into slices of what it passes where those tell more.
class RuleAt {
 public:
  explicit RuleAt(Session& session) : session_(session) {}

  const ElementRule* Find(const ElementRule& slice, std::string_view path) {
    if (path == "$this") return &slice;
    const auto steps = Steps(path);
    return At(slice, steps, 0);
  }

 private:
  // Recursion is as deep as the path has steps.
  const ElementRule* At(const ElementRule& rule, const std::vector<std::string_view>& steps, size_t position) {
    if (position == steps.size()) return &rule;
    const ElementRule* const next = Next(rule, steps[position]);
    if (next == nullptr) return nullptr;
    const ElementRule* const plain = At(*next, steps, position + 1);
    if (plain != nullptr && Tells(*plain)) return plain;
    if (position + 1 == steps.size()) return plain;
    for (const ElementRule& slice : next->slices) {
      const ElementRule* const sliced = At(slice, steps, position + 1);
      if (sliced != nullptr && Tells(*sliced)) return sliced;
    }
    return plain;
  }

  // "extension('http://a.b/c').value" has points inside quotes.
  static std::vector<std::string_view> Steps(std::string_view path) {
    std::vector<std::string_view> steps;
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0; i <= path.size(); ++i) {
      if (i < path.size() && path[i] == '\'') quoted = !quoted;
      if (i < path.size() && (path[i] != '.' || quoted)) continue;
      steps.push_back(path.substr(from, i - from));
      from = i + 1;
    }
    return steps;
  }

  const ElementRule* Next(const ElementRule& rule, std::string_view step) {
    if (step == "resolve()") return Target(rule);
    if (step == "$this" || step.starts_with("ofType(")) return &rule;
    if (step.starts_with("extension(")) return ExtensionOf(rule, step.substr(11, step.size() - 13));
    if (const ElementRule* child = rule.Child(step)) return child;
    const Profile* const profile = rule.types.size() == 1 && rule.types[0].profiles.size() == 1 ? session_.Find(rule.types[0].profiles[0]) : nullptr;
    return profile == nullptr ? nullptr : profile->root.Child(step);
  }

  const ElementRule* Target(const ElementRule& rule) {
    if (rule.types.size() != 1 || rule.types[0].targets.size() != 1) return nullptr;
    const Profile* const profile = session_.Find(rule.types[0].targets[0]);
    return profile == nullptr ? nullptr : &profile->root;
  }

  const ElementRule* ExtensionOf(const ElementRule& rule, std::string_view url) {
    const ElementRule* const extensions = rule.Child("extension");
    if (extensions == nullptr) return nullptr;
    const ElementRule* found = nullptr;
    for (const ElementRule& slice : extensions->slices) {
      if (!IsExtension(slice, url)) continue;
      found = found == nullptr ? &slice : found;
      for (const ElementRule& narrower : slice.slices) {
        if (Tells(narrower)) return &narrower;
      }
    }
    return found;
  }

  static bool IsExtension(const ElementRule& slice, std::string_view url) {
    for (const TypeRule& type : slice.types) {
      for (const std::string& profile : type.profiles) {
        if (Canonical::Of(profile).url == url) return true;
      }
    }
    const ElementRule* const own = slice.Child("url");
    return own != nullptr && own->fixed.text() == url;
  }

  Session& session_;
};

// Does the rule say enough to tell values apart?
bool SaysSomething(const ElementRule& rule) {
  return rule.min > 0 || Tells(rule) || std::any_of(rule.children.begin(), rule.children.end(), SaysSomething);
}

// Where the references stand that a path resolves: "entry" of "entry.resolve()", "$this" of "resolve()".
std::string_view BeforeResolve(std::string_view path) {
  path.remove_suffix(std::string_view("resolve()").size());
  if (path.ends_with('.')) path.remove_suffix(1);
  return path.empty() ? "$this" : path;
}

// Of a choice that is sliced by type: the slice of the item's type.
const ElementRule* SliceOfType(const PathValue& item, const ElementRule& choice) {
  const auto found = std::find_if(choice.slices.begin(), choice.slices.end(), [&](const ElementRule& slice) {
    return slice.types.size() == 1 && item.type() != nullptr && item.type()->IsA(slice.types[0].code);
  });
  return found == choice.slices.end() ? nullptr : &*found;
}

bool IsOfType(const PathValue& item, const ElementRule& rule) {
  if (rule.choice && !rule.slices.empty()) return SliceOfType(item, rule) != nullptr;
  return std::any_of(rule.types.begin(), rule.types.end(),
                     [&](const TypeRule& type) { return item.type() != nullptr && item.type()->IsA(type.code); });
}

bool FitsAside(const PathValue& item, const ElementRule& rule, Session& session) {
  base::Outcome findings;
  Session aside = session.Aside(findings);
  if (aside.depth > kProfileDepthMax) return false;
  CheckValue(item, rule, aside);
  if (rule.choice && !rule.slices.empty()) {
    const ElementRule* const slice = SliceOfType(item, rule);
    if (slice == nullptr) return false;
    CheckValue(item, *slice, aside);
  }
  return !findings.HasErrors();
}

class Sorting {
 public:
  explicit Sorting(Session& session) : session_(session) {}

  bool Matches(const PathValue& item, const ElementRule& slice, const Slicing& slicing) {
    return std::all_of(slicing.discriminators.begin(), slicing.discriminators.end(),
                       [&](const Discriminator& discriminator) { return Matches(item, slice, discriminator); });
  }

 private:
  bool Matches(const PathValue& item, const ElementRule& slice, const Discriminator& discriminator) {
    Collection at{item};
    if (discriminator.path != "$this") {
      if (discriminator.expression == nullptr) return false;
      auto found = discriminator.expression->Evaluate(item, session_.context);
      if (!found.ok()) return false;
      at = std::move(*found);
    }
    if (discriminator.kind == DiscriminatorKind::kType && discriminator.path.ends_with("resolve()")) return ByTarget(item, slice, discriminator);
    const bool resolved = discriminator.kind == DiscriminatorKind::kProfile && discriminator.path.ends_with("resolve()");
    const ElementRule* const rule = RuleAt(session_).Find(slice, resolved ? BeforeResolve(discriminator.path) : discriminator.path);
    if (rule == nullptr) return ByExtensionUrl(item, slice, discriminator);
    switch (discriminator.kind) {
      case DiscriminatorKind::kExists: return rule->max == 0 ? at.empty() : rule->min == 0 || !at.empty();
      case DiscriminatorKind::kType: return !at.empty() && std::all_of(at.begin(), at.end(), [&](const PathValue& one) { return IsOfType(one, *rule); });
      case DiscriminatorKind::kProfile: return !at.empty() && ByProfile(at[0], *rule);
      default: break;
    }
    if (!SaysSomething(*rule)) return false;
    if (at.empty()) return rule->max == 0;
    return std::any_of(at.begin(), at.end(), [&](const PathValue& one) { return FitsAside(one, *rule, session_); });
  }

  // A slice of extensions that names its definition only.
  static bool ByExtensionUrl(const PathValue& item, const ElementRule& slice, const Discriminator& discriminator) {
    if (discriminator.path != "url" || !item.node()) return false;
    for (const TypeRule& type : slice.types) {
      for (const std::string& profile : type.profiles) {
        if (Canonical::Of(profile).url == item.node().TextAt("url")) return true;
      }
    }
    return false;
  }

  // What is referred to is of one of the types that the slice's references may point to.
  bool ByTarget(const PathValue& item, const ElementRule& slice, const Discriminator& discriminator) {
    const std::string_view path = BeforeResolve(discriminator.path);
    const ElementRule* const rule = RuleAt(session_).Find(slice, path);
    if (rule == nullptr) return false;
    Collection references{item};
    if (path != "$this") references = ValuesOf(item, path, session_.budget);
    if (references.empty()) return false;
    const std::string type = TargetTypeOf(references[0], session_);
    for (const TypeRule& one : rule->types) {
      for (const std::string& target : one.targets) {
        if (!type.empty() && TypeOfTarget(target, session_) == type) return true;
      }
    }
    return false;
  }

  bool ByProfile(const PathValue& item, const ElementRule& rule) {
    for (const TypeRule& type : rule.types) {
      for (const std::string& profile : type.code == "Reference" ? type.targets : type.profiles) {
        if (Conforms(item, profile, session_).value_or(false)) return true;
      }
    }
    return false;
  }

  Session& session_;
};

}  // namespace

void CheckSlices(const PathValue& parent, const Collection& values, const ElementRule& element, Session& session) {
  if (!element.slicing) return;
  const Slicing& slicing = *element.slicing;
  std::vector<Collection> sorted(element.slices.size());
  size_t last = 0;
  bool unsliced_before = false;
  for (const PathValue& value : values) {
    const auto slice = std::find_if(element.slices.begin(), element.slices.end(),
                                    [&](const ElementRule& one) { return Sorting(session).Matches(value, one, slicing); });
    if (slice == element.slices.end()) {
      if (slicing.rules == Slicing::Rules::kClosed) session.Report("conformance.slice-none", value, element.path);
      unsliced_before = true;
      continue;
    }
    const auto at = static_cast<size_t>(slice - element.slices.begin());
    if (slicing.ordered && at < last) session.Report("conformance.slice-order", value, slice->slice);
    if (slicing.rules == Slicing::Rules::kOpenAtEnd && unsliced_before) session.Report("conformance.slice-end", value, slice->slice);
    last = std::max(last, at);
    sorted[at].push_back(value);
    CheckValue(value, *slice, session);
  }
  for (size_t i = 0; i < sorted.size(); ++i) {
    const ElementRule& slice = element.slices[i];
    const std::string name = slice.name + ":" + slice.slice;
    if (sorted[i].size() < slice.min) session.Report("conformance.profile-min", parent, name + " x" + std::to_string(slice.min));
    if (sorted[i].size() > slice.max) session.Report("conformance.profile-max", parent, name + " x" + std::to_string(slice.max));
    if (!slice.slices.empty()) CheckSlices(parent, sorted[i], slice, session);
  }
}

}  // namespace heyi::conformance
