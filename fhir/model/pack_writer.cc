#include <set>
#include <unordered_map>

#include "base/bytes.h"
#include "base/compress.h"
#include "fhir/model/pack.h"

namespace heyi::fhir {
namespace {

constexpr int kPackLevel = 19;  // made once, read often

// Runs over the content twice: first gathers the strings, then writes with their numbers.
class PackWriter {
 public:
  void Content(const PackContent& content) {
    Number(content.types.size());
    for (const auto& [name, type] : content.types) OneType(type);
    Number(content.search_parameters.size());
    for (const SearchParameterDefinition& parameter : content.search_parameters) Parameter(parameter);
    Number(content.compartments.size());
    for (const auto& [code, members] : content.compartments) {
      String(code);
      Number(members.size());
      for (const auto& [resource, codes] : members) {
        String(resource);
        List(codes);
      }
    }
  }

  // After the first run: the string table, at the front of the payload.
  void StartPayload() {
    payload_.clear();
    Number(gathered_.size());
    for (const std::string& text : gathered_) {
      numbers_.emplace(text, numbers_.size());
      base::PutBlob(payload_, text);
    }
  }

  std::string& payload() { return payload_; }

 private:
  void OneType(const PackType& type) {
    String(type.name);
    payload_ += static_cast<char>(type.kind);
    payload_ += static_cast<char>(type.json);
    String(type.base);
    Rules(type.constraints);
    Number(type.elements.size());
    for (const PackElement& element : type.elements) OneElement(element);
  }
  void OneElement(const PackElement& element) {
    String(element.name);
    Number((element.choice ? 1u : 0u) | (element.list ? 2u : 0u) | (element.summary ? 4u : 0u) |
           (element.modifier ? 8u : 0u) | (element.attribute ? 16u : 0u));
    Number(element.min);
    Number(element.max);
    List(element.types);
    List(element.targets);
    String(element.binding.strength);
    String(element.binding.value_set);
    Number(element.max_length);
    Rules(element.constraints);
  }
  void Rules(const std::vector<Constraint>& constraints) {
    Number(constraints.size());
    for (const Constraint& constraint : constraints) {
      String(constraint.key);
      payload_ += static_cast<char>(constraint.error ? 1 : 0);
      String(constraint.human);
      String(constraint.expression);
    }
  }
  void Parameter(const SearchParameterDefinition& parameter) {
    String(parameter.code);
    String(parameter.url);
    String(parameter.type);
    List(parameter.bases);
    String(parameter.expression);
    List(parameter.targets);
    Number(parameter.components.size());
    for (const SearchParameterDefinition::Component& component : parameter.components) {
      String(component.definition);
      String(component.expression);
    }
  }
  void List(const std::vector<std::string>& list) {
    Number(list.size());
    for (const std::string& text : list) String(text);
  }
  void String(const std::string& text) {
    if (numbers_.empty()) {
      gathered_.insert(text);
    } else {
      Number(numbers_.at(text));
    }
  }
  void Number(uint64_t value) { base::PutVarint(payload_, value); }

  std::set<std::string> gathered_;
  std::unordered_map<std::string, size_t> numbers_;
  std::string payload_;
};

}  // namespace

std::string WritePack(const PackContent& content) {
  PackWriter writer;
  writer.Content(content);
  writer.StartPayload();
  writer.Content(content);
  base::PutBlob(writer.payload(), content.dictionary);

  std::string pack(kPackMagic);
  pack += static_cast<char>(kPackVersion);
  base::PutLittle(pack, static_cast<uint32_t>(writer.payload().size()));
  return pack + base::ZstdCompress(writer.payload(), nullptr, kPackLevel);
}

}  // namespace heyi::fhir
