// $translate: from a code to those that a concept map gives for it, or back. Maps of R4 (equivalence, read from the source
// to the target) and of R5 (relationship) are both understood. https://hl7.org/fhir/R4/conceptmap-operation-translate.html
#include <algorithm>
#include <set>

#include "conformance/limits.h"
#include "conformance/terminology/issues.h"
#include "conformance/terminology/terminology.h"

namespace heyi::conformance {
namespace {

using base::JsonValue;

struct Relation {
  std::string_view equivalence, relationship, reversed;  // reversed: the equivalence of the way back
};
// R4's equivalence tells how the target stands to the source, R5's relationship how the source stands to the target.
constexpr Relation kRelations[] = {
    {"relatedto", "related-to", "relatedto"},
    {"equivalent", "equivalent", "equivalent"},
    {"equal", "equivalent", "equal"},
    {"wider", "source-is-narrower-than-target", "narrower"},
    {"subsumes", "source-is-narrower-than-target", "specializes"},
    {"narrower", "source-is-broader-than-target", "wider"},
    {"specializes", "source-is-broader-than-target", "subsumes"},
    {"inexact", "related-to", "inexact"},
    {"unmatched", "not-related-to", "unmatched"},
    {"disjoint", "not-related-to", "disjoint"},
};

const Relation& RelationOf(const JsonValue& target) {
  const std::string_view equivalence = target.StringAt("equivalence");
  const std::string_view relationship = target.StringAt("relationship");
  for (const Relation& relation : kRelations) {
    const bool fits = equivalence.empty() ? relation.relationship == relationship && relation.equivalence != "unmatched"
                                          : relation.equivalence == equivalence;
    if (fits) return relation;
  }
  return kRelations[0];
}

const Relation& Reversed(const Relation& relation) {
  return *std::find_if(std::begin(kRelations), std::end(kRelations), [&](const Relation& one) { return one.equivalence == relation.reversed; });
}

std::string_view UrlOfCanonical(std::string_view canonical) { return Canonical::Of(canonical).url; }

// The value set that the map comes from or goes to; R4 and R5 name it differently.
std::string_view Scope(const JsonValue& map, const char* r4, const char* r5) {
  for (const std::string& name : {std::string(r4) + "Uri", std::string(r4) + "Canonical", std::string(r5) + "Uri", std::string(r5) + "Canonical"}) {
    if (const std::string_view value = map.StringAt(name); !value.empty()) return value;
  }
  return {};
}

}  // namespace

class Translation {
 public:
  Translation(const Terminology& terminology, const TranslateRequest& request) : terminology_(terminology), request_(request) {}

  TxAnswer<TranslateResult> Run() {
    std::vector<std::shared_ptr<const JsonValue>> maps;
    if (request_.concept_map != nullptr) {
      maps.push_back(request_.concept_map);
    } else if (!request_.url.empty()) {
      const std::string canonical = request_.version.empty() ? request_.url : request_.url + "|" + request_.version;
      maps.push_back(terminology_.Map(request_.url, request_.version));
      if (maps.back() == nullptr) return issues::MapUnknown(canonical);
    } else {
      std::string last;  // of each map the latest version, which comes first
      for (const CanonicalName& name : terminology_.source().Names("ConceptMap")) {
        if (name.url == last || maps.size() >= kTranslateMapsMax) continue;
        last = name.url;
        maps.push_back(terminology_.Map(name.url, name.version));
      }
    }
    for (const auto& map : maps) {
      if (map != nullptr && InScope(*map)) Look(*map, 0);
    }
    TranslateResult result;
    result.matches = std::move(matches_);
    result.result = std::any_of(result.matches.begin(), result.matches.end(), [](const TranslateMatch& match) {
      return match.equivalence != "unmatched" && match.equivalence != "disjoint";
    });
    if (!result.result) result.message = "No translation was found";
    return result;
  }

 private:
  bool InScope(const JsonValue& map) const {
    const auto fits = [](const std::string& asked, std::string_view has) { return asked.empty() || UrlOfCanonical(asked) == UrlOfCanonical(has); };
    return fits(request_.source_scope, Scope(map, "source", "sourceScope")) && fits(request_.target_scope, Scope(map, "target", "targetScope"));
  }

