// Cases of the mapping language: files of blocks.
//
//   ### what is shown
//   group G(source src : Patient, target tgt : Patient) { … }     the map, until a line that begins with "--" or "=="
//   -- map                        another map that is at hand, or
//   -- resource                   a StructureDefinition or ConceptMap, or
//   -- source                     a source instance, JSON or XML; several for several inputs
//   == {"resourceType":…}         what comes, member order aside; or
//   == error fml.check 3:5        the rule and the place; or
//   == text                       of a grammar case: what is printed
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heyi::mapping {

struct FmlCase {
  struct Part {
    std::string kind, text;
  };
  std::string title, map, want;
  std::vector<Part> parts;
  int line = 0;
};

std::vector<FmlCase> ReadFmlCases(const std::filesystem::path& path);

}  // namespace heyi::mapping
