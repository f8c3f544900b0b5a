// RFC 6962 trees over a journal's entries, twice: SHA-256 and SM3 over the same leaves.
// https://www.rfc-editor.org/rfc/rfc6962#section-2.1
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace heyi::audit {

enum class TreeHash : uint8_t { kSha256, kSm3 };

base::Digest32 LeafHash(TreeHash hash, std::string_view leaf_bytes);                                   // H(0x00, leaf)
base::Digest32 NodeHash(TreeHash hash, const base::Digest32& left, const base::Digest32& right);       // H(0x01, left, right)

// The right edge of an append-only tree: enough to add leaves and to tell the root, in O(log n).
class MerkleFrontier {
 public:
  explicit MerkleFrontier(TreeHash hash) : hash_(hash) {}

  void Add(std::string_view leaf_bytes);
  uint64_t size() const { return size_; }
  base::Digest32 Root() const;

  std::string Encode() const;
  //   errors  kInternal audit.tree
  static base::Result<MerkleFrontier> Decode(std::string_view bytes);

 private:
  TreeHash hash_;
  uint64_t size_ = 0;
  std::vector<base::Digest32> edge_;  // roots of the complete subtrees, largest first
};

// For verifying what a whole list hashes to, and proofs over it (audit reports, tests). Proofs run from the leaf's
// sibling upwards. An index or size out of range has an empty proof, which verifies nothing.
base::Digest32 MerkleRoot(TreeHash hash, const std::vector<std::string>& leaves);
std::vector<base::Digest32> InclusionProof(TreeHash hash, const std::vector<std::string>& leaves, uint64_t index);
bool VerifyInclusion(TreeHash hash, std::string_view leaf, uint64_t index, uint64_t size, const std::vector<base::Digest32>& proof,
                     const base::Digest32& root);
std::vector<base::Digest32> ConsistencyProof(TreeHash hash, const std::vector<std::string>& leaves, uint64_t old_size);
bool VerifyConsistency(TreeHash hash, uint64_t old_size, uint64_t new_size, const base::Digest32& old_root,
                       const base::Digest32& new_root, const std::vector<base::Digest32>& proof);

}  // namespace heyi::audit
