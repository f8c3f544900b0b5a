// The room's data files as they stand in the program: maps, code tables, identifier and code systems.
#pragma once

#include <span>
#include <string_view>

namespace heyi::mapping {

struct EmbeddedFile {
  std::string_view name;  // "maps/civil/ELDER.map", "tables/civil-gender.tsv", "systems.tsv"
  std::string_view text;
};

std::span<const EmbeddedFile> EmbeddedFiles();

// The URI that maps write as `$name` (mapping/systems.tsv); empty where there is none.
std::string_view SystemUri(std::string_view name);
// The other way: "psn_no" of its URI; empty where there is none.
std::string_view SystemName(std::string_view uri);

}  // namespace heyi::mapping
