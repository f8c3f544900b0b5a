#include "fhir/patch/xml_select.h"

#include <algorithm>

#include "base/text.h"
#include "base/xml/reader.h"

namespace heyi::fhir {
namespace {

using StepKind = PatchStep::Kind;
using ConditionKind = PatchCondition::Kind;

// --- reading ---

class SelectReader {
 public:
  SelectReader(std::string_view text, const PatchScope& scope) : text_(text), rest_(text), scope_(scope) {}

  bool Selector(PatchSelector& selector) {
    Skip("/");
    do {
      PatchStep& step = selector.emplace_back();
      if (!Step(step)) return false;
      const bool last = rest_.empty();
      if (!last && step.kind != StepKind::kElement) return Fail();
    } while (Skip("/"));
    return rest_.empty() || Fail();
  }

  bool Target(PatchStep& step) {
    if (!AttributeOrNamespace(step)) return Fail();
    return !failed() && (rest_.empty() || Fail());
  }

  bool failed() const { return error_.has_value(); }
  SelectorError TakeError() { return std::move(*error_); }

 private:
  bool Step(PatchStep& step) {
    if (AttributeOrNamespace(step)) return !failed();
    if (failed()) return false;
    if (Skip("text()")) {
      step.kind = StepKind::kText;
    } else if (Skip("comment()")) {
      step.kind = StepKind::kComment;
    } else if (Skip("processing-instruction(")) {
      step.kind = StepKind::kInstruction;
      if (!Skip(")") && !(Literal(step.name.name) && Skip(")"))) return Fail();
    } else if (!Skip("*") && !QualifiedName(step.name, true)) {
      return Fail();
    }
    while (Skip("[")) {
      if (!Condition(step)) return Fail();
    }
    return true;
  }

  // False also where it is neither.
  bool AttributeOrNamespace(PatchStep& step) {
    if (Skip("@")) {
      step.kind = StepKind::kAttribute;
      // What declares a namespace is no attribute, whatever it looks like.
      return (QualifiedName(step.name, false) && !(step.name.ns.empty() && step.name.name == "xmlns")) || Fail();
    }
    if (!Skip("namespace::")) return false;
    step.kind = StepKind::kNamespace;
    step.name.name = PlainName();
    return !step.name.name.empty() || Fail();
  }

  bool Condition(PatchStep& step) {
    PatchCondition& condition = step.conditions.emplace_back();
    SkipBlanks();
    const size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits > 0) {
      if (!base::ParseUnsigned(rest_.substr(0, digits), &condition.position) || condition.position == 0) return Fail();
      rest_.remove_prefix(digits);
    } else {
      if (step.kind != StepKind::kElement) return Fail();
      if (Skip("@")) {
        condition.kind = ConditionKind::kAttribute;
        if (!QualifiedName(condition.name, false)) return Fail();
      } else if (Skip(".")) {
        condition.kind = ConditionKind::kSelf;
      } else {
        condition.kind = ConditionKind::kChild;
        if (!QualifiedName(condition.name, true)) return Fail();
      }
      SkipBlanks();
      if (!Skip("=")) return Fail();
      SkipBlanks();
      if (!Literal(condition.value)) return Fail();
    }
    SkipBlanks();
    return Skip("]");
  }

  bool Literal(std::string& value) {
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return false;
    const size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) return false;
    value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool QualifiedName(PatchName& name, bool element) {
    std::string_view prefix;
    std::string_view local = PlainName();
    if (!local.empty() && rest_.size() > 1 && rest_[0] == ':' && rest_[1] != ':') {
      rest_.remove_prefix(1);
      prefix = local;
      local = PlainName();
    }
    if (local.empty()) return false;
    if (!rest_.empty() && rest_[0] == '(') return false;  // a function
    name.name = local;
    if (prefix.empty() && !element) return true;  // a default is not for attributes
    const std::optional<std::string_view> ns = scope_.Find(prefix);
    if (!ns) {
      error_ = SelectorError{"patch.xml-prefix", std::string(prefix)};
      return false;
    }
    name.ns = *ns;
    return true;
  }

