// What the parts of the query parser (parse_*.cc) share: what has gone wrong so far, and how much may still be asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/search/kinds.h"

namespace heyi::fhir {

// What is wrong with a query, gathered under the name of the parameter at hand.
class Refusals {
 public:
  explicit Refusals(bool lenient) : lenient_(lenient) {}

  void Begin(std::string_view name);  // of the parameter that the following is about
  void Refuse(std::string_view rule, std::string_view detail);
  // Of what lenient handling may leave out: a warning there.
  void RefuseOrIgnore(std::string_view rule, std::string_view detail);
  void TooCostly(std::string_view limit);

  const std::string& name() const { return name_; }
  size_t count() const { return refused_.issues().size() + costly_.issues().size() + ignored_.issues().size(); }
  const base::Outcome& refused() const { return refused_; }
  const base::Outcome& costly() const { return costly_; }
  const base::Outcome& ignored() const { return ignored_; }
  bool clean() const { return refused_.empty() && costly_.empty(); }
  void Append(const Refusals& others);

 private:
  bool lenient_;
  std::string name_;  // cut to what an issue shows
  base::Outcome refused_, costly_, ignored_;
};

struct Parsing {
  const SearchParameters& parameters;
  Refusals& refusals;
  size_t linked_left = kLinkedCriteriaMax;  // criteria on other resources that this query may still have
};

// "name:exact=x", "subject:Patient.name=x", "_has:Observation:patient:code=x" on `type`; nullopt where that was refused
// or ignored. `links` counts the links that lead here.
std::optional<Criterion> ParseCriterion(Parsing& parsing, const Type& type, std::string_view name,
                                        std::string_view value, size_t links);

// Names that go over other resources.
bool IsLinkName(std::string_view name);
std::optional<Criterion> ParseLink(Parsing& parsing, const Type& type, std::string_view name, std::string_view value,
                                   size_t links);

// ---- parameters that say how to answer, not what to find ----
void ReadSort(Parsing& parsing, std::string_view value, SearchRequest& request);
void ReadCount(Parsing& parsing, std::string_view value, SearchRequest& request);
void ReadTotal(Parsing& parsing, std::string_view value, SearchRequest& request);
void ReadSummary(Parsing& parsing, std::string_view value, SearchRequest& request);
void ReadElements(Parsing& parsing, std::string_view value, SearchRequest& request);
// `name` is _include, _revinclude, either with a modifier. False where it was refused or ignored.
bool IsIncludeName(std::string_view name);
bool ReadInclude(Parsing& parsing, std::string_view name, std::string_view value, SearchRequest& request);

}  // namespace heyi::fhir
