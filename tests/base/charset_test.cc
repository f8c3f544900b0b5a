#include "base/charset.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace heyi::base {
namespace {

std::string ToUtf8(Charset charset, std::string_view bytes) {
  std::string text = "before ";
  if (!CharsetConverter(charset).ToUtf8(bytes, &text)) {
    EXPECT_EQ(text, "before ") << "what cannot be read leaves no trace";
    return "!";
  }
  return text.substr(7);
}

TEST(Charset, ReadsAndWritesEach) {
  struct Row {
    Charset charset;
    std::string_view bytes, text;
  };
  for (const Row& row : {Row{Charset::kGb18030, "\xc9\xf2\xca\xbe\xc0\xfd", "沈示例"}, Row{Charset::kGb18030, "a\x81\x30\x81\x30z", "a\xc2\x80z"},
                         Row{Charset::kGb18030, "\x99\x31\xd9\x37", "𬍛"}, Row{Charset::kGb18030, "", ""}, Row{Charset::kUtf8, "沈|é", "沈|é"},
                         Row{Charset::kLatin1, "caf\xe9 \xff", "café ÿ"}, Row{Charset::kAscii, "abc", "abc"}}) {
    const std::string text = ToUtf8(row.charset, row.bytes);
    EXPECT_EQ(text, row.text);
    EXPECT_EQ(CharsetConverter(row.charset).FromUtf8(text), row.bytes);
  }
}

// Every character there is goes to GB 18030 and comes back.
TEST(Charset, Gb18030HoldsAllOfUnicode) {
  CharsetConverter converter(Charset::kGb18030);
  std::string all;
  for (uint32_t c = 0x20; c <= 0x10ffff; c += c < 0x30000 ? 1 : 257) {
    if (c >= 0xd800 && c < 0xe000) continue;
    if (c < 0x80) {
      all += static_cast<char>(c);
    } else if (c < 0x800) {
      all += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
    } else if (c < 0x10000) {
      all += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    } else {
      all += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3f)), static_cast<char>(0x80 | (c >> 6 & 0x3f)),
              static_cast<char>(0x80 | (c & 0x3f))};
    }
  }
  ASSERT_TRUE(IsValidUtf8(all));
  const std::string bytes = converter.FromUtf8(all);
  std::string back;
  ASSERT_TRUE(converter.ToUtf8(bytes, &back));
  EXPECT_EQ(back.size(), all.size());
  EXPECT_TRUE(back == all);
  // Cut into its characters, each is one.
  size_t characters = 0;
  for (std::string_view rest = bytes; !rest.empty(); ++characters) rest.remove_prefix(CharacterBytes(Charset::kGb18030, rest));
  size_t want = 0;
  for (char c : all) want += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  EXPECT_EQ(characters, want);
}

TEST(Charset, WhatIsNoneOfItIsRefused) {
  for (std::string_view bytes : {"\xc9", "\xc9\x20", "\xff", "\x81\x30", "\x81\x30\x81", "a\xfe\xff"}) EXPECT_EQ(ToUtf8(Charset::kGb18030, bytes), "!");
  for (std::string_view bytes : {"\xc9\xf2", "\xe6\xb2", "\xed\xa0\x80"}) EXPECT_EQ(ToUtf8(Charset::kUtf8, bytes), "!");
  EXPECT_EQ(ToUtf8(Charset::kAscii, "\x80"), "!");
  EXPECT_EQ(CharsetConverter(Charset::kAscii).FromUtf8("沈é1"), "??1");
  EXPECT_EQ(CharsetConverter(Charset::kLatin1).FromUtf8("沈é1"), "?\xe9" "1");
}

// One failure does not spoil the next text.
TEST(Charset, AConverterGoesOnAfterAFailure) {
  CharsetConverter converter(Charset::kGb18030);
  std::string text;
  EXPECT_FALSE(converter.ToUtf8("\xc9\xf2\xc9", &text));
  EXPECT_TRUE(converter.ToUtf8("\xc9\xf2", &text));
  EXPECT_EQ(text, "沈");
}

TEST(Charset, CharacterBytes) {
  EXPECT_EQ(CharacterBytes(Charset::kGb18030, "\xd5|x"), 2u);
  EXPECT_EQ(CharacterBytes(Charset::kGb18030, "\x95\x37\xa4\x33"), 4u);
  for (std::string_view text : {"|", "\x80|", "\xff|", "\xd5", "\xd5\x7f", "\xd5\r", "\x81\x30\x81", "\x81\x30|0"}) {
    EXPECT_EQ(CharacterBytes(Charset::kGb18030, text), 1u) << text;
  }
  EXPECT_EQ(CharacterBytes(Charset::kUtf8, "\xd5|"), 1u);
}

}  // namespace
}  // namespace heyi::base
