// The types that a map speaks of: R4's own, and logical models made into types of the same kind, so that one tree and one
// FHIRPath serve for all. What no model is known of has no type: its members take any name.
// https://hl7.org/fhir/R4/structuredefinition.html#logical
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/result.h"
#include "fhir/model/definitions.h"
#include "mapping/fml/source.h"

namespace heyi::mapping {

// The members of what has no type, by name. Of one run or instance, which its trees point into.
class AnyNames {
 public:
  AnyNames() = default;
  AnyNames(const AnyNames&) = delete;
  AnyNames& operator=(const AnyNames&) = delete;

  const fhir::Property* Find(std::string_view name);  // the same for the same name

 private:
  // A member may be a value with `_name` beside it, and only primitives can: so all are treated as such.
  fhir::Type any_{.name = {}, .kind = fhir::Type::Kind::kPrimitive, .elements = {}, .properties = {}, .constraints =
      {}};
  std::deque<fhir::Element> elements_;  // do not move
  std::deque<fhir::Property> properties_;
  std::map<std::string, const fhir::Property*, std::less<>> by_name_;
};

// Not changed once a map is compiled, then safe from any thread.
class FmlModels {
 public:
  // How an element stands in XML where it is not as FHIR has it.
  enum class Form : uint8_t { kElement, kAttribute, kText, kTyped };  // kTyped: its xsi:type says which of a choice it is

  // Both outlive it.
  FmlModels(const fhir::Definitions& definitions, const FmlSource& source) : definitions_(definitions),
      source_(source) {}
  FmlModels(const FmlModels&) = delete;
  FmlModels& operator=(const FmlModels&) = delete;

  // The type that a StructureDefinition of that url describes, made on first use with all it refers to. A url that
  // nothing is known of gives an open type: called `alias`, or where that is empty by the last part of the url.
  //   errors  kInvalid fml.model: a logical model that cannot be read, or more than kFmlTypesMax of them
  base::Result<const fhir::Type*> ByUrl(std::string_view url, std::string_view alias);
  // One of those made so far, or R4's; null where there is none.
  const fhir::Type* ByName(std::string_view name) const;

  // Of instances: a resource of R4, or what a model calls so.
  const fhir::Type* ByInstanceName(std::string_view name) const;

  // Whether nothing is known of it: no type, or an open one.
  bool IsOpen(const fhir::Type* type) const { return type == nullptr || type->name.empty() || open_.contains(type); }
  // Made of a logical model, or open.
  bool IsOwn(const fhir::Type* type) const { return type == nullptr || own_.contains(type); }
  Form FormOf(const fhir::Element& element) const;
  // The XML namespace of instances of the model; empty where it says none.
  std::string_view NamespaceOf(const fhir::Type* type) const;

  const fhir::Definitions& definitions() const { return definitions_; }

 private:
  struct Pending {
    fhir::Type* type = nullptr;
    std::shared_ptr<const base::JsonValue> definition;
  };
  struct Draft;  // of a type that is being made

  fhir::Type* Make(std::string name);
  base::Result<base::Done> Finish();
  base::Result<base::Done> Fill(const Pending& pending);
  base::Result<base::Done> Gather(const base::JsonValue& definition, size_t depth, Draft& draft);
  base::Result<const fhir::Type*> TypeOf(const base::JsonValue& type);
  static void Bind(fhir::Type& type);

  const fhir::Definitions& definitions_;
  const FmlSource& source_;
  fhir::Type any_{.name = {}, .kind = fhir::Type::Kind::kPrimitive, .elements = {}, .properties = {}, .constraints =
      {}};
  std::deque<fhir::Type> types_;  // do not move
  std::unordered_set<const fhir::Type*> own_;
  std::unordered_set<const fhir::Type*> open_;
  std::map<std::string, const fhir::Type*, std::less<>> by_url_;
  std::map<std::string, const fhir::Type*, std::less<>> by_name_;
  std::deque<Pending> pending_;
  std::unordered_map<const fhir::Element*, Form> forms_;
  std::unordered_map<const fhir::Type*, std::string> namespaces_;
};

}  // namespace heyi::mapping
