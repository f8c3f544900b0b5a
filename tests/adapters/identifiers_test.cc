#include "adapters/identifiers.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/json/value.h"

namespace heyi::adapters {
namespace {

TEST(Identifiers, ReadsIdentityNumbers) {
  const auto man = ParseIdentityNumber("11010519491231002X");  // the standard's own example
  ASSERT_TRUE(man);
  EXPECT_EQ(man->birth_date, "1949-12-31");
  EXPECT_FALSE(man->male);
  EXPECT_EQ(ParseIdentityNumber("11010519491231002x")->number, "11010519491231002X");
  EXPECT_EQ(ParseIdentityNumber(" １１０１０５１９４９１２３１００２Ｘ ")->number, "11010519491231002X");
}

TEST(Identifiers, ExtendsFifteenDigits) {
  const auto old = ParseIdentityNumber("110105491231002");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->number, "11010519491231002X");
}

TEST(Identifiers, RefusesWrongIdentityNumbers) {
  for (const char* wrong :
       {"", "1", "110105194912310021", "11010519490230002X", "1101051949123100", "1101051949123100200", "01010519491231002X",
        "X1010519491231002X", "11010519491231X02X", "110105499931002", "26010519491231002X"}) {
    EXPECT_FALSE(ParseIdentityNumber(wrong)) << wrong;
  }
  EXPECT_FALSE(ParseIdentityNumber(std::string(1'000'000, '1')));
}

// Every change of one digit is caught; that is what the check character is for.
TEST(Identifiers, EveryChangedDigitIsCaught) {
  const std::string right = "310199194507300028", code = "91350100M000100Y43";
  for (size_t at = 0; at < 18; ++at) {
    for (char c = '0'; c <= '9'; ++c) {
      if (c == right[at]) continue;
      std::string wrong = right;
      wrong[at] = c;
      EXPECT_FALSE(ParseIdentityNumber(wrong)) << wrong;
    }
    for (char c : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ")) {
      if (c == code[at]) continue;
      std::string wrong = code;
      wrong[at] = c;
      EXPECT_FALSE(IsCreditCode(wrong)) << wrong;
    }
  }
}

TEST(Identifiers, CreditCodes) {
  EXPECT_TRUE(IsCreditCode("91350100M000100Y43"));  // the standard's own example
  for (const char* wrong : {"", "91350100M000100Y4", "91350100M000100Y433", "91350100m000100Y43", "91350100I000100Y43"}) {
    EXPECT_FALSE(IsCreditCode(wrong)) << wrong;
  }
  EXPECT_EQ(IdentityCheckCharacter("123"), '\0');
  EXPECT_EQ(CreditCodeCheckCharacter("9135010IM000100Y4"), '\0');
}

TEST(Identifiers, SharedVectors) {
  const char* named = std::getenv("HEYI_SHARED");
  const std::string path = std::string(named != nullptr ? named : HEYI_SOURCE_DIR "/../shared") + "/formats/cn/vectors/id_vectors.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path << " (HEYI_SHARED names the folder)";
  auto vectors = base::ParseJson(*base::ReadFile(path));
  ASSERT_TRUE(vectors.ok());
  const base::JsonValue& all = *vectors;
  for (const base::JsonValue& id : all["valid_ids"].items()) EXPECT_TRUE(ParseIdentityNumber(id.text())) << id.text();
  for (const base::JsonValue& id : all["invalid_ids"].items()) EXPECT_FALSE(ParseIdentityNumber(id.text())) << id.text();
  for (const base::JsonValue& code : all["valid_uscc"].items()) EXPECT_TRUE(IsCreditCode(code.text())) << code.text();
  EXPECT_GE(all["valid_ids"].items().size(), 7u);
}

}  // namespace
}  // namespace heyi::adapters
