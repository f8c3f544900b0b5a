#include "interaction/on_write.h"

#include "conformance/structure.h"

namespace heyi::interaction {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using fhir::NodeIndex;
using fhir::NodeKind;

fhir::Node TagOf(const fhir::Tree& tree) {
  const fhir::Node tags = tree.root().Member("meta").Member("tag");
  for (fhir::Node tag = tags.first_child(); tag; tag = tag.next()) {
    if (tag.TextAt("system") == WriteRules::kTagSystem && tag.TextAt("code") == WriteRules::kTagCode) return tag;
  }
  return {};
}

// Of a resource that came back with it and has been mended.
void RemoveTag(fhir::Tree& tree) {
  const fhir::Node tag = TagOf(tree);
  if (!tag) return;
  const fhir::Node tags = tag.parent();
  const fhir::Node meta = tags.parent();
  tree.RemoveMember(tags.index(), tag.index());
  if (!tags.first_child()) tree.RemoveMember(meta.index(), tags.index());
  if (!meta.first_child()) tree.RemoveMember(0, meta.index());
}

void TagInvalid(fhir::Tree& tree) {
  if (TagOf(tree)) return;
  const NodeIndex meta = tree.Ensure(0, "meta");
  const NodeIndex tag = tree.AddItem(tree.Ensure(meta, "tag"), NodeKind::kObject);
  tree.AddMember(tag, "system", NodeKind::kString, WriteRules::kTagSystem);
  tree.AddMember(tag, "code", NodeKind::kString, WriteRules::kTagCode);
}

}  // namespace

base::Result<Done> ApplyWriteRules(const WriteRules& rules, const fhir::Definitions& definitions, const conformance::Validator* validator,
                                   base::TimeMs now_ms, fhir::Tree& tree, base::Outcome& told) {
  using Mode = WriteRules::Mode;
  base::Outcome outcome;
  if (rules.mode == Mode::kStructure || rules.mode == Mode::kTag || validator == nullptr) {
    conformance::CheckStructure(tree, definitions, outcome);
    if (outcome.HasErrors()) return Error(ErrorKind::kInvalid, std::move(outcome));
    told.Append(std::move(outcome));
    if (rules.mode == Mode::kStructure || validator == nullptr) return Done{};
    outcome = {};
  }
  conformance::ValidationOptions options;
  options.structure = rules.mode != Mode::kTag;
  if (const auto configured = rules.profiles.find(tree.type()->name); configured != rules.profiles.end()) options.profiles = configured->second;
  validator->Validate(tree, options, nullptr, now_ms, outcome);
  if (outcome.HasErrors() && rules.mode == Mode::kReject) return Error(ErrorKind::kInvalid, std::move(outcome));
  if (rules.mode == Mode::kTag) outcome.HasErrors() ? TagInvalid(tree) : RemoveTag(tree);
  told.Append(std::move(outcome));
  return Done{};
}

}  // namespace heyi::interaction
