#include "audit/merkle.h"

#include <bit>
#include <cstring>
#include <span>

#include "base/bytes.h"

namespace heyi::audit {
namespace {

using base::Digest32;

constexpr char kFrontierVersion = 1;

Digest32 Hash(TreeHash hash, std::string_view bytes) {
  return hash == TreeHash::kSha256 ? base::Sha256(bytes) : base::Sm3(bytes);
}

// The largest power of two below n (n > 1): where RFC 6962 parts a tree.
uint64_t SplitAt(uint64_t n) { return std::bit_floor(n - 1); }

// A list of leaf hashes, or a part of one.
using Hashes = std::span<const Digest32>;

std::vector<Digest32> LeafHashes(TreeHash hash, const std::vector<std::string>& leaves) {
  std::vector<Digest32> hashes;
  hashes.reserve(leaves.size());
  for (const std::string& leaf : leaves) hashes.push_back(LeafHash(hash, leaf));
  return hashes;
}

// MTH of section 2.1; depth log2 n.
Digest32 RootOf(TreeHash hash, Hashes leaves) {
  if (leaves.empty()) return Hash(hash, {});
  if (leaves.size() == 1) return leaves[0];
  const uint64_t k = SplitAt(leaves.size());
  return NodeHash(hash, RootOf(hash, leaves.first(k)), RootOf(hash, leaves.subspan(k)));
}

// SUBPROOF of section 2.1.2.
void AppendSubproof(TreeHash hash, Hashes leaves, uint64_t old_size, bool known, std::vector<Digest32>& proof) {
  if (old_size == leaves.size()) {
    if (!known) proof.push_back(RootOf(hash, leaves));
    return;
  }
  const uint64_t k = SplitAt(leaves.size());
  if (old_size <= k) {
    AppendSubproof(hash, leaves.first(k), old_size, known, proof);
    proof.push_back(RootOf(hash, leaves.subspan(k)));
  } else {
    AppendSubproof(hash, leaves.subspan(k), old_size - k, false, proof);
    proof.push_back(RootOf(hash, leaves.first(k)));
  }
}

}  // namespace

Digest32 LeafHash(TreeHash hash, std::string_view leaf_bytes) {
  thread_local std::string buffer;  // grows to the largest leaf seen and stays
  buffer.assign(1, '\0').append(leaf_bytes);
  return Hash(hash, buffer);
}

Digest32 NodeHash(TreeHash hash, const Digest32& left, const Digest32& right) {
  char bytes[1 + 2 * sizeof(Digest32)];
  bytes[0] = 1;
  std::memcpy(bytes + 1, left.data(), left.size());
  std::memcpy(bytes + 1 + left.size(), right.data(), right.size());
  return Hash(hash, {bytes, sizeof bytes});
}

// ---- frontier ------------------------------------------------------------------------------------------------------

void MerkleFrontier::Add(std::string_view leaf_bytes) {
  Digest32 node = LeafHash(hash_, leaf_bytes);
  for (uint64_t carry = size_; carry & 1; carry >>= 1) {  // like adding one in binary
    node = NodeHash(hash_, edge_.back(), node);
    edge_.pop_back();
  }
  edge_.push_back(node);
  ++size_;
}

Digest32 MerkleFrontier::Root() const {
  if (edge_.empty()) return Hash(hash_, {});
  Digest32 root = edge_.back();
  for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(hash_, edge_[i], root);
  return root;
}

std::string MerkleFrontier::Encode() const {
  std::string out(1, kFrontierVersion);
  out += static_cast<char>(hash_);
  base::PutLittle(out, size_);
  for (const Digest32& digest : edge_) out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return out;
}

base::Result<MerkleFrontier> MerkleFrontier::Decode(std::string_view bytes) {
  base::ByteReader in(bytes);
  const auto version = in.Little<unsigned char>();
  const auto hash = in.Little<unsigned char>();
  const auto size = in.Little<uint64_t>();
  if (!in.ok() || version != kFrontierVersion || hash > static_cast<unsigned char>(TreeHash::kSm3)) {
    return base::Error(base::ErrorKind::kInternal, "audit.tree", {}, "head");
  }
  if (in.rest().size() != static_cast<size_t>(std::popcount(size)) * sizeof(Digest32)) {
    return base::Error(base::ErrorKind::kInternal, "audit.tree", {}, "size");
  }
  MerkleFrontier frontier(static_cast<TreeHash>(hash));
  frontier.size_ = size;
  while (!in.empty()) std::memcpy(frontier.edge_.emplace_back().data(), in.Bytes(sizeof(Digest32)).data(), sizeof(Digest32));
  return frontier;
}

// ---- lists and proofs ----------------------------------------------------------------------------------------------

Digest32 MerkleRoot(TreeHash hash, const std::vector<std::string>& leaves) { return RootOf(hash, LeafHashes(hash, leaves)); }

std::vector<Digest32> InclusionProof(TreeHash hash, const std::vector<std::string>& leaves, uint64_t index) {
  std::vector<Digest32> proof;
  if (index >= leaves.size()) return proof;
  const std::vector<Digest32> hashes = LeafHashes(hash, leaves);
  Hashes part(hashes);
  while (part.size() > 1) {  // from the root down, so the proof comes out upside down
    const uint64_t k = SplitAt(part.size());
    if (index < k) {
      proof.push_back(RootOf(hash, part.subspan(k)));
      part = part.first(k);
    } else {
      proof.push_back(RootOf(hash, part.first(k)));
      part = part.subspan(k);
      index -= k;
    }
  }
  return {proof.rbegin(), proof.rend()};
}

// https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
bool VerifyInclusion(TreeHash hash, std::string_view leaf, uint64_t index, uint64_t size, const std::vector<Digest32>& proof,
                     const Digest32& root) {
  if (index >= size) return false;
  uint64_t at = index, last = size - 1;
  Digest32 node = LeafHash(hash, leaf);
  for (const Digest32& sibling : proof) {
    if (last == 0) return false;  // longer than the tree is high
    if ((at & 1) != 0 || at == last) {
      node = NodeHash(hash, sibling, node);
      while ((at & 1) == 0 && at != 0) {  // the right edge has no siblings on these levels
        at >>= 1;
        last >>= 1;
      }
    } else {
      node = NodeHash(hash, node, sibling);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && node == root;
}

std::vector<Digest32> ConsistencyProof(TreeHash hash, const std::vector<std::string>& leaves, uint64_t old_size) {
  std::vector<Digest32> proof;
  if (old_size == 0 || old_size >= leaves.size()) return proof;
  const std::vector<Digest32> hashes = LeafHashes(hash, leaves);
  AppendSubproof(hash, hashes, old_size, true, proof);
  return proof;
}

// https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
bool VerifyConsistency(TreeHash hash, uint64_t old_size, uint64_t new_size, const Digest32& old_root, const Digest32& new_root,
                       const std::vector<Digest32>& proof) {
  if (old_size > new_size) return false;
  if (old_size == 0) return proof.empty() && old_root == Hash(hash, {});  // anything extends the empty tree
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  std::span<const Digest32> rest(proof);
  Digest32 old_node = old_root;  // a full old tree is the first step itself
  if (!std::has_single_bit(old_size)) {
    if (rest.empty()) return false;
    old_node = rest.front();
    rest = rest.subspan(1);
  }
  Digest32 new_node = old_node;
  uint64_t at = old_size - 1, last = new_size - 1;
  while ((at & 1) != 0) {
    at >>= 1;
    last >>= 1;
  }
  for (const Digest32& step : rest) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_node = NodeHash(hash, step, old_node);
      new_node = NodeHash(hash, step, new_node);
      while ((at & 1) == 0 && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      new_node = NodeHash(hash, new_node, step);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && old_node == old_root && new_node == new_root;
}

}  // namespace heyi::audit
