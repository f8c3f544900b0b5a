// Is a draft still true? Checked in order, against the views and against what the drafts before it in the same group
// will have changed: versions, facts, searches, claims.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/commit/change_watch.h"
#include "store/view/view_reader.h"
#include "store/view/view_writer.h"

namespace heyi::store {

class GroupCheck {
 public:
  // All outlive it. `views` has an empty batch: it is only read.
  GroupCheck(const ViewWriter& views, const ViewReader& reader, const Indexer& indexer, ChangeWatch& watch, uint32_t next_docid)
      : views_(views), reader_(reader), indexer_(indexer), watch_(watch), next_docid_(next_docid) {}

  // What the draft's writes meet, or why it must be refused. Accepted, it counts for those behind it; refused, it
  // leaves no trace. `t` is the one it would get.
  base::Result<std::vector<AppliedWrite>> Accept(const CommitDraft& draft, uint64_t t);

 private:
  base::Result<base::Done> CheckWrites(const CommitDraft& draft, std::vector<AppliedWrite>* applied) const;
  base::Result<base::Done> CheckConditions(const CommitDraft& draft) const;
  base::Result<base::Done> CheckClaims(const std::vector<AppliedWrite>& applied) const;
  base::Result<std::optional<uint32_t>> HolderOf(const Claim& claim) const;
  base::Error Taken(const Claim& claim, uint32_t holder) const;

  const ViewWriter& views_;
  const ViewReader& reader_;
  const Indexer& indexer_;
  ChangeWatch& watch_;
  uint32_t next_docid_;

  std::set<std::string, std::less<>> touched_;                       // CurrentKey of what the group writes
  std::map<std::string, std::optional<std::string>> facts_;          // by FactKey
  std::map<Claim, std::optional<uint32_t>> holders_;
  std::map<uint32_t, std::string> new_docids_;                       // "Type/id" of resources that the group makes
};

}  // namespace heyi::store
