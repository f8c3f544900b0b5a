// Our guide's own rules bite: tests/data/conformance/guide/rules.json has a resource for each that breaks it, and so the
// issue with its key is found when the resource is held to the profile. Invented people all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "conformance/knowledge.h"
#include "fhir/json/parse.h"

namespace heyi::conformance {
namespace {

// The keys of all invariants that the guide's profiles and extensions state.
std::set<std::string> KeysOfGuide() {
  std::set<std::string> keys;
  for (const auto& file : std::filesystem::directory_iterator(HEYI_SOURCE_DIR "/conformance/guide")) {
    if (!file.path().filename().string().starts_with("StructureDefinition-")) continue;
    auto text = base::ReadFile(file.path().string());
    const auto json = base::ParseJson(text.ok() ? std::move(*text) : std::string());
    if (!json.ok()) continue;
    for (const base::JsonValue& element : (*json)["differential"]["element"].items()) {
      for (const base::JsonValue& constraint : element["constraint"].items()) keys.emplace(constraint.StringAt("key"));
    }
  }
  return keys;
}

TEST(Guide, EachRuleBites) {
  const std::string pack = HEYI_BINARY_DIR "/heyi-r4.pack";
  const auto definitions = fhir::Definitions::Load(pack);
  ASSERT_TRUE(definitions.ok());
  const auto knowledge = Knowledge::Open(**definitions, Knowledge::BuiltIn(pack), {}, nullptr);
  ASSERT_TRUE(knowledge.ok());
  auto text = base::ReadFile(HEYI_SOURCE_DIR "/tests/data/conformance/guide/rules.json");
  ASSERT_TRUE(text.ok());
  const auto cases = base::ParseJson(std::move(*text));
  ASSERT_TRUE(cases.ok());
  std::set<std::string> rules;
  for (const base::JsonValue& one : cases->items()) {
    const std::string rule(one.StringAt("rule"));
    rules.insert(rule);
    const auto tree = fhir::ParseResource(base::WriteJson(one["resource"]), **definitions);
    ASSERT_TRUE(tree.ok()) << rule;
    ValidationOptions options;
    options.declared_profiles = false;
    options.profiles.emplace_back(one.StringAt("profile"));
    base::Outcome outcome;
    (*knowledge)->validator().Validate(*tree, options, nullptr, 1'700'000'000'000, outcome);
    const bool found = std::any_of(outcome.issues().begin(), outcome.issues().end(),
                                   [&](const base::Issue& issue) { return issue.detail.starts_with(rule + ":"); });
    EXPECT_TRUE(found) << rule;
  }
  EXPECT_EQ(rules, KeysOfGuide());
}

}  // namespace
}  // namespace heyi::conformance
