// The rules between a group's braces. https://build.fhir.org/ig/HL7/mapping-language-ig/fml.html#rules
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "mapping/fml/expression.h"

namespace heyi::mapping {

// Names with dots between: `a.b`; of each whether it stood in backticks is told no more.
base::Result<std::vector<std::string>> TakeQualified(FmlCursor& cursor, std::string_view expected);
// One name.
base::Result<std::string> TakeName(FmlCursor& cursor, std::string_view expected);

class FmlRuleParser {
 public:
  // All of these outlive it; broken rules go to `outcome`, and the parser goes on behind them.
  FmlRuleParser(FmlCursor& cursor, const std::vector<FmlRemark>& remarks, base::Outcome& outcome)
      : cursor_(cursor), remarks_(remarks), outcome_(outcome) {}

  // Rules up to the closing brace, which is taken.
  base::Result<std::vector<StructureMap::Rule>> Rules(size_t depth);

  // The remark behind the token just taken, where nothing else follows on its line.
  std::string RemarkBehind() const;

 private:
  using Rule = StructureMap::Rule;

  base::Result<base::Done> OneRule(std::vector<Rule>& rules, size_t depth);
  base::Result<StructureMap::Source> Source();
  base::Result<bool> SourceClause(StructureMap::Source& source);
  base::Result<std::string> Condition();
  base::Result<std::string> Default();
  base::Result<StructureMap::Target> Target();
  base::Result<base::Done> Transform(StructureMap::Target& target);
  base::Result<base::Done> Invocation(std::string& name, std::vector<StructureMap::Parameter>& parameters);
  base::Result<base::Done> Dependents(Rule& rule, size_t depth);
  base::Result<base::Done> End(std::string& name, std::string& documentation);
  base::Result<base::Done> Batch(const Rule& rule, std::vector<Rule>& rules);
  void SkipBroken();

  FmlCursor& cursor_;
  const std::vector<FmlRemark>& remarks_;
  base::Outcome& outcome_;
};

}  // namespace heyi::mapping
