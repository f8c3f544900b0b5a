#include "base/digest.h"

#include <gtest/gtest.h>

namespace heyi::base {
namespace {

TEST(Digest, KnownVectors) {
  EXPECT_EQ(ToHex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // GB/T 32905-2016, appendix A.1
  EXPECT_EQ(ToHex(Sm3("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c("56789", Crc32c("1234")), 0xe3069283u);
}

TEST(Digest, Base64RoundTrip) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("abc"), std::string("\xff\xfe\xfb\x00", 4)}) {
    std::string back;
    ASSERT_TRUE(FromBase64(ToBase64(bytes), &back)) << ToBase64(bytes);
    EXPECT_EQ(back, bytes);
  }
  std::string bytes;
  EXPECT_TRUE(FromBase64("QU\r\n JD\n", &bytes));
  EXPECT_EQ(bytes, "ABC");
  for (const char* wrong : {"QUJD=", "QQ", "QQ=", "Q=Q=", "QQ===", "-_-_", "QUJ!"}) EXPECT_FALSE(FromBase64(wrong, &bytes)) << wrong;
}

TEST(Digest, Base64UrlRoundTrip) {
  for (size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37);
    std::string back;
    ASSERT_TRUE(FromBase64Url(ToBase64Url(bytes), &back));
    EXPECT_EQ(back, bytes);
  }
  std::string ignored;
  EXPECT_FALSE(FromBase64Url("a+b", &ignored));
  EXPECT_FALSE(FromBase64Url("QUJDx", &ignored));
  EXPECT_FALSE(FromBase64Url("QR", &ignored));
}

}  // namespace
}  // namespace heyi::base
