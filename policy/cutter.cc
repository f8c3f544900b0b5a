#include "policy/cutter.h"

#include <set>

#include "policy/limits.h"

namespace heyi::policy {
namespace {

using base::Error;
using base::ErrorKind;
using fhir::Element;
using fhir::Node;
using fhir::NodeIndex;
using fhir::NodeKind;
using fhir::Tree;
using Rules = std::vector<const ReleaseRule*>;

// It says only that there is nothing to say.
constexpr std::string_view kDataAbsentUrl = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

struct Scope {
  Rules rules;          // that have come as far as this object
  bool whole = false;   // it goes, but for extensions and what is cut by name
  bool all = false;     // … with its extensions
  std::string path;     // "Patient.name"
};

// What becomes of one item.
struct Fate {
  bool keep = false, all = false, cut_by_name = false;
  Mask mask;
  Rules below;
};

bool NamesElement(const ReleaseRule& rule, const fhir::Property& property) {
  return rule.name == property.element->name || rule.name == property.name;
}

Fate FateOf(const Scope& scope, Node item, const fhir::Property& property) {
  Fate fate{scope.whole, scope.all, false, {}, {}};
  for (const ReleaseRule* above : scope.rules) {
    for (const ReleaseRule& rule : above->below) {
      if (!NamesElement(rule, property)) continue;
      if (!rule.member.empty() && !(item.is_object() && item.TextAt(rule.member) == rule.value)) continue;
      fate.keep = fate.keep || rule.keep;
      fate.cut_by_name = fate.cut_by_name || rule.cut;
      if (rule.mask) fate.mask = rule.mask;
      if (!rule.below.empty()) fate.below.push_back(&rule);
      if (property.element->name == "extension" && rule.keep) fate.all = true;
    }
  }
  if (property.element->name == "extension") {
    // An extension is no part of what it extends: it goes where it is named.
    const bool named = fate.all || item.TextAt("url") == kDataAbsentUrl;
    fate.keep = named;
    fate.all = named;
  }
  if (fate.cut_by_name) fate.keep = false, fate.below.clear();
  return fate;
}

class Cutter {
 public:
  Cutter(const ReleaseProfile& profile, Tree& tree) : profile_(profile), tree_(tree) {}

  base::Result<base::Done> Run() {
    const ReleaseRule* rules = profile_.RulesOf(tree_.type()->name);
    if (rules == nullptr) return Error(ErrorKind::kForbidden, "release.no-profile", {}, tree_.type()->name);
    HEYI_CHECK(CutResource(tree_.root(), *rules, 0));
    for (bool again = true; again;) {  // each round takes out at least one contained resource
      HEYI_TRY(taken, DropUnreferred());
      again = taken;
    }
    if (!cut_.empty() || !masked_.empty()) DropNarratives();
    return CheckWhole();
  }

  std::vector<std::string> cut() const { return {cut_.begin(), cut_.end()}; }
  std::vector<std::string> masked() const { return {masked_.begin(), masked_.end()}; }

 private:
  base::Result<base::Done> CutResource(Node resource, const ReleaseRule& rules, size_t depth) {
    return CutObject(resource, {{&rules}, rules.keep, rules.keep, resource.type()->name}, depth);
  }

  base::Result<base::Done> CutObject(Node object, const Scope& scope, size_t depth) {
    if (depth == kReleaseDepthMax) return Error(ErrorKind::kForbidden, "release.too-deep", scope.path);
    std::vector<Node> members;
    for (Node member = object.first_child(); member; member = member.next()) members.push_back(member);
    for (Node member : members) {
      const fhir::Property* property = member.property();
      if (property == nullptr || property->element->name == "resourceType") continue;
      if (property->element->name == "id" && object.type()->is_resource()) continue;  // what it goes by; says nothing
      const std::string path = scope.path + "." + property->element->name;
      if (property->type->is_primitive()) {
        if (member.underscore() && object.Member(property->name)) continue;  // done with its value
        HEYI_CHECK(CutPrimitive(object, *property, scope, path, depth));
      } else {
        HEYI_CHECK(CutItems(object, member, *property, scope, path, depth));
      }
    }
    return base::Done{};
  }

  // An object, or a list of objects.
  base::Result<base::Done> CutItems(Node object, Node member, const fhir::Property& property, const Scope& scope, const std::string& path, size_t depth) {
    if (!member.is_array()) {
      HEYI_TRY(stays, CutItem(member, property, scope, path, depth));
      if (!stays) tree_.RemoveMember(object.index(), member.index());
      return base::Done{};
    }
    std::vector<Node> items;
    for (Node item = member.first_child(); item; item = item.next()) items.push_back(item);
    for (Node item : items) {
      HEYI_TRY(stays, CutItem(item, property, scope, path, depth));
      if (!stays) tree_.RemoveMember(member.index(), item.index());
    }
    if (!member.first_child()) tree_.RemoveMember(object.index(), member.index());
    return base::Done{};
  }

