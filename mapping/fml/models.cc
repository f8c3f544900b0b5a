#include "mapping/fml/models.h"

#include <algorithm>
#include <vector>

#include "mapping/limits.h"

namespace heyi::mapping {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::JsonValue;
using base::Result;

constexpr std::string_view kFhirModel = "http://hl7.org/fhir/StructureDefinition/";
constexpr size_t kBasesMax = 16;

std::string_view LastPart(std::string_view url) {
  url = url.substr(0, url.find('|'));
  return url.substr(url.rfind('/') + 1);
}

std::string Capitalised(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

bool HasForm(const JsonValue& element, std::string_view form) {
  for (const JsonValue& one : element["representation"].items()) {
    if (one.text() == form) return true;
  }
  return false;
}

Error BrokenModel(std::string_view url, std::string_view what) {
  return Error(ErrorKind::kInvalid, "fml.model", std::string(url), what);
}

}  // namespace

// Elements by path below the root ("aa.ab"), in order; those of a base first, replaced where they are said again.
struct FmlModels::Draft {
  std::vector<std::pair<std::string, const JsonValue*>> elements;
  std::vector<std::shared_ptr<const JsonValue>> held;
  const fhir::Type* fhir_base = nullptr;
};

fhir::Type* FmlModels::Make(std::string name) {
  fhir::Type& type = types_.emplace_back();
  type.name = std::move(name);
  own_.insert(&type);
  by_name_.emplace(type.name, &type);
  return &type;
}

Result<const fhir::Type*> FmlModels::ByUrl(std::string_view url, std::string_view alias) {
  url = url.substr(0, url.find('|'));
  if (const auto known = by_url_.find(url); known != by_url_.end()) return known->second;
  if (types_.size() >= kFmlTypesMax) return BrokenModel(url, std::to_string(kFmlTypesMax));
  const fhir::Type* fhir_type = url.starts_with(kFhirModel) ? definitions_.FindType(LastPart(url)) : nullptr;
  auto definition = fhir_type == nullptr ? source_.Find("StructureDefinition", url) : nullptr;
  if (definition != nullptr && definition->StringAt("kind") != "logical" &&
      definition->StringAt("derivation") == "constraint") {
    // A profile of an R4 type: its instances are of that type.
    fhir_type = definitions_.FindType(definition->StringAt("type"));
  }
  if (fhir_type != nullptr) {
    by_url_.emplace(url, fhir_type);
    return fhir_type;
  }
  if (definition == nullptr) {
    fhir::Type* open = Make(std::string(alias.empty() ? LastPart(url) : alias));
    open_.insert(open);
    by_url_.emplace(url, open);
    return static_cast<const fhir::Type*>(open);
  }
  std::string_view name = definition->StringAt("type");
  if (name.find('/') != std::string_view::npos) name = LastPart(name);  // logical models are typed by url since R5
  fhir::Type* made = Make(std::string(name.empty() ? definition->StringAt("name") : name));
  by_name_.emplace(std::string(definition->StringAt("name")), made);
  by_name_.emplace(std::string(definition->StringAt("id")), made);
  by_url_.emplace(url, made);
  pending_.push_back({made, std::move(definition)});
  if (pending_.size() == 1) HEYI_CHECK(Finish());
  return static_cast<const fhir::Type*>(made);
}

// Fills what was begun; each may begin others, which wait here instead of recursing.
Result<Done> FmlModels::Finish() {
  while (!pending_.empty()) {
    const Pending next = pending_.front();
    HEYI_CHECK(Fill(next));
    pending_.pop_front();
  }
  return Done{};
}

// The snapshot, or the bases' elements and then the differential.
Result<Done> FmlModels::Gather(const JsonValue& definition, size_t depth, Draft& draft) {
  const bool whole = definition.Find("snapshot") != nullptr;
  const std::string_view base = definition.StringAt("baseDefinition");
  if (const fhir::Type* type = definitions_.FindType(LastPart(base)); type != nullptr && base.starts_with(kFhirModel)) {
    if (draft.fhir_base == nullptr) draft.fhir_base = type;
  } else if (!whole && !base.empty() && depth < kBasesMax) {
    if (const auto above = source_.Find("StructureDefinition", base)) {
      draft.held.push_back(above);
      HEYI_CHECK(Gather(*above, depth + 1, draft));
    }
  }
  const std::vector<JsonValue>& elements = definition[whole ? "snapshot" : "differential"]["element"].items();
  if (elements.size() > kFmlElementsMax) return BrokenModel(definition.StringAt("url"), "element");
  for (const JsonValue& element : elements) {
    if (element.Find("sliceName") != nullptr) continue;
    const std::string_view path = element.StringAt("path");
    const size_t dot = path.find('.');
    if (dot == std::string_view::npos) continue;
    const std::string below(path.substr(dot + 1));
    const auto known = std::find_if(draft.elements.begin(), draft.elements.end(),
        [&](const auto& one) { return one.first == below; });
    if (known != draft.elements.end()) {
      known->second = &element;
    } else {
      draft.elements.emplace_back(below, &element);
    }
  }
  return Done{};
}

// What an ElementDefinition.type names; null for what has none.
Result<const fhir::Type*> FmlModels::TypeOf(const JsonValue& type) {
  const std::string_view code = type.StringAt("code");
  const std::string_view profile = type["profile"].items().empty() ? std::string_view()
      : std::string_view(type["profile"].items()[0].text());
  if (const fhir::Type* known = definitions_.FindType(code)) return known;
  if (code.starts_with(kFhirModel)) {
    if (const fhir::Type* known = definitions_.FindType(LastPart(code))) return known;
  }
  const std::string_view url = !profile.empty() ? profile : code.find(':') != std::string_view::npos ? code
      : std::string_view();
  if (url.empty()) return static_cast<const fhir::Type*>(nullptr);
  return ByUrl(url, code);
}

Result<Done> FmlModels::Fill(const Pending& pending) {
  const JsonValue& definition = *pending.definition;
  Draft draft;
  HEYI_CHECK(Gather(definition, 0, draft));
  for (const JsonValue& extension : definition["extension"].items()) {
    const std::string_view url = extension.StringAt("url");
    if (url.ends_with("elementdefinition-namespace") || url.ends_with("xml-namespace")) {
      namespaces_[pending.type] = std::string(extension.StringAt("valueUri"));
    }
  }
  // Each path that has children is a type of its own.
  std::map<std::string, fhir::Type*, std::less<>> owners = {{"", pending.type}};
  for (const auto& [path, element] : draft.elements) {
    const size_t dot = path.rfind('.');
    const std::string above = dot == std::string::npos ? "" : path.substr(0, dot);
    if (owners.contains(above)) continue;
    fhir::Type* inner = Make(pending.type->name + "." + above);
    inner->kind = fhir::Type::Kind::kBackbone;
    inner->base = definitions_.FindType("BackboneElement");
    owners.emplace(above, inner);
  }
  std::map<std::pair<std::string, std::string>, Form> forms;
  for (const auto& [path, json] : draft.elements) {
    const size_t dot = path.rfind('.');
    const std::string above = dot == std::string::npos ? "" : path.substr(0, dot);
    fhir::Element element;
    element.name = dot == std::string::npos ? path : path.substr(dot + 1);
    element.path = pending.type->name + "." + path;
    if (element.name.ends_with("[x]")) {
      element.choice = true;
      element.name.resize(element.name.size() - 3);
    }
    const std::string_view max = json->StringAt("max");
    element.list = !max.empty() && max != "0" && max != "1";
    element.max = element.list ? UINT32_MAX : 1;
    element.attribute = HasForm(*json, "xmlAttr");
    Form& form = forms[{above, element.name}];
    form = element.attribute ? Form::kAttribute : HasForm(*json, "xmlText") ? Form::kText : HasForm(*json, "typeAttr")
        ? Form::kTyped : Form::kElement;
    const auto inner = owners.find(path);
    const std::string_view reference = json->StringAt("contentReference");
    if (inner != owners.end()) {
      element.types.push_back(inner->second);
    } else if (!reference.empty()) {
      const size_t point = reference.find('.');
      const auto owner = point == std::string_view::npos ? owners.find("") : owners.find(reference.substr(point + 1));
      element.types.push_back(owner == owners.end() ? &any_ : owner->second);
    } else {
      for (const JsonValue& one : (*json)["type"].items()) {
        HEYI_TRY(type, TypeOf(one));
        if (type != nullptr && std::find(element.types.begin(), element.types.end(), type) == element.types.end()) {
          element.types.push_back(type);
        }
      }
      if (element.types.empty()) element.types.push_back(&any_);
      if (element.types.size() > 1 && !element.choice) {
        element.choice = true;
        if (form == Form::kElement) form = Form::kTyped;
      }
    }
    fhir::Type& owner = *owners[above];
    if (owner.FindElement(element.name) == nullptr) owner.elements.push_back(std::move(element));
  }
  for (const auto& [path, owner] : owners) {
    if (path.empty()) {
      owner->base = draft.fhir_base;
      // What the model's R4 base has: id and extension of an Element.
      if (draft.fhir_base != nullptr) {
        for (const fhir::Element& inherited : draft.fhir_base->elements) {
          if (owner->FindElement(inherited.name) == nullptr) owner->elements.push_back(inherited);
        }
      }
    }
    Bind(*owner);
    for (const fhir::Element& element : owner->elements) {
      const auto form = forms.find({path, element.name});
      if (form != forms.end() && form->second != Form::kElement) forms_[&element] = form->second;
    }
  }
  return Done{};
}

// The JSON properties of the elements, which are complete now and stay where they are.
void FmlModels::Bind(fhir::Type& type) {
  for (const fhir::Element& element : type.elements) {
    // A logical model's JSON names a choice by element and type, as R4's does.
    for (const fhir::Type* one : element.types) {
      type.properties.push_back({element.choice ? element.name + Capitalised(one->name) : element.name, &element, one});
    }
  }
  std::sort(type.properties.begin(), type.properties.end(), [](const fhir::Property& a,
      const fhir::Property& b) { return a.name < b.name; });
}

const fhir::Type* FmlModels::ByName(std::string_view name) const {
  if (const auto own = by_name_.find(name); own != by_name_.end()) return own->second;
  return definitions_.FindType(name);
}

const fhir::Type* FmlModels::ByInstanceName(std::string_view name) const {
  if (const fhir::Type* resource = definitions_.FindResource(name)) return resource;
  const auto own = by_name_.find(name);
  return own == by_name_.end() ? nullptr : own->second;
}

const fhir::Property* AnyNames::Find(std::string_view name) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) return known->second;
  fhir::Element& element = elements_.emplace_back();
  element.name = name;
  const fhir::Property* property = &properties_.emplace_back(fhir::Property{std::string(name), &element, &any_});
  by_name_.emplace(name, property);
  return property;
}

FmlModels::Form FmlModels::FormOf(const fhir::Element& element) const {
  const auto known = forms_.find(&element);
  return known == forms_.end() ? Form::kElement : known->second;
}

std::string_view FmlModels::NamespaceOf(const fhir::Type* type) const {
  const auto known = namespaces_.find(type);
  return known == namespaces_.end() ? std::string_view() : std::string_view(known->second);
}

}  // namespace heyi::mapping
