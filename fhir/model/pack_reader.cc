#include <algorithm>

#include "base/bytes.h"
#include "base/compress.h"
#include "base/digest.h"
#include "base/file.h"
#include "fhir/model/pack.h"

namespace heyi::fhir {

// Fills a Definitions from the payload. A pack that does not add up leaves `ok()` false and is refused whole.
class PackReader {
 public:
  explicit PackReader(std::string_view payload) : bytes_(payload) {}

  bool Read(Definitions& definitions) {
    strings_.resize(Count());
    for (std::string_view& text : strings_) text = bytes_.Blob();

    definitions.types_.resize(Count());
    bases_.resize(definitions.types_.size());
    element_types_.resize(definitions.types_.size());
    for (size_t i = 0; i < definitions.types_.size() && ok(); ++i) {
      definitions.types_[i] = std::make_unique<Type>();
      ReadType(*definitions.types_[i], i);
    }
    if (!ok()) return false;
    for (const std::unique_ptr<Type>& type : definitions.types_) definitions.by_name_.emplace(type->name, type.get());
    for (size_t i = 0; i < definitions.types_.size(); ++i) Link(definitions, *definitions.types_[i], i);
    NumberResources(definitions);

    definitions.search_parameters_.resize(Count());
    for (SearchParameterDefinition& parameter : definitions.search_parameters_) ReadParameter(parameter);
    definitions.compartments_.resize(Count());
    for (Compartment& compartment : definitions.compartments_) ReadCompartment(compartment);
    definitions.dictionary_ = bytes_.Blob();
    return ok() && bytes_.empty();
  }

 private:
  bool ok() const { return ok_ && bytes_.ok(); }

  // A count of things that take at least one byte each, so that a damaged one cannot ask for much.
  size_t Count() {
    const uint64_t count = bytes_.Varint();
    if (count <= bytes_.rest().size()) return count;
    ok_ = false;
    return 0;
  }
  uint8_t Byte(uint8_t max) {
    const auto value = bytes_.Little<uint8_t>();
    if (value > max) ok_ = false;
    return value;
  }
  std::string_view String() {
    const uint64_t number = bytes_.Varint();
    if (number < strings_.size()) return strings_[number];
    ok_ = false;
    return {};
  }
  std::vector<std::string> List() {
    std::vector<std::string> list(Count());
    for (std::string& text : list) text = String();
    return list;
  }

  std::vector<Constraint> Rules() {
    std::vector<Constraint> rules(Count());
    for (Constraint& rule : rules) {
      rule.key = String();
      rule.error = Byte(1) == 1;
      rule.human = String();
      rule.expression = String();
    }
    return rules;
  }

  void ReadType(Type& type, size_t at) {
    type.name = String();
    type.kind = static_cast<Type::Kind>(Byte(static_cast<uint8_t>(Type::Kind::kAbstractResource)));
    type.json = static_cast<JsonKind>(Byte(static_cast<uint8_t>(JsonKind::kBool)));
    bases_[at] = String();
    type.constraints = Rules();
    type.elements.resize(Count());
    element_types_[at].resize(type.elements.size());
    for (size_t i = 0; i < type.elements.size() && ok(); ++i) {
      Element& element = type.elements[i];
      element.name = String();
      const uint64_t flags = bytes_.Varint();
      element.choice = (flags & 1) != 0;
      element.list = (flags & 2) != 0;
      element.summary = (flags & 4) != 0;
      element.modifier = (flags & 8) != 0;
      element.attribute = (flags & 16) != 0;
      element.path.reserve(type.name.size() + element.name.size() + 4);
      element.path.append(type.name).append(".").append(element.name).append(element.choice ? "[x]" : "");
      element.min = static_cast<uint32_t>(bytes_.Varint());
      element.max = static_cast<uint32_t>(bytes_.Varint());
      element_types_[at][i].resize(Count());
      for (std::string_view& name : element_types_[at][i]) name = String();
      element.targets = List();
      element.binding.strength = String();
      element.binding.value_set = String();
      element.max_length = static_cast<uint32_t>(bytes_.Varint());
      element.constraints = Rules();
    }
  }

