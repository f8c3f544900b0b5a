#include "store/view/replay.h"

#include <deque>

#include "fhir/json/parse.h"
#include "store/index/prepare.h"
#include "store/view/view_throttle.h"

namespace heyi::store {
namespace {

constexpr size_t kReplayBatchBytes = 1u << 20;

// Stored bodies have a meta for versionId and lastUpdated to be spliced into; where nothing else stands in it, it was
// not there when the resource came, and an empty object is no FHIR.
void DropEmptyMeta(std::string* body, uint32_t slot) {
  constexpr std::string_view kOpening = "\"meta\":{";
  if (slot < kOpening.size() || slot >= body->size() || (*body)[slot] != '}') return;
  const size_t from = slot - kOpening.size();
  const size_t end = slot + 1;
  if (from > 0 && (*body)[from - 1] == ',') body->erase(from - 1, end - from + 1);
  else body->erase(from, end - from + ((*body)[end] == ',' ? 1 : 0));
}

// An entry's bodies as prepared writes, derived again.
class Deriver {
 public:
  Deriver(const Journal& journal, const Indexer& indexer, const ViewWriter& writer)
      : journal_(journal), indexer_(indexer), writer_(writer) {}

  base::Result<base::Done> Derive(const EntryView& entry, std::vector<AppliedWrite>* applied) {
    writes_.clear();
    if (entry.kind != EntryKind::kCommit) return base::Done{};  // a dictionary's body is no resource
    for (const BodyView& body : entry.bodies) {
      PreparedWrite& write = writes_.emplace_back();
      write.id = body.id;
      AppliedWrite& one = applied->emplace_back();
      one.write = &write;
      one.version = body.version;
      one.deleted = body.deleted;
      one.label = body.label;
      one.pointer = body.pointer;
      if (body.type != kBlobType) HEYI_CHECK(DeriveResource(body, &write, &one));
    }
    return base::Done{};
  }

 private:
  base::Result<base::Done> DeriveResource(const BodyView& body, PreparedWrite* write, AppliedWrite* applied) {
    write->type = indexer_.definitions().FindResource(body.type);
    if (write->type == nullptr) return base::Error(base::ErrorKind::kUnavailable, "store.unreadable", {}, body.type);
    HEYI_TRY(before, writer_.Record(*write->type, body.id));
    std::optional<fhir::Tree> old_tree, new_tree;
    if (before && !before->deleted) {
      HEYI_TRY(tree, ReadTree(journal_, before->pointer, indexer_.definitions()));
      old_tree = std::move(tree);
    }
    if (!body.deleted) {
      HEYI_TRY(tree, ReadTree(journal_, body.pointer, indexer_.definitions()));
      new_tree = std::move(tree);
    }
    applied->before = std::move(before);
    indexer_.Fill(old_tree ? &*old_tree : nullptr, new_tree ? &*new_tree : nullptr, write);
    return base::Done{};
  }

  const Journal& journal_;
  const Indexer& indexer_;
  const ViewWriter& writer_;
  std::deque<PreparedWrite> writes_;
};

}  // namespace

base::Result<fhir::Tree> ParseStored(std::string body, uint32_t slot, const fhir::Definitions& definitions) {
  DropEmptyMeta(&body, slot);
  return fhir::ParseResource(std::move(body), definitions);
}

base::Result<std::optional<fhir::Tree>> ReadTree(const Journal& journal, const Pointer& pointer, const fhir::Definitions& definitions) {
  base::Result<std::string> body = journal.ReadBody(pointer);
  if (!body.ok()) {
    if (body.error().kind == base::ErrorKind::kGone) return std::optional<fhir::Tree>();
    return std::move(body).error();
  }
  base::Result<fhir::Tree> tree = ParseStored(std::move(*body), pointer.slot, definitions);
  if (!tree.ok()) {
    base::Error error(base::ErrorKind::kUnavailable, "store.unreadable");
    error.outcome.Append(std::move(tree).error().outcome);
    return error;
  }
  return std::optional<fhir::Tree>(std::move(*tree));
}

base::Result<uint64_t> Replay(const Journal& journal, const Indexer& indexer, ViewDb& db, ViewState& state, Horizon& horizon) {
  if (state.applied_t >= journal.last_t()) return uint64_t{0};
  ViewWriter writer(db, indexer, state, horizon);
  Deriver deriver(journal, indexer, writer);
  ViewThrottle throttle(db);
  uint64_t entries = 0;
  const auto apply = [&](const EntryView& entry) -> base::Result<bool> {
    std::vector<AppliedWrite> applied;
    HEYI_CHECK(deriver.Derive(entry, &applied));
    HEYI_CHECK(writer.Apply(entry, applied));
    ++entries;
    if (writer.batch_bytes() >= kReplayBatchBytes) {
      throttle.Pause(writer.batch_bytes());
      HEYI_CHECK(writer.Finish());
    }
    return true;
  };
  HEYI_CHECK(journal.Scan(state.applied_t + 1, apply));
  HEYI_CHECK(writer.Finish());
  return entries;
}

}  // namespace heyi::store
