// Leaves: one leaf, one encoding; whatever else is refused.
#include <gtest/gtest.h>

#include <random>

#include "audit/leaf.h"
#include "audit/limits.h"
#include "base/digest.h"
#include "base/ids.h"

namespace heyi::audit {
namespace {

std::string Describe(const Leaf& leaf) {
  std::string out;
  for (const std::string& text : {leaf.caller.client, leaf.caller.organization, leaf.caller.department, leaf.caller.role, leaf.caller.person,
                                  leaf.caller.purpose, leaf.peer, leaf.request_id, leaf.interaction, leaf.rule, leaf.agreement,
                                  leaf.query_hash, leaf.message_id, leaf.recipient}) {
    out += "[" + text + "]";
  }
  out += static_cast<char>(leaf.action) + std::to_string(leaf.status) + "+" + std::to_string(leaf.resources_more);
  for (uint64_t elder : leaf.elders) out += " e" + std::to_string(elder);
  for (const LeafResource& r : leaf.resources) {
    out += " " + r.type + "/" + r.id + "/" + std::to_string(r.version) + static_cast<char>(r.action);
  }
  return out;
}

class RandomLeaves {
 public:
  explicit RandomLeaves(uint64_t seed) : engine_(seed), random_(seed) {}

  Leaf Next() {
    Leaf leaf;
    for (std::string* text : {&leaf.caller.client, &leaf.caller.organization, &leaf.caller.department, &leaf.caller.role, &leaf.caller.person,
                              &leaf.caller.purpose, &leaf.peer, &leaf.request_id, &leaf.interaction, &leaf.rule, &leaf.agreement,
                              &leaf.message_id, &leaf.recipient}) {
      *text = Text();
    }
    leaf.action = AnyAction();
    leaf.status = static_cast<int>(Below(1000));
    leaf.resources_more = Below(4) == 0 ? static_cast<uint32_t>(engine_()) : 0;
    if (Below(2) == 0) leaf.query_hash = Below(4) == 0 ? Text() : base::ToHex(base::Sha256(Text()));
    for (uint64_t i = Below(5); i > 0; --i) leaf.elders.push_back(engine_());
    for (uint64_t i = Below(8); i > 0; --i) {
      static constexpr std::string_view kTypes[] = {"Patient", "Task", "Encounter"};
      leaf.resources.push_back({std::string(kTypes[Below(3)]), Below(2) == 0 ? base::UuidV7(static_cast<int64_t>(Below(1ull << 40)), random_) : Text(),
                                Below(3) == 0 ? engine_() : Below(5), AnyAction()});
    }
    return leaf;
  }

 private:
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  Action AnyAction() { return static_cast<Action>("CRUDE"[Below(5)]); }
  std::string Text() {
    std::string text;
    for (uint64_t i = Below(4) == 0 ? 0 : Below(40); i > 0; --i) text += static_cast<char>(engine_());
    return text;
  }
  std::mt19937_64 engine_;
  base::SeededRandom random_;
};

TEST(Leaf, SaysTheSameAfterEncodingAndDecoding) {
  RandomLeaves leaves(1);
  for (int i = 0; i < 2'000; ++i) {
    const Leaf leaf = leaves.Next();
    const std::string bytes = EncodeLeaf(leaf);
    auto decoded = DecodeLeaf(bytes);
    ASSERT_TRUE(decoded.ok()) << base::EnglishText(decoded.error().outcome.issues()[0]) << " " << Describe(leaf);
    EXPECT_EQ(Describe(*decoded), Describe(leaf));
    EXPECT_EQ(EncodeLeaf(*decoded), bytes);
  }
}

TEST(Leaf, RefusesEveryTruncationAndAnythingBehindIt) {
  RandomLeaves leaves(2);
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = EncodeLeaf(leaves.Next());
    for (size_t size = 0; size < bytes.size(); ++size) {
      auto cut = DecodeLeaf(std::string_view(bytes).substr(0, size));
      ASSERT_FALSE(cut.ok()) << size << " of " << bytes.size();
      EXPECT_EQ(cut.error().outcome.issues()[0].rule, "audit.leaf");
    }
    EXPECT_FALSE(DecodeLeaf(bytes + '\0').ok());
  }
}

// Any flipped byte is either refused or another leaf with exactly these bytes: no two encodings say the same.
TEST(Leaf, HasOneEncodingOnly) {
  RandomLeaves leaves(3);
  size_t refused = 0, accepted = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string bytes = EncodeLeaf(leaves.Next());
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      auto decoded = DecodeLeaf(flipped);
      if (decoded.ok()) {
        ++accepted;
        ASSERT_EQ(EncodeLeaf(*decoded), flipped);
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1'000u);
  EXPECT_GT(accepted, 1'000u);
}

TEST(Leaf, RefusesOtherVersionsAndActions) {
  std::string bytes = EncodeLeaf(Leaf());
  ASSERT_TRUE(DecodeLeaf(bytes).ok());
  std::string other = bytes;
  other[0] = 2;
  EXPECT_FALSE(DecodeLeaf(other).ok());
  other = bytes;
  other[1] = 'X';
  EXPECT_FALSE(DecodeLeaf(other).ok());
  EXPECT_FALSE(DecodeLeaf("").ok());
  EXPECT_FALSE(DecodeLeaf(std::string(100'000, '\xff')).ok());
}

TEST(Leaf, PacksUuidsAndQueryHashes) {
  Leaf leaf;
  const size_t empty = EncodeLeaf(leaf).size();
  leaf.query_hash = base::ToHex(base::Sha256("name=x"));
  leaf.resources = {{"Patient", "018f3a5e-7c11-7abc-8def-0123456789ab", 3, Action::kRead},
                    {"Patient", "018F3A5E-7C11-7ABC-8DEF-0123456789AB", 3, Action::kRead}};  // not the canonical form: kept as text
  const std::string bytes = EncodeLeaf(leaf);
  EXPECT_EQ(bytes.size(), empty + 32 + (1 + 8 + 16 + 1) + (1 + 37 + 1));
  EXPECT_EQ(Describe(*DecodeLeaf(bytes)), Describe(leaf));
}

TEST(Leaf, IsBoundedWhateverGoesIn) {
  Leaf leaf;
  leaf.caller.client = std::string(1'000'000, 'x');
  leaf.request_id = "\xe5\x92\x8c";
  for (int i = 0; i < 1'000; ++i) leaf.request_id += "\xe5\x92\x8c";
  leaf.status = 123'456;
  leaf.resources_more = 5;
  for (size_t i = 0; i < kLeafResourcesMax + 7; ++i) leaf.resources.push_back({"Task", std::to_string(i), 1, Action::kUpdate});
  auto decoded = DecodeLeaf(EncodeLeaf(leaf));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->caller.client.size(), kLeafTextBytesMax);
  EXPECT_EQ(decoded->request_id.size(), kLeafTextBytesMax / 3 * 3);
  EXPECT_EQ(decoded->status, 999);
  EXPECT_EQ(decoded->resources.size(), kLeafResourcesMax);
  EXPECT_EQ(decoded->resources_more, 12u);
}

}  // namespace
}  // namespace heyi::audit