  base::Result<bool> CutItem(Node item, const fhir::Property& property, const Scope& scope, const std::string& path, size_t depth) {
    const Fate fate = FateOf(scope, item, property);
    if (item.type() != nullptr && item.type()->is_resource() && !fate.cut_by_name) return CutWithin(item, path, depth);
    if (!fate.keep && fate.below.empty()) {
      HEYI_CHECK(MayGo(*property.element, fate, path));
      cut_.insert(path);
      return false;
    }
    HEYI_CHECK(CutObject(item, {fate.below, fate.keep, fate.all, path}, depth + 1));
    return HasContent(item);
  }

  // A resource in another goes by the rules of its own type.
  base::Result<bool> CutWithin(Node resource, const std::string& path, size_t depth) {
    const ReleaseRule* rules = profile_.RulesOf(resource.type()->name);
    if (rules == nullptr) {
      cut_.insert(path);
      return false;
    }
    HEYI_CHECK(CutResource(resource, *rules, depth + 1));
    return true;
  }

  // A value and its `_` member, or a list of values and the list beside it.
  base::Result<base::Done> CutPrimitive(Node object, const fhir::Property& property, const Scope& scope, const std::string& path, size_t depth) {
    const Node values = object.Member(property.name), beside = object.Member("_" + property.name);
    const Fate fate = FateOf(scope, values ? values : beside, property);
    if (!fate.keep && fate.below.empty()) {
      HEYI_CHECK(MayGo(*property.element, fate, path));
      cut_.insert(path);
      if (values) tree_.RemoveMember(object.index(), values.index());
      if (beside) tree_.RemoveMember(object.index(), beside.index());
      return base::Done{};
    }
    const bool list = (values && values.is_array()) || (beside && beside.is_array());
    if (list) return CutList(object, values, beside, fate, path, depth);
    if (beside) {
      HEYI_CHECK(CutObject(beside, {fate.below, fate.keep, fate.all, path}, depth + 1));
      if (!beside.first_child()) tree_.RemoveMember(object.index(), beside.index());
    }
    if (values && !KeepValue(values, fate, path)) tree_.RemoveMember(object.index(), values.index());
    return base::Done{};
  }

  // Values stand by their place: where both halves of a place have gone, the place goes.
  base::Result<base::Done> CutList(Node object, Node values, Node beside, const Fate& fate, const std::string& path, size_t depth) {
    struct Place {
      Node value, beside;
      bool keep_value = false, keep_beside = false;
    };
    std::vector<Place> places;
    if (values) {
      for (Node item = values.first_child(); item; item = item.next()) places.push_back({item, {}, false, false});
    }
    size_t at = 0;
    for (Node item = beside ? beside.first_child() : Node(); item; item = item.next(), ++at) {
      if (at == places.size()) places.push_back({});
      places[at].beside = item;
    }
    bool any_value = false, any_beside = false;
    for (Place& place : places) {
      if (place.beside && place.beside.is_object()) {
        HEYI_CHECK(CutObject(place.beside, {fate.below, fate.keep, fate.all, path}, depth + 1));
        place.keep_beside = static_cast<bool>(place.beside.first_child());
      }
      place.keep_value = place.value && place.value.kind() != NodeKind::kNull && KeepValue(place.value, fate, path);
      any_value = any_value || place.keep_value;
      any_beside = any_beside || place.keep_beside;
    }
    for (const Place& place : places) {
      const bool gone = !place.keep_value && !place.keep_beside;
      if (values && place.value && any_value) Settle(values, place.value, place.keep_value, gone);
      if (beside && place.beside && any_beside) Settle(beside, place.beside, place.keep_beside, gone);
    }
    if (values && !any_value) tree_.RemoveMember(object.index(), values.index());
    if (beside && !any_beside) tree_.RemoveMember(object.index(), beside.index());
    return base::Done{};
  }

  // The half of a place: stays, makes room with the whole place, or leaves null for the other half's sake.
  void Settle(Node list, Node item, bool keep, bool gone) {
    if (keep || (!gone && item.kind() == NodeKind::kNull)) return;
    NodeIndex before = fhir::kNoNode;
    for (Node other = list.first_child(); other && !(other == item); other = other.next()) before = other.index();
    tree_.RemoveMember(list.index(), item.index());
    if (!gone) tree_.Hang(list.index(), tree_.MakeLoose(*list.property(), list.underscore(), NodeKind::kNull), before);
  }

  // False where nothing of the value may be told.
  bool KeepValue(Node value, const Fate& fate, const std::string& path) {
    if (!fate.keep && !fate.mask) {
      cut_.insert(path);
      return false;
    }
    if (!fate.mask) return true;
    masked_.insert(path);
    const std::string text = Masked(fate.mask, value.text());
    if (text.empty()) return false;
    tree_.SetText(value.index(), text);
    return true;
  }

