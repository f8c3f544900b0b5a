// What the tests of fhir/ share: the definitions, and where data lie.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/model/definitions.h"

namespace heyi::fhir {

// The pack that the build made; the tests cannot do without.
inline const Definitions& TestDefinitions() {
  static const std::shared_ptr<const Definitions> definitions = [] {
    auto loaded = Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
    if (!loaded.ok()) {
      std::fprintf(stderr, "no %s: run `npm ci` and build the target heyi_pack\n", HEYI_BINARY_DIR "/heyi-r4.pack");
      std::abort();
    }
    return *loaded;
  }();
  return *definitions;
}

inline std::filesystem::path CorporaDirectory() {
  if (const char* given = std::getenv("HEYI_CORPORA")) return given;
  if (const char* shared = std::getenv("HEYI_SHARED")) return std::filesystem::path(shared) / "corpora";
  return std::filesystem::path(HEYI_SOURCE_DIR) / ".." / "shared" / "corpora";
}

inline std::vector<std::filesystem::path> FilesIn(const std::filesystem::path& directory, std::string_view ending) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "rule @ expression" of every issue.
inline std::vector<std::string> Briefly(const base::Outcome& outcome) {
  std::vector<std::string> lines;
  for (const base::Issue& issue : outcome.issues()) lines.push_back(issue.rule + " @ " + issue.expression);
  return lines;
}

// The tree of a text that must parse.
inline Tree MustParse(std::string text) {
  auto tree = ParseResource(std::move(text), TestDefinitions());
  if (tree.ok()) return std::move(tree).value();
  for (const std::string& line : Briefly(tree.error().outcome)) ADD_FAILURE() << line;
  return {};
}

}  // namespace heyi::fhir
