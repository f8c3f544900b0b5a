// The definitions pack: what Definitions holds, in one small file.
//
//   pack     = "HEYIPACK" version:u8 raw_size:u32(little-endian) zstd(payload)
//   payload  = strings types parameters compartments dictionary:blob
//   strings  = count blob*                        sorted, each once; S below is a number into them
//   types    = count (name:S kind:u8 json:u8 base:S rules element_count element*)*      sorted by name; base "" = none
//   element  = name:S flags min max type_count S* target_count S* strength:S value_set:S max_length rules
//              flags: 1 choice, 2 list, 4 summary, 8 modifier, 16 attribute; max 0 = forbidden, 1 …, 2^32-1 = *
//   rules    = count (key:S error:u8 human:S expression:S)*
//   parameters = count (code:S url:S type:S bases:list expression:S targets:list component_count (S S)*)*
//   compartments = count (code:S member_count (resource:S codes:list)*)*
//   list     = count S*
// Counts and numbers are varints, a blob is a varint length and its bytes (base/bytes.h). An element's path is its
// type's name, a dot and its own name, so it is not written down. The same input gives the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fhir/model/definitions.h"

namespace heyi::fhir {

inline constexpr std::string_view kPackMagic = "HEYIPACK";
inline constexpr uint8_t kPackVersion = 3;
inline constexpr uint32_t kPackRawMax = 64u << 20;

struct PackElement {
  std::string name;
  bool choice = false;
  bool list = false;
  bool summary = false;
  bool modifier = false;
  bool attribute = false;
  uint32_t min = 0;
  uint32_t max = 1;
  std::vector<std::string> types;
  std::vector<std::string> targets;
  Binding binding;
  uint32_t max_length = 0;
  std::vector<Constraint> constraints;
};

struct PackType {
  std::string name;
  Type::Kind kind = Type::Kind::kComplex;
  JsonKind json = JsonKind::kString;
  std::string base;
  std::vector<Constraint> constraints;
  std::vector<PackElement> elements;
};

struct PackContent {
  std::map<std::string, PackType> types;
  std::vector<SearchParameterDefinition> search_parameters;
  // Code -> resource type -> parameters.
  std::map<std::string, std::map<std::string, std::vector<std::string>>> compartments;
  std::string dictionary;
};

// The bytes of a pack. Definitions::FromPack reads them.
std::string WritePack(const PackContent& content);

}  // namespace heyi::fhir
