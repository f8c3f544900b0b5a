// What FHIR R4 says its types look like, loaded once from the definitions pack and never changed.
//
// The pack is made at build time from HL7's npm package (tools/make_pack) and carries, compactly: every resource and
// data type with its elements, the base search parameters, the compartments, and a zstd dictionary learnt from HL7's
// invented examples. No generated C++ class per type. https://hl7.org/fhir/R4/structuredefinition.html
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace heyi::fhir {

struct Type;

enum class JsonKind : uint8_t { kString, kNumber, kBool };  // how a primitive stands in JSON

struct Binding {
  std::string strength;   // required | extensible | preferred | example; empty = none
  std::string value_set;  // canonical
};

// A rule on an element or a type, by FHIRPath. ele-1 and ext-1, which the parser and the structure check hold, are not
// among them; inherited ones stand with the type that states them. https://hl7.org/fhir/R4/conformance-rules.html#constraints
struct Constraint {
  std::string key;         // "pat-1"
  bool error = true;       // else a warning
  std::string human;
  std::string expression;
};

// One element of a type, e.g. Patient.deceased[x].
struct Element {
  std::string name;                 // "deceased" for deceased[x]
  std::string path;                 // "Patient.deceased[x]"
  bool choice = false;              // [x]
  bool list = false;                // an array in JSON (base.max is not 1)
  bool summary = false;
  bool modifier = false;
  bool attribute = false;           // in XML: the id of elements, the url of extensions
  uint32_t min = 0;
  uint32_t max = 1;                 // UINT32_MAX = *
  std::vector<const Type*> types;   // one, or several where `choice`
  std::vector<std::string> targets; // Reference / canonical: allowed resource types, empty = any
  Binding binding;
  uint32_t max_length = 0;          // characters; 0 = no bound
  std::vector<Constraint> constraints;
};

// A JSON property of a type: one an element, or one a type of a choice element ("deceasedBoolean", "deceasedDateTime").
struct Property {
  std::string name;
  const Element* element = nullptr;
  const Type* type = nullptr;
};

struct Type {
  enum class Kind : uint8_t { kPrimitive, kComplex, kBackbone, kResource, kAbstractResource };

  std::string name;             // "Patient", "HumanName", "date", "Patient.contact"; System types: "http://hl7.org/fhirpath/System.String"
  Kind kind = Kind::kComplex;
  const Type* base = nullptr;   // HumanName -> Element, Age -> Quantity, Patient -> DomainResource, code -> string
  JsonKind json = JsonKind::kString;  // primitives
  uint16_t number = 0;          // resources: 1, 2, 3 … in alphabetical order; else 0
  std::vector<Element> elements;
  std::vector<Property> properties;  // sorted by name
  std::vector<Constraint> constraints;  // its own, not its base's

  bool is_primitive() const { return kind == Kind::kPrimitive; }
  bool is_resource() const { return kind == Kind::kResource; }
  bool IsA(std::string_view type_name) const;         // itself or a base of it
  const Property* Find(std::string_view property) const;
  const Element* FindElement(std::string_view element_name) const;
};

struct SearchParameterDefinition {
  std::string code;
  std::string url;
  std::string type;                      // token | string | date | reference | number | quantity | uri | composite | special
  std::vector<std::string> bases;        // resource types, also "Resource", "DomainResource"
  std::string expression;                // FHIRPath; may be empty
  std::vector<std::string> targets;      // of a reference
  struct Component {
    std::string definition;              // canonical
    std::string expression;
  };
  std::vector<Component> components;
};

struct Compartment {
  std::string code;  // "Patient"
  // Resource type -> search parameter codes whose value puts a resource into the compartment.
  std::unordered_map<std::string, std::vector<std::string>> members;
};

class Definitions {
 public:
  // Reads a pack file; well under 50 ms.
  static base::Result<std::shared_ptr<const Definitions>> Load(const std::string& pack_path);
  static base::Result<std::shared_ptr<const Definitions>> FromPack(std::string_view pack_bytes);

  const Type* FindType(std::string_view name) const;      // any kind
  const Type* FindResource(std::string_view name) const;  // concrete resources only
  std::span<const std::unique_ptr<Type>> types() const { return types_; }  // all
  std::span<const Type* const> resources() const { return resources_; }  // alphabetical; resources()[i]->number == i + 1
  std::span<const SearchParameterDefinition> search_parameters() const { return search_parameters_; }
  std::span<const Compartment> compartments() const { return compartments_; }
  const std::string& dictionary() const { return dictionary_; }    // zstd dictionary for bodies; may be empty
  const std::string& fingerprint() const { return fingerprint_; }  // hex SHA-256 of the pack: views built on another are rebuilt

 private:
  friend class PackReader;
  std::vector<std::unique_ptr<Type>> types_;
  std::unordered_map<std::string_view, const Type*> by_name_;
  std::vector<const Type*> resources_;
  std::vector<SearchParameterDefinition> search_parameters_;
  std::vector<Compartment> compartments_;
  std::string dictionary_;
  std::string fingerprint_;
};

}  // namespace heyi::fhir