  // Names become pointers, and elements properties.
  void Link(const Definitions& definitions, Type& type, size_t at) {
    type.base = bases_[at].empty() ? nullptr : Named(definitions, bases_[at]);
    size_t count = 0;
    for (const auto& names : element_types_[at]) count += names.size();
    type.properties.reserve(count);
    for (size_t i = 0; i < type.elements.size(); ++i) {
      Element& element = type.elements[i];
      element.types.reserve(element_types_[at][i].size());
      for (const std::string_view name : element_types_[at][i]) {
        const Type* of = Named(definitions, name);
        if (of == nullptr) return;
        element.types.push_back(of);
        std::string property = element.name;
        if (element.choice) {
          property += name;
          if (char& first = property[element.name.size()]; first >= 'a' && first <= 'z') {
            first = static_cast<char>(first - 'a' + 'A');
          }
        }
        type.properties.push_back({std::move(property), &element, of});
      }
    }
    std::sort(type.properties.begin(), type.properties.end(),
              [](const Property& a, const Property& b) { return a.name < b.name; });
  }
  const Type* Named(const Definitions& definitions, std::string_view name) {
    const Type* type = definitions.FindType(name);
    if (type == nullptr) ok_ = false;
    return type;
  }

  static void NumberResources(Definitions& definitions) {
    std::vector<Type*> resources;
    for (const std::unique_ptr<Type>& type : definitions.types_) {
      if (type->is_resource()) resources.push_back(type.get());
    }
    std::sort(resources.begin(), resources.end(), [](const Type* a, const Type* b) { return a->name < b->name; });
    for (Type* type : resources) {
      definitions.resources_.push_back(type);
      type->number = static_cast<uint16_t>(definitions.resources_.size());
    }
  }

  void ReadParameter(SearchParameterDefinition& parameter) {
    parameter.code = String();
    parameter.url = String();
    parameter.type = String();
    parameter.bases = List();
    parameter.expression = String();
    parameter.targets = List();
    parameter.components.resize(Count());
    for (SearchParameterDefinition::Component& component : parameter.components) {
      component.definition = String();
      component.expression = String();
    }
  }

  void ReadCompartment(Compartment& compartment) {
    compartment.code = String();
    for (size_t left = Count(); left > 0 && ok(); --left) {
      std::string resource(String());
      compartment.members.emplace(std::move(resource), List());
    }
  }

  base::ByteReader bytes_;
  bool ok_ = true;
  std::vector<std::string_view> strings_;
  std::vector<std::string_view> bases_;                                // of each type
  std::vector<std::vector<std::vector<std::string_view>>> element_types_;  // of each type's elements
};

base::Result<std::shared_ptr<const Definitions>> Definitions::FromPack(std::string_view pack_bytes) {
  const auto refuse = [](std::string_view why) {
    return base::Error(base::ErrorKind::kInternal, "fhir.pack", {}, why);
  };
  base::ByteReader head(pack_bytes);
  if (head.Bytes(kPackMagic.size()) != kPackMagic) return refuse("not a definitions pack");
  if (head.Little<uint8_t>() != kPackVersion) return refuse("a pack of another version");
  const auto raw_size = head.Little<uint32_t>();
  std::string payload;
  if (!head.ok() || raw_size > kPackRawMax || !base::ZstdDecompress(head.rest(), raw_size, nullptr, &payload)) {
    return refuse("damaged");
  }
  auto definitions = std::make_shared<Definitions>();
  if (!PackReader(payload).Read(*definitions)) return refuse("damaged");
  definitions->fingerprint_ = base::ToHex(base::Sha256(pack_bytes));
  return std::shared_ptr<const Definitions>(std::move(definitions));
}

base::Result<std::shared_ptr<const Definitions>> Definitions::Load(const std::string& pack_path) {
  HEYI_TRY(bytes, base::ReadFile(pack_path));
  return FromPack(bytes);
}

}  // namespace heyi::fhir
