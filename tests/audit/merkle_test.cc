// Merkle trees: the reference vectors of Certificate Transparency, the definition written out, and tampering.
#include <gtest/gtest.h>

#include "audit/merkle.h"

namespace heyi::audit {
namespace {

using base::Digest32;
using Proof = std::vector<Digest32>;

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::vector<std::string> Hex(const Proof& proof) {
  std::vector<std::string> hex;
  for (const Digest32& digest : proof) hex.push_back(base::ToHex(digest));
  return hex;
}

const std::vector<std::string>& ReferenceLeaves() {
  static const std::vector<std::string> leaves = {"",
                                                  FromHex("00"),
                                                  FromHex("10"),
                                                  FromHex("2021"),
                                                  FromHex("3031"),
                                                  FromHex("40414243"),
                                                  FromHex("5051525354555657"),
                                                  FromHex("606162636465666768696a6b6c6d6e6f")};
  return leaves;
}

std::vector<std::string> Leaves(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back("leaf " + std::to_string(i * i));
  return leaves;
}

// RFC 6962 section 2.1, word for word.
Digest32 DefinedRoot(TreeHash hash, const std::vector<std::string>& d, size_t begin, size_t end) {
  auto h = [&](const std::string& bytes) { return hash == TreeHash::kSha256 ? base::Sha256(bytes) : base::Sm3(bytes); };
  const size_t n = end - begin;
  if (n == 0) return h("");
  if (n == 1) return h(std::string(1, '\0') + d[begin]);
  size_t k = 1;
  while (k * 2 < n) k *= 2;
  const Digest32 left = DefinedRoot(hash, d, begin, begin + k), right = DefinedRoot(hash, d, begin + k, end);
  std::string node(1, '\1');
  node.append(left.begin(), left.end()).append(right.begin(), right.end());
  return h(node);
}

constexpr TreeHash kBoth[] = {TreeHash::kSha256, TreeHash::kSm3};

// https://github.com/google/certificate-transparency (merkle tree test data): roots of the first n reference leaves
TEST(Merkle, GivesTheReferenceRoots) {
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleFrontier frontier(TreeHash::kSha256);
  for (size_t n = 0; n <= 8; ++n) {
    const std::vector<std::string> leaves(ReferenceLeaves().begin(), ReferenceLeaves().begin() + static_cast<ptrdiff_t>(n));
    EXPECT_EQ(base::ToHex(MerkleRoot(TreeHash::kSha256, leaves)), roots[n]) << n;
    EXPECT_EQ(base::ToHex(frontier.Root()), roots[n]) << n;
    if (n < 8) frontier.Add(ReferenceLeaves()[n]);
  }
}

TEST(Merkle, GivesTheReferenceProofs) {
  using Strings = std::vector<std::string>;
  const std::string a = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    b = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    c = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                    d = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    e = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    four = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                    two = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                    one = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    g = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
  auto first = [](size_t n) { return std::vector<std::string>(ReferenceLeaves().begin(), ReferenceLeaves().begin() + static_cast<ptrdiff_t>(n)); };
  auto inclusion = [&](uint64_t index, size_t size) { return Hex(InclusionProof(TreeHash::kSha256, first(size), index)); };
  auto consistency = [&](uint64_t from, size_t to) { return Hex(ConsistencyProof(TreeHash::kSha256, first(to), from)); };
  EXPECT_EQ(inclusion(0, 1), Strings());
  EXPECT_EQ(inclusion(0, 8), (Strings{a, b, c}));
  EXPECT_EQ(inclusion(5, 8), (Strings{d, e, four}));
  EXPECT_EQ(inclusion(2, 3), (Strings{two}));
  EXPECT_EQ(inclusion(1, 5), (Strings{one, b, d}));
  EXPECT_EQ(consistency(1, 1), Strings());
  EXPECT_EQ(consistency(1, 8), (Strings{a, b, c}));
  EXPECT_EQ(consistency(6, 8), (Strings{g, e, four}));
  EXPECT_EQ(consistency(2, 5), (Strings{b, d}));
}

TEST(Merkle, EqualsTheDefinitionForAllSizesTo200) {
  const std::vector<std::string> all = Leaves(200);
  for (TreeHash hash : kBoth) {
    MerkleFrontier frontier(hash);
    for (size_t n = 0; n <= all.size(); ++n) {
      const Digest32 want = DefinedRoot(hash, all, 0, n);
      EXPECT_EQ(frontier.Root(), want) << n;
      EXPECT_EQ(frontier.size(), n);
      EXPECT_EQ(MerkleRoot(hash, std::vector<std::string>(all.begin(), all.begin() + static_cast<ptrdiff_t>(n))), want);
      if (n < all.size()) frontier.Add(all[n]);
    }
  }
}

TEST(Merkle, FrontierGoesOnAfterEncodingAndRefusesWhatIsNone) {
  const std::vector<std::string> all = Leaves(70);
  for (TreeHash hash : kBoth) {
    MerkleFrontier frontier(hash);
    for (size_t n = 0; n < all.size(); ++n) {
      const std::string bytes = frontier.Encode();
      auto decoded = MerkleFrontier::Decode(bytes);
      ASSERT_TRUE(decoded.ok());
      EXPECT_EQ(decoded->Encode(), bytes);
      EXPECT_EQ(decoded->Root(), frontier.Root());
      for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(MerkleFrontier::Decode(std::string_view(bytes).substr(0, size)).ok());
      EXPECT_FALSE(MerkleFrontier::Decode(bytes + "x").ok());
      frontier = std::move(*decoded);
      frontier.Add(all[n]);
    }
    EXPECT_EQ(frontier.Root(), MerkleRoot(hash, all));
  }
  std::string other = MerkleFrontier(TreeHash::kSm3).Encode();
  other[1] = 2;
  EXPECT_FALSE(MerkleFrontier::Decode(other).ok());
}

TEST(Merkle, EveryInclusionProofVerifiesAndNoTamperedOneDoes) {
  for (TreeHash hash : kBoth) {
    for (size_t n = 1; n <= 33; ++n) {
      const std::vector<std::string> leaves = Leaves(n);
      const Digest32 root = MerkleRoot(hash, leaves);
      for (uint64_t i = 0; i < n; ++i) {
        const Proof proof = InclusionProof(hash, leaves, i);
        ASSERT_TRUE(VerifyInclusion(hash, leaves[i], i, n, proof, root)) << i << " of " << n;
        EXPECT_FALSE(VerifyInclusion(hash, leaves[i] + "x", i, n, proof, root));
        EXPECT_FALSE(VerifyInclusion(hash, leaves[i], i, n, proof, MerkleRoot(hash, Leaves(n + 1))));
        EXPECT_FALSE(VerifyInclusion(hash, leaves[i], n, n, proof, root));
        for (uint64_t j = 0; j < n; ++j) {
          EXPECT_EQ(VerifyInclusion(hash, leaves[i], j, n, proof, root), j == i) << i << " as " << j << " of " << n;
        }
        Proof longer = proof;
        longer.push_back(root);
        EXPECT_FALSE(VerifyInclusion(hash, leaves[i], i, n, longer, root));
        for (size_t k = 0; k < proof.size(); ++k) {
          Proof bent = proof;
          bent[k][7] ^= 1;
          EXPECT_FALSE(VerifyInclusion(hash, leaves[i], i, n, bent, root));
          Proof shorter = proof;
          shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(k));
          EXPECT_FALSE(VerifyInclusion(hash, leaves[i], i, n, shorter, root));
        }
      }
    }
  }
}

TEST(Merkle, EveryConsistencyProofVerifiesAndNoTamperedOneDoes) {
  for (TreeHash hash : kBoth) {
    std::vector<Digest32> roots;
    for (size_t n = 0; n <= 33; ++n) roots.push_back(MerkleRoot(hash, Leaves(n)));
    for (uint64_t n = 0; n <= 33; ++n) {
      const std::vector<std::string> leaves = Leaves(n);
      for (uint64_t m = 0; m <= n; ++m) {
        const Proof proof = ConsistencyProof(hash, leaves, m);
        ASSERT_TRUE(VerifyConsistency(hash, m, n, roots[m], roots[n], proof)) << m << " to " << n;
        if (m > 0) {
          Digest32 other = roots[m];
          other[0] ^= 1;
          EXPECT_FALSE(VerifyConsistency(hash, m, n, other, roots[n], proof));
          other = roots[n];
          other[31] ^= 1;
          EXPECT_FALSE(VerifyConsistency(hash, m, n, roots[m], other, proof));
        }
        Proof longer = proof;
        longer.push_back(roots[n]);
        EXPECT_FALSE(VerifyConsistency(hash, m, n, roots[m], roots[n], longer));
        for (size_t k = 0; k < proof.size(); ++k) {
          Proof bent = proof;
          bent[k][3] ^= 0x80;
          EXPECT_FALSE(VerifyConsistency(hash, m, n, roots[m], roots[n], bent)) << m << " to " << n << " at " << k;
          Proof shorter = proof;
          shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(k));
          EXPECT_FALSE(VerifyConsistency(hash, m, n, roots[m], roots[n], shorter));
        }
        if (m > 1) {
          EXPECT_FALSE(VerifyConsistency(hash, m - 1, n, roots[m], roots[n], proof));
        }
      }
    }
  }
}

