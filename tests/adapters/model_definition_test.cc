// The guide's logical models are what models.tsv says: made from it, file by file. HEYI_UPDATE=1 makes them anew.
#include <gtest/gtest.h>

#include <cstdlib>

#include "adapters/model_definition.h"
#include "base/file.h"

namespace heyi::adapters {
namespace {

const std::string kGuide = HEYI_SOURCE_DIR "/conformance/guide/";

TEST(ModelDefinition, GuideSaysWhatTheTablesSay) {
  EXPECT_GE(PublishedModels().size(), 18u);
  for (const LogicalModel* model : PublishedModels()) {
    ASSERT_NE(model, nullptr);
    const base::JsonValue definition = ModelDefinition(*model);
    const std::string path = kGuide + "StructureDefinition-" + std::string(definition.StringAt("id")) + ".json";
    const std::string want = base::WriteJson(definition, true) + "\n";
    if (std::getenv("HEYI_UPDATE") != nullptr) {
      ASSERT_TRUE(base::WriteFileDurably(path, want).ok());
    }
    const auto stands = base::ReadFile(path);
    ASSERT_TRUE(stands.ok()) << path;
    EXPECT_TRUE(*stands == want) << path << " is not what models.tsv says";
  }
}

// Which types share a model's shape is told in its title; here it is held.
TEST(ModelDefinition, TypesThatShareAModelHaveItsFields) {
  const auto same = [](const char* department, const char* a, const char* b) {
    const LogicalModel *one = FindModel(department, a), *other = FindModel(department, b);
    ASSERT_NE(one, nullptr);
    ASSERT_NE(other, nullptr);
    ASSERT_EQ(one->fields().size(), other->fields().size()) << a << " " << b;
    for (size_t i = 0; i < one->fields().size(); ++i) {
      EXPECT_EQ(one->fields()[i].path, other->fields()[i].path);
      EXPECT_EQ(one->fields()[i].required, other->fields()[i].required) << one->fields()[i].path << " of " << b;
    }
  };
  same("health", "ADT^A01", "ADT^A04");
  for (const char* type : {"C0001", "C0002", "C0034", "C0053"}) same("health-cda", "document", type);
}

}  // namespace
}  // namespace heyi::adapters
