#include "interaction/includes.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.h"
#include "interaction/limits.h"

namespace heyi::interaction {
namespace {

using base::Done;
using base::Result;
using fhir::Include;
using fhir::SearchParameter;
using store::Hit;

base::Error TooCostly() { return base::Error(base::ErrorKind::kTooLarge, "search.too-costly", {},
                                             "_include, _revinclude"); }

bool MayPointTo(const SearchParameter& parameter, const fhir::Type& type) {
  return parameter.targets.empty() || std::find(parameter.targets.begin(), parameter.targets.end(),
                                                type.name) != parameter.targets.end();
}

class Includer {
 public:
  Includer(const Services& services, const store::Snapshot& snapshot, const store::Visible& visible)
      : services_(services), snapshot_(snapshot), visible_(visible) {}

  Result<std::vector<Hit>> Run(const std::vector<Include>& includes, const std::vector<Hit>& matches) {
    for (const Hit& match : matches) known_.insert(KeyOf(match));
    size_t begin = 0;
    for (int round = 0; round < kIncludeRoundsMax; ++round) {
      const std::vector<Hit> sources = round == 0 ? matches
          : std::vector<Hit>(found_.begin() + static_cast<std::ptrdiff_t>(begin), found_.end());
      if (sources.empty()) return std::move(found_);
      begin = found_.size();
      for (const Include& include : includes) {
        if (round > 0 && !include.iterate) continue;
        HEYI_CHECK(include.reverse ? FollowBack(include, sources) : Follow(include, sources));
      }
    }
    return std::move(found_);
  }

 private:
  using Key = std::tuple<const fhir::Type*, std::string, uint64_t>;
  static Key KeyOf(const Hit& hit) { return {hit.type, hit.id, hit.record.version}; }

  Result<Done> Add(Hit hit) {
    if (hit.record.deleted || (visible_ && !visible_(*hit.type, hit.record)) ||
        !known_.insert(KeyOf(hit)).second) return Done{};
    if (found_.size() == kIncludesMax) return TooCostly();
    found_.push_back(std::move(hit));
    return Done{};
  }

  std::vector<const SearchParameter*> ParametersOf(const Include& include, const fhir::Type& source) const {
    if (include.parameter != nullptr) return {include.parameter};
    std::vector<const SearchParameter*> parameters;
    for (const SearchParameter* parameter : services_.parameters->Of(source)) {
      if (parameter->type == fhir::SearchType::kReference && parameter->indexed()) parameters.push_back(parameter);
    }
    return parameters;
  }

  // ---- _include ----

  Result<Done> Follow(const Include& include, const std::vector<Hit>& sources) {
    for (const Hit& source : sources) {
      if (include.source != nullptr && include.source != source.type) continue;
      auto tree = snapshot_.Tree(source.record);
      if (!tree.ok() && tree.error().kind == base::ErrorKind::kGone) continue;  // erased
      if (!tree.ok()) return std::move(tree).error();
      for (const SearchParameter* parameter : ParametersOf(include, *source.type)) {
        for (const fhir::SearchValue& value : fhir::ExtractValues(*tree, *parameter)) {
          HEYI_CHECK(AddTarget(include, std::get<fhir::ReferenceValue>(value)));
        }
      }
    }
    return Done{};
  }

  // A reference that names a version means that version.
  Result<Done> AddTarget(const Include& include, const fhir::ReferenceValue& reference) {
    const fhir::Type* type = services_.definitions().FindResource(reference.type);
    if (type == nullptr || (include.target != nullptr && include.target != type)) return Done{};
    uint64_t version = 0;
    if (!reference.version.empty() && !base::ParseUnsigned(reference.version, &version)) return Done{};
    HEYI_TRY(record, version > 0 ? snapshot_.Version(*type, reference.id, version) : snapshot_.Current(*type,
                                                                                                       reference.id));
    if (!record) return Done{};
    return Add({type, reference.id, std::move(*record)});
  }

  // ---- _revinclude ----

  Result<Done> FollowBack(const Include& include, const std::vector<Hit>& targets) {
    if (include.source != nullptr) return SearchBack(include, *include.source, targets);
    for (const fhir::Type* source : services_.definitions().resources()) HEYI_CHECK(SearchBack(include, *source,
                                                                                               targets));
    return Done{};
  }

  Result<Done> SearchBack(const Include& include, const fhir::Type& source, const std::vector<Hit>& targets) {
    for (const SearchParameter* parameter : ParametersOf(include, source)) {
      fhir::Criterion criterion;
      criterion.parameter = parameter;
      for (const Hit& target : targets) {
        if ((include.target != nullptr && include.target != target.type) || !MayPointTo(*parameter,
                                                                                        *target.type)) continue;
        fhir::CriterionValue value;
        value.value = fhir::ReferenceValue{target.type->name, target.id, {}, {}};
        criterion.values.push_back(std::move(value));
        if (criterion.values.size() == fhir::kOrValuesMax) HEYI_CHECK(AddReferring(source, &criterion));
      }
      HEYI_CHECK(AddReferring(source, &criterion));
    }
    return Done{};
  }

  // Everything of type `source` that refers to one of the criterion's values, which are used up.
  Result<Done> AddReferring(const fhir::Type& source, fhir::Criterion* criterion) {
    if (criterion->values.empty()) return Done{};
    lookups_ += criterion->values.size();
    if (lookups_ > kIncludeLookupsMax) return TooCostly();
    fhir::SearchRequest request;
    request.type = &source;
    request.count = fhir::kCountMax;
    request.criteria.push_back(*criterion);
    criterion->values.clear();
    store::PagePosition position{snapshot_.t(), {}};
    for (;;) {
      HEYI_TRY(page, snapshot_.Search(request, visible_, position));
      for (Hit& hit : page.hits) HEYI_CHECK(Add(std::move(hit)));
      if (!page.next) return Done{};
      position = *page.next;
    }
  }

  const Services& services_;
  const store::Snapshot& snapshot_;
  const store::Visible& visible_;
  std::set<Key> known_;
  std::vector<Hit> found_;
  size_t lookups_ = 0;
};

}  // namespace

Result<std::vector<Hit>> FindIncludes(const Services& services, const store::Snapshot& snapshot,
                                      const std::vector<Include>& includes,
                                      const std::vector<Hit>& matches, const store::Visible& visible) {
  if (includes.empty()) return std::vector<Hit>();
  return Includer(services, snapshot, visible).Run(includes, matches);
}

}  // namespace heyi::interaction
