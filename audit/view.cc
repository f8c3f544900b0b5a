// The derived view "audit": an index of the leaves and the edges of both Merkle trees, as facts (audit/index.h).
//
// The trees are binary counters over facts, so an entry reads and writes a few small facts however long the journal.
#include <algorithm>
#include <array>
#include <cstring>

#include "audit/index.h"
#include "audit/trail.h"

namespace heyi::audit {
namespace {

using base::Digest32;

std::string_view Bytes(const Digest32& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

base::Error Damaged(std::string_view what) { return base::Error(base::ErrorKind::kInternal, "audit.tree", {}, what); }

class AuditView : public store::DerivedView {
 public:
  std::string_view name() const override { return "audit"; }
  uint32_t version() const override { return 2; }
  std::string Mark(const fhir::Tree&) const override { return {}; }

  base::Result<base::Done> Apply(const store::EntryView& entry, const std::vector<Change>&, const store::FactReader& facts,
                                 const std::function<void(store::Fact)>& put) override {
    HEYI_TRY(size_bytes, facts.Fact(kTreeSpace, kTreeSizeKey));
    if (size_bytes && size_bytes->size() != 2 * sizeof(uint64_t)) return Damaged("size");
    const uint64_t size = size_bytes ? base::BigAt<uint64_t>(*size_bytes) : 0;
    const uint64_t last_second = size_bytes ? base::BigAt<uint64_t>(*size_bytes, sizeof(uint64_t)) : 0;
    HEYI_CHECK(Grow(size, entry.merkle_bytes, facts, put));

    const auto second = static_cast<uint64_t>(entry.time_ms / kTimeRowMs);
    if (second > last_second) put({std::string(kTimeSpace), TimeKey(entry.time_ms, entry.t), std::string()});
    put({std::string(kTreeSpace), std::string(kTreeSizeKey), IndexKey(size + 1, std::max(second, last_second))});
    if (!entry.leaf.empty()) Index(entry, put);
    return base::Done{};
  }

 private:
  using Put = std::function<void(store::Fact)>;

  static base::Result<base::Done> Grow(uint64_t size, std::string_view leaf_bytes, const store::FactReader& facts, const Put& put) {
    for (TreeHash hash : {TreeHash::kSha256, TreeHash::kSm3}) {
      Digest32 node = LeafHash(hash, leaf_bytes);
      unsigned level = 0;
      for (; (size >> level & 1) != 0; ++level) {
        HEYI_TRY(left, facts.Fact(kTreeSpace, TreeKey(hash, level)));
        if (!left || left->size() != sizeof(Digest32)) return Damaged("subtree");
        Digest32 left_node;
        std::memcpy(left_node.data(), left->data(), left_node.size());
        node = NodeHash(hash, left_node, node);
      }
      put({std::string(kTreeSpace), TreeKey(hash, level), std::string(Bytes(node))});
    }
    return base::Done{};
  }

  static void Index(const store::EntryView& entry, const Put& put) {
    const Leaf leaf = LeafOrUnreadable(entry.leaf);
    for (uint64_t elder : leaf.elders) put({std::string(kElderSpace), IndexKey(elder, entry.t), std::string()});
    for (const std::string* agent : {&leaf.caller.client, &leaf.caller.person, &leaf.caller.organization, &leaf.recipient}) {
      if (!agent->empty()) put({std::string(kAgentSpace), IndexKey(base::Hash64(*agent), entry.t), std::string()});
    }
  }
};

}  // namespace

Leaf LeafOrUnreadable(std::string_view bytes) {
  base::Result<Leaf> leaf = DecodeLeaf(bytes);
  if (leaf.ok()) return std::move(*leaf);
  Leaf unreadable;
  unreadable.action = Action::kExecute;
  unreadable.interaction = "unreadable";
  unreadable.status = 500;
  unreadable.rule = "audit.leaf";
  return unreadable;
}

std::unique_ptr<store::DerivedView> MakeAuditView() { return std::make_unique<AuditView>(); }

}  // namespace heyi::audit
