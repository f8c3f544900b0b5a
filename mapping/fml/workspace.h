// The targets of one run: one tree in which all that is made lies, loose until it is put somewhere.
//
// What is made is known by its index, which stays; so a thing may be put into its place first and filled later. A second
// place gets a copy of what it is when the run ends. Empty things are left out of what comes back.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fhir/model/tree.h"
#include "fhir/model/tree_builder.h"
#include "mapping/fml/instance.h"
#include "mapping/fml/models.h"
#include "mapping/fml/structure_map.h"

namespace heyi::mapping {

struct FmlRule;

class FmlWorkspace : private fhir::TreeBuilder {
 public:
  explicit FmlWorkspace(const FmlModels& models) : FmlWorkspace(models, std::make_unique<fhir::Tree>()) {}

  const fhir::Tree& tree() const { return *own_; }
  fhir::Node At(fhir::NodeIndex node) const { return {own_.get(), node}; }
  size_t size() const { return slots_.size(); }

  // ---- making ----
  // A loose instance; resources and roots say their type, and a root is a place of its own.
  fhir::NodeIndex MakeObject(const fhir::Type* type, bool root);
  // How a value of that primitive stands in JSON.
  static fhir::NodeKind KindOf(const fhir::Type& primitive) { return TreeBuilder::KindOf(primitive); }
  // A loose primitive; without text its value is still to come.
  fhir::NodeIndex MakeScalar(const fhir::Type* type, fhir::NodeKind kind, std::string_view text);
  void SetScalar(fhir::NodeIndex node, fhir::NodeKind kind, std::string_view text);
  // A loose copy of what stands elsewhere, bound to `property`; of no model's members by their names.
  //   returns  nullopt where the type of the property has no place for a member; `missing` is its name
  std::optional<fhir::NodeIndex> CopyOf(fhir::Node from, const fhir::Property& property, std::string* missing);
  // The members of `from` as further members of `object`.
  bool CopyMembers(fhir::NodeIndex object, fhir::Node from, std::string* missing);

  // ---- looking ----
  // What a name means in an object: a property, or one of a choice's (the first). Null where its type has no such element.
  const fhir::Property* PropertyOf(fhir::NodeIndex object, std::string_view name);
  // The member of that element that is there; kNoNode where none is. Of a list the array.
  fhir::NodeIndex MemberOf(fhir::NodeIndex object, const fhir::Element& element) const;
  bool IsList(fhir::NodeIndex object, const fhir::Property& property) const;
  // The object with id and extensions of a primitive, made where it is not there.
  fhir::NodeIndex BesideOf(fhir::NodeIndex scalar);

  // ---- putting ----
  // Puts a loose thing in its place: behind what is in the list, or instead of what is there. What hangs elsewhere already
  // is put as a copy.
  //   mode  first / last: before or behind all that other rules put there
  //   errors  kInvalid fml.list-mode: another rule's items go first or last already; fml.cycle: it would stand in itself
  base::Result<base::Done> Put(fhir::NodeIndex object, const fhir::Property& property, fhir::NodeIndex value,
                               std::optional<StructureMap::TargetListMode> mode, const FmlRule* rule);

  // ---- the end ----
  bool IsLoose(fhir::NodeIndex node) const;
  // Lays out copies and what stands beside primitives, and takes away what is empty.
  void Finish(const std::vector<fhir::NodeIndex>& roots);
  FmlInstance Take(fhir::NodeIndex root) const;

 private:
  FmlWorkspace(const FmlModels& models, std::unique_ptr<fhir::Tree> tree)
      : TreeBuilder(*tree, models.definitions(), 1), own_(std::move(tree)), models_(models),
          names_(std::make_shared<AnyNames>()) {}

  // How the items of a list that rules with list modes fill are ordered.
  struct ListOrder {
    const FmlRule* first_rule = nullptr;
    const FmlRule* last_rule = nullptr;
    fhir::NodeIndex first_tail = fhir::kNoNode;  // the last of the first ones
    fhir::NodeIndex before_last = fhir::kNoNode; // what the first of the last ones stands behind
  };

  fhir::NodeIndex NewSlot(const fhir::Property* property, const fhir::Type* type, fhir::NodeKind kind);
  base::Result<base::Done> Insert(fhir::NodeIndex array, fhir::NodeIndex value,
      std::optional<StructureMap::TargetListMode> mode, const FmlRule* rule);
  std::optional<fhir::NodeIndex> CopyScalar(fhir::Node from, const fhir::Property& property, std::string* missing);
  void RemoveUnderscore(fhir::NodeIndex object, const fhir::Property& property);
  void HangBehind(fhir::NodeIndex parent, fhir::NodeIndex value, fhir::NodeIndex after);
  bool Stands(fhir::NodeIndex value, fhir::NodeIndex above) const;
  bool Tidy(fhir::NodeIndex node);
  void LayBeside(fhir::NodeIndex object);
  const fhir::Type* Known(const fhir::Type* type) const { return models_.IsOpen(type) ? nullptr : type; }

  std::unique_ptr<fhir::Tree> own_;
  const FmlModels& models_;
  std::shared_ptr<AnyNames> names_;
  std::unordered_map<fhir::NodeIndex, ListOrder> orders_;         // by array
  std::unordered_map<fhir::NodeIndex, fhir::NodeIndex> beside_;   // by primitive
  std::unordered_set<fhir::NodeIndex> roots_;
  std::vector<std::pair<fhir::NodeIndex, fhir::NodeIndex>> copies_;  // place, what stands there
};

}  // namespace heyi::mapping
