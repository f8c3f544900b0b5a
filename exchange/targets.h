// What a map may see of the record: current resources through the plan that will change them.
#pragma once

#include "interaction/plan.h"
#include "mapping/pair_map.h"

namespace heyi::exchange {

class PlanTargets : public mapping::TargetSource {
 public:
  explicit PlanTargets(interaction::Plan& plan) : plan_(plan) {}  // outlived by the plan

  base::Result<std::optional<Found>> ById(std::string_view type, std::string_view id) override;
  base::Result<std::optional<Found>> ByIdentifier(std::string_view type, std::string_view system, std::string_view value) override;

  // The id of the Organization that goes by this credit code or insurance code; empty where none does.
  base::Result<std::string> OrganizationOf(std::string_view code);

 private:
  interaction::Plan& plan_;
};

}  // namespace heyi::exchange