// A log that was changed behind an auditor's back: each way of changing one gives a root no proof leads to.
TEST(Merkle, ShowsEveryChangeOfAnOldEntry) {
  const std::vector<std::string> old_log = Leaves(21), grown = Leaves(40);
  for (TreeHash hash : kBoth) {
    const Digest32 seen = MerkleRoot(hash, old_log);
    ASSERT_TRUE(VerifyConsistency(hash, 21, 40, seen, MerkleRoot(hash, grown), ConsistencyProof(hash, grown, 21)));
    for (size_t at = 0; at < old_log.size(); ++at) {
      std::vector<std::string> edited = grown, dropped = grown, inserted = grown, swapped = grown;
      edited[at] += "'";
      dropped.erase(dropped.begin() + static_cast<ptrdiff_t>(at));
      inserted.insert(inserted.begin() + static_cast<ptrdiff_t>(at), "planted");
      std::swap(swapped[at], swapped[(at + 1) % old_log.size()]);
      for (const auto& forged : {edited, dropped, inserted, swapped}) {
        EXPECT_FALSE(VerifyConsistency(hash, 21, forged.size(), seen, MerkleRoot(hash, forged), ConsistencyProof(hash, forged, 21))) << at;
      }
    }
  }
}

TEST(Merkle, ProofsOutOfRangeAreEmpty) {
  EXPECT_TRUE(InclusionProof(TreeHash::kSm3, Leaves(3), 3).empty());
  EXPECT_TRUE(ConsistencyProof(TreeHash::kSm3, Leaves(3), 4).empty());
  EXPECT_FALSE(VerifyInclusion(TreeHash::kSm3, "x", 0, 0, {}, {}));
  EXPECT_FALSE(VerifyConsistency(TreeHash::kSm3, 4, 3, {}, {}, {}));
}

}  // namespace
}  // namespace heyi::audit