  // An NCName; what stands beyond ASCII is taken as part of a name, for it is of nothing else.
  std::string_view PlainName() {
    const auto may_stand = [](char c, bool first) {
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<signed char>(c) < 0) return true;
      return !first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
    };
    size_t size = 0;
    while (size < rest_.size() && may_stand(rest_[size], size == 0)) ++size;
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return name;
  }

  bool Skip(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void SkipBlanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  bool Fail() {
    if (!error_) error_ = SelectorError{"patch.xml-selector", std::string(text_)};
    return false;
  }

  const std::string_view text_;
  std::string_view rest_;
  const PatchScope& scope_;
  std::optional<SelectorError> error_;
};

// --- finding ---

struct Found {
  PatchNode* node;
  size_t parent;  // among all that were found; of itself for the document
  size_t index;   // in its parent
};

class Search {
 public:
  explicit Search(PatchWork& work) : work_(work) {}

  std::optional<int> Run(PatchNode& document, const PatchSelector& selector, PatchPlace& place) {
    found_.push_back({&document, 0, 0});
    size_t begin = 0, end = 1;
    for (const PatchStep& step : selector) {
      if (step.kind == StepKind::kAttribute || step.kind == StepKind::kNamespace) return Named(step, begin, end, place);
      for (size_t i = begin; i < end; ++i) {
        if (!Children(i, step)) return std::nullopt;
      }
      begin = end;
      end = found_.size();
    }
    if (begin == end) return 0;
    place = {PathTo(begin), found_[begin].index, selector.back().kind};
    return end - begin == 1 ? 1 : 2;
  }

 private:
  bool Children(size_t parent, const PatchStep& step) {
    std::vector<PatchNode>& children = found_[parent].node->children;
    if (!work_.Spend(1 + children.size())) return false;
    const size_t first = found_.size();
    for (size_t i = 0; i < children.size(); ++i) {
      if (Fits(children[i], step)) found_.push_back({&children[i], parent, i});
    }
    for (const PatchCondition& condition : step.conditions) {
      if (!Keep(first, condition)) return false;
    }
    return true;
  }

  static bool Fits(const PatchNode& node, const PatchStep& step) {
    switch (step.kind) {
      case StepKind::kElement:
        return node.is_element() && (step.name.name.empty() || (node.name == step.name.name && node.ns == step.name.ns));
      case StepKind::kText: return node.is_text();
      case StepKind::kComment: return node.kind == PatchNode::Kind::kComment;
      case StepKind::kInstruction:
        return node.kind == PatchNode::Kind::kInstruction && (step.name.name.empty() || node.name == step.name.name);
      default: return false;
    }
  }

  // Of what was found from `first` on, that which fits the condition. False: no work left.
  bool Keep(size_t first, const PatchCondition& condition) {
    if (!work_.Spend(1 + found_.size() - first)) return false;
    if (condition.kind == ConditionKind::kPosition) {
      const bool there = condition.position <= found_.size() - first;
      if (there) found_[first] = found_[first + static_cast<size_t>(condition.position) - 1];
      found_.resize(there ? first + 1 : first);
      return true;
    }
    size_t kept = first;
    for (size_t i = first; i < found_.size(); ++i) {
      const std::optional<bool> holds = Holds(*found_[i].node, condition);
      if (!holds) return false;
      if (*holds) found_[kept++] = found_[i];
    }
    found_.resize(kept);
    return true;
  }

