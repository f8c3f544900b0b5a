#include "store/query/links.h"

#include <algorithm>
#include <functional>

#include "store/query/checker.h"

namespace heyi::store {
namespace {

using base::Result;

constexpr size_t kFewTargets = 64;  // are asked for one by one, as if the query had named them

void SortNames(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

// Recursion follows the links of the query, of which ParseSearch takes kLinksMax.
class LinkResolver {
 public:
  LinkResolver(const SearchOn& on, const Visible& visible) : on_(on), visible_(visible) {}

  Result<std::vector<fhir::Criterion>> ResolveAll(const fhir::Type& type,
                                                  const std::vector<fhir::Criterion>& criteria) {
    std::vector<fhir::Criterion> resolved;
    for (const fhir::Criterion& criterion : criteria) {
      if (!criterion.IsChained()) {
        resolved.push_back(criterion);
        continue;
      }
      HEYI_TRY(one, criterion.via == fhir::Via::kChain ? ResolveChain(criterion) : ResolveHas(type, criterion));
      resolved.push_back(std::move(one));
    }
    return resolved;
  }

 private:
  using Visit = std::function<Result<base::Done>(const Hit& hit, Checker& checker)>;

  // The references to everything that is found at the far end.
  Result<fhir::Criterion> ResolveChain(const fhir::Criterion& chain) {
    std::vector<std::string> targets;
    for (const fhir::LinkedCriterion& linked : chain.linked) {
      HEYI_CHECK(VisitAll(linked, [&targets](const Hit& hit, Checker&) -> Result<base::Done> {
        targets.push_back(hit.type->name + "/" + hit.id);
        return base::Done{};
      }));
    }
    SortNames(targets);
    fhir::Criterion criterion;
    criterion.parameter = chain.parameter;
    if (targets.size() > kFewTargets) {
      criterion.among = std::make_shared<const std::vector<std::string>>(std::move(targets));
      return criterion;
    }
    for (const std::string& target : targets) {
      const size_t slash = target.find('/');
      fhir::CriterionValue value;
      value.value = fhir::ReferenceValue{target.substr(0, slash), target.substr(slash + 1), {}, {}};
      criterion.values.push_back(std::move(value));
    }
    return criterion;
  }

  // The ids of type `type` that what is found at the far end refers to.
  Result<fhir::Criterion> ResolveHas(const fhir::Type& type, const fhir::Criterion& has) {
    fhir::Criterion criterion;
    criterion.parameter = on_.indexer.parameters().Find(type, "_id");
    HEYI_CHECK(VisitAll(has.linked.front(), [&](const Hit& hit, Checker& checker) -> Result<base::Done> {
      HEYI_TRY(tree, checker.ReadBody(hit));
      if (!tree) return base::Done{};
      for (const fhir::SearchValue& value : fhir::ExtractValues(*tree, *has.parameter)) {
        const auto* reference = std::get_if<fhir::ReferenceValue>(&value);
        if (reference != nullptr && reference->type == type.name) criterion.ids.push_back(reference->id);
      }
      return base::Done{};
    }));
    SortNames(criterion.ids);
    if (criterion.ids.size() > kLinkedMax) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
    return criterion;
  }

  Result<base::Done> VisitAll(const fhir::LinkedCriterion& linked, const Visit& visit) {
    fhir::SearchRequest request;
    request.type = linked.type;
    HEYI_TRY(criteria, ResolveAll(*linked.type, {linked.criterion}));
    request.criteria = std::move(criteria);
    Scan scan(on_.reader);
    Checker checker(on_, request, visible_, Effort::kThorough);
    const Candidates candidates = PlanCandidates(scan, request, {});
    for (uint32_t docid = candidates.stream->SeekTo(0); docid != kNoDocid; docid =
         candidates.stream->SeekTo(docid + 1)) {
      HEYI_TRY(hit, checker.Check(docid, candidates));
      if (!hit) continue;
      if (left_ == 0) return base::Error(base::ErrorKind::kTooLarge, "search.too-costly");
      --left_;
      HEYI_CHECK(visit(*hit, checker));
    }
    return scan.Status();
  }

  const SearchOn& on_;
  const Visible& visible_;
  size_t left_ = kLinkedMax;
};

}  // namespace

Result<std::vector<fhir::Criterion>> ResolveLinks(const SearchOn& on, const fhir::Type& type,
                                                  const std::vector<fhir::Criterion>& criteria,
                                                  const Visible& visible) {
  return LinkResolver(on, visible).ResolveAll(type, criteria);
}

}  // namespace heyi::store