  void Look(const JsonValue& map, int depth) {
    for (const JsonValue& group : map["group"].items()) {
      const std::string_view source = UrlOfCanonical(group.StringAt("source"));
      const std::string_view target = UrlOfCanonical(group.StringAt("target"));
      const std::string_view from = request_.reverse ? target : source;
      const std::string_view to = request_.reverse ? source : target;
      if (!request_.other_system.empty() && !to.empty() && UrlOfCanonical(request_.other_system) != to) continue;
      for (const TxCoding& coding : request_.codings) {
        if (!coding.system.empty() && !from.empty() && coding.system != from) continue;
        const bool found = request_.reverse ? LookBack(map, group, coding) : LookAhead(map, group, coding);
        if (!found && !request_.reverse) LookUnmapped(map, group, coding, depth);
      }
    }
  }

  bool LookAhead(const JsonValue& map, const JsonValue& group, const TxCoding& coding) {
    bool found = false;
    for (const JsonValue& element : group["element"].items()) {
      if (element.StringAt("code") != coding.code) continue;
      found = true;
      for (const JsonValue& target : element["target"].items()) Add(map, group, element, target, RelationOf(target));
    }
    return found;
  }

  bool LookBack(const JsonValue& map, const JsonValue& group, const TxCoding& coding) {
    bool found = false;
    for (const JsonValue& element : group["element"].items()) {
      for (const JsonValue& target : element["target"].items()) {
        if (target.StringAt("code") != coding.code) continue;
        found = true;
        Add(map, group, element, target, Reversed(RelationOf(target)));
      }
    }
    return found;
  }

  void LookUnmapped(const JsonValue& map, const JsonValue& group, const TxCoding& coding, int depth) {
    const JsonValue& unmapped = group["unmapped"];
    const std::string_view mode = unmapped.StringAt("mode");
    if (mode == "fixed" || mode == "provided" || mode == "use-source-code") {
      JsonValue element = JsonValue::Object(), target = JsonValue::Object();
      element.Set("code", JsonValue::OfString(coding.code));
      target.Set("code", JsonValue::OfString(mode == "fixed" ? unmapped.StringAt("code") : std::string_view(coding.code)));
      if (mode == "fixed") target.Set("display", JsonValue::OfString(unmapped.StringAt("display")));
      const std::string_view relationship = unmapped.StringAt("relationship");
      target.Set("relationship", JsonValue::OfString(!relationship.empty() ? relationship : mode == "fixed" ? "related-to" : "equivalent"));
      Add(map, group, element, target, RelationOf(target));
    } else if (mode == "other-map" && depth < kOtherMapsMax) {
      const std::string_view url = unmapped.StringAt("url").empty() ? unmapped.StringAt("otherMap") : unmapped.StringAt("url");
      const Canonical canonical = Canonical::Of(url);
      if (!others_.insert(std::string(url)).second) return;  // each once, whatever circles they make
      if (const auto other = terminology_.Map(std::string(canonical.url), std::string(canonical.version))) Look(*other, depth + 1);
    }
  }

  void Add(const JsonValue& map, const JsonValue& group, const JsonValue& element, const JsonValue& target, const Relation& relation) {
    if (matches_.size() >= kTranslateMatchesMax) return;
    TranslateMatch match;
    match.equivalence = relation.equivalence;
    match.relationship = relation.relationship;
    match.source = {std::string(UrlOfCanonical(group.StringAt("source"))), std::string(group.StringAt("sourceVersion")), std::string(element.StringAt("code")),
                    std::string(element.StringAt("display"))};
    match.target = {std::string(UrlOfCanonical(group.StringAt("target"))), std::string(group.StringAt("targetVersion")), std::string(target.StringAt("code")),
                    std::string(target.StringAt("display"))};
    match.map = CanonicalOf(map);
    match.comment = target.StringAt("comment");
    matches_.push_back(std::move(match));
  }

  const Terminology& terminology_;
  const TranslateRequest& request_;
  std::vector<TranslateMatch> matches_;
  std::set<std::string> others_;
};

TxAnswer<TranslateResult> Terminology::Translate(const TranslateRequest& request) const {
  if (request.codings.empty()) return issues::Incomplete("a code: code and system, coding or codeableConcept");
  return Translation(*this, request).Run();
}

}  // namespace heyi::conformance