  std::optional<bool> Holds(const PatchNode& node, const PatchCondition& condition) {
    if (condition.kind == ConditionKind::kSelf) return HasText(node, condition.value);
    if (condition.kind == ConditionKind::kAttribute) {
      if (!work_.Spend(node.attributes.size())) return std::nullopt;
      return std::any_of(node.attributes.begin(), node.attributes.end(), [&](const PatchNode::Attribute& attribute) {
        return attribute.name == condition.name.name && attribute.ns == condition.name.ns && attribute.value == condition.value;
      });
    }
    if (!work_.Spend(node.children.size())) return std::nullopt;
    for (const PatchNode& child : node.children) {
      if (!child.is_element() || child.name != condition.name.name || child.ns != condition.name.ns) continue;
      const std::optional<bool> same = HasText(child, condition.value);
      if (!same || *same) return same;
    }
    return false;
  }

  // Is that all the text in `node`, joined?
  std::optional<bool> HasText(const PatchNode& node, std::string_view wanted) {
    const std::optional<bool> fits = TakeText(node, wanted);
    if (!fits || !*fits) return fits;
    return wanted.empty();
  }
  // Takes the text in `node` from the beginning of `wanted`; recursion on a tree of bounded depth.
  std::optional<bool> TakeText(const PatchNode& node, std::string_view& wanted) {
    if (!work_.Spend(1 + node.children.size())) return std::nullopt;
    for (const PatchNode& child : node.children) {
      if (child.is_text()) {
        if (!wanted.starts_with(child.text)) return false;
        wanted.remove_prefix(child.text.size());
      } else if (child.is_element()) {
        const std::optional<bool> fits = TakeText(child, wanted);
        if (!fits || !*fits) return fits;
      }
    }
    return true;
  }

  // Attributes and declarations of what was found from `begin` to `end`.
  std::optional<int> Named(const PatchStep& step, size_t begin, size_t end, PatchPlace& place) {
    int count = 0;
    for (size_t i = begin; i < end && count < 2; ++i) {
      const PatchNode& node = *found_[i].node;
      const bool attribute = step.kind == StepKind::kAttribute;
      const size_t size = attribute ? node.attributes.size() : node.declarations.size();
      if (!work_.Spend(1 + size)) return std::nullopt;
      for (size_t k = 0; k < size; ++k) {
        const bool same = attribute ? node.attributes[k].name == step.name.name && node.attributes[k].ns == step.name.ns
                                    : node.declarations[k].prefix == step.name.name;
        if (!same) continue;
        if (count++ == 0) place = {PathTo(i), k, step.kind};
        break;  // an element has one of a name
      }
    }
    return count;
  }

  std::vector<PatchNode*> PathTo(size_t at) const {
    std::vector<PatchNode*> path{found_[at].node};
    for (; at != 0; at = found_[at].parent) path.push_back(found_[found_[at].parent].node);
    std::reverse(path.begin(), path.end());
    return path;
  }

  PatchWork& work_;
  std::vector<Found> found_;
};

}  // namespace

PatchScope::PatchScope(const PatchScope* outer, const PatchNode& element) : outer_(outer) {
  for (const PatchNode::Declaration& declaration : element.declarations) declarations_.emplace(declaration.prefix, declaration.ns);
}

std::optional<std::string_view> PatchScope::Find(std::string_view prefix) const {
  if (prefix == "xml") return base::kXmlNamespace;
  if (const auto found = declarations_.find(prefix); found != declarations_.end()) return found->second;
  if (outer_ != nullptr) return outer_->Find(prefix);
  if (prefix.empty()) return std::string_view();
  return std::nullopt;
}

std::optional<SelectorError> ReadPatchSelector(std::string_view text, const PatchScope& scope, PatchSelector& selector) {
  SelectReader reader(text, scope);
  if (reader.Selector(selector)) return std::nullopt;
  return reader.TakeError();
}

std::optional<SelectorError> ReadPatchTarget(std::string_view text, const PatchScope& scope, PatchStep& target) {
  SelectReader reader(text, scope);
  if (reader.Target(target)) return std::nullopt;
  return reader.TakeError();
}

std::optional<int> FindPatchPlace(PatchNode& document, const PatchSelector& selector, PatchWork& work, PatchPlace& place) {
  return Search(work).Run(document, selector, place);
}

}  // namespace heyi::fhir