  // What changes the meaning of the rest is not left out in silence; a profile may say so by name.
  static base::Result<base::Done> MayGo(const Element& element, const Fate& fate, const std::string& path) {
    if (element.name != "modifierExtension" && (fate.cut_by_name || !element.modifier)) return base::Done{};
    return Error(ErrorKind::kForbidden, "release.modifier", path, path);
  }

  // An id alone says nothing and is not valid.
  static bool HasContent(Node object) {
    for (Node child = object.first_child(); child; child = child.next()) {
      if (child.property() != nullptr && child.property()->element->name != "id") return true;
    }
    return false;
  }

  void DropNarratives() {
    std::vector<Node> open{tree_.root()};
    while (!open.empty()) {
      const Node node = open.back();
      open.pop_back();
      if (node.is_object() && node.type() != nullptr && node.type()->is_resource()) {
        const Node text = node.Member("text");
        if (text && text.type() != nullptr && text.type()->name == "Narrative") {
          cut_.insert(node.type()->name + ".text");
          tree_.RemoveMember(node.index(), text.index());
        }
      }
      for (Node child = node.first_child(); child; child = child.next()) open.push_back(child);
    }
  }

  // Takes out references to contained resources that have gone, and contained resources that nothing refers to (dom-3).
  base::Result<bool> DropUnreferred() {
    const Node contained = tree_.root().Member("contained");
    std::set<std::string, std::less<>> there, referred;
    for (Node item = contained ? contained.first_child() : Node(); item; item = item.next()) there.insert("#" + std::string(item.TextAt("id")));
    std::vector<Node> dangling;
    std::vector<std::pair<Node, size_t>> open{{tree_.root(), 0}};
    while (!open.empty()) {
      const auto [node, depth] = open.back();
      open.pop_back();
      if (depth > 4 * kReleaseDepthMax) return Error(ErrorKind::kForbidden, "release.too-deep", tree_.type()->name);
      const std::string_view reference = node.is_object() ? node.TextAt("reference") : std::string_view();
      if (reference.starts_with('#') && reference.size() > 1) {
        referred.emplace(reference);
        if (!there.contains(reference)) dangling.push_back(node);
      }
      for (Node child = node.first_child(); child; child = child.next()) open.emplace_back(child, depth + 1);
    }
    for (Node node : dangling) Remove(node);
    bool taken = !dangling.empty();
    std::vector<Node> unreferred;
    for (Node item = contained ? contained.first_child() : Node(); item; item = item.next()) {
      if (!referred.contains("#" + std::string(item.TextAt("id"))) && !RefersToContainer(item)) unreferred.push_back(item);
    }
    for (Node item : unreferred) {
      cut_.insert(tree_.type()->name + ".contained");
      Remove(item);
      taken = true;
    }
    return taken;
  }

  // A contained resource may instead refer to the one that contains it, "#".
  static bool RefersToContainer(Node contained) {
    std::vector<Node> open{contained};
    while (!open.empty()) {
      const Node node = open.back();
      open.pop_back();
      if (node.is_object() && node.TextAt("reference") == "#") return true;
      for (Node child = node.first_child(); child; child = child.next()) open.push_back(child);
    }
    return false;
  }

  // Takes a node out, and what stands empty without it.
  void Remove(Node node) {
    while (Node above = node.parent()) {
      tree_.RemoveMember(above.index(), node.index());
      const bool stands = above.is_array() ? static_cast<bool>(above.first_child()) : HasContent(above);
      if (stands || !above.parent()) return;
      node = above;
    }
  }

  // What FHIR requires is there, in every object that is left.
  base::Result<base::Done> CheckWhole() const {
    std::vector<Node> open{tree_.root()};
    while (!open.empty()) {
      const Node node = open.back();
      open.pop_back();
      for (Node child = node.first_child(); child; child = child.next()) open.push_back(child);
      if (!node.is_object() || node.type() == nullptr || node.type()->is_primitive()) continue;
      for (const Element& element : node.type()->elements) {
        if (element.min == 0 || Stands(node, element)) continue;
        const std::string expression = fhir::ExpressionOf(node) + "." + element.name;
        return Error(ErrorKind::kForbidden, "release.incomplete", expression, element.path);
      }
    }
    return base::Done{};
  }

  static bool Stands(Node object, const Element& element) {
    for (Node child = object.first_child(); child; child = child.next()) {
      if (child.property() != nullptr && child.property()->element == &element) return true;
    }
    return false;
  }

  const ReleaseProfile& profile_;
  Tree& tree_;
  std::set<std::string> cut_, masked_;
};

}  // namespace

base::Result<Released> Release(const ReleaseProfile& profile, const fhir::Tree& resource) {
  Released released{resource.Clone(), {}, {}};
  Cutter cutter(profile, released.tree);
  HEYI_CHECK(cutter.Run());
  released.cut = cutter.cut();
  released.masked = cutter.masked();
  return released;
}

}  // namespace heyi::policy
