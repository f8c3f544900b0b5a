// What effects are made of: operations run inside the message's plan, and the referral Tasks they find.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "interaction/plan.h"

namespace heyi::exchange {

// A Parameters resource, built up. Empty values are left out.
class ParameterList {
 public:
  explicit ParameterList(const fhir::Definitions& definitions);
  void Code(std::string_view name, std::string_view value) { Add(name, "valueCode", value); }
  void Time(std::string_view name, std::string_view value) { Add(name, "valueDateTime", value); }
  void Reference(std::string_view name, std::string_view reference);
  const fhir::Tree& tree() const { return tree_; }

 private:
  fhir::NodeIndex Item(std::string_view name);
  void Add(std::string_view name, std::string_view member, std::string_view value);

  fhir::Tree tree_;
  fhir::NodeIndex list_;
};

// Runs `Type/$name`, or `Type/id/$name`, inside the plan.
base::Result<base::Done> RunOperation(interaction::Plan& plan, std::string_view type_name, std::string_view name, std::string_view id,
                                      const fhir::Tree& parameters);

// Ids of Tasks that match, at most ten.
base::Result<std::vector<std::string>> FindTasks(const interaction::Plan& plan, const interaction::Query& query);

}  // namespace heyi::exchange
