// What a map may see of the record: current resources through the plan that will change them. A Patient that another
// replaces (exchange/identity/links.h) is not what a number means any more: the one that stands for it is found.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "interaction/plan.h"
#include "mapping/pair_map.h"

namespace heyi::exchange {

class PlanTargets : public mapping::TargetSource {
 public:
  enum class Links : uint8_t {
    kFollow,
    kAsTheyStand,  // of messages that are about the links themselves
  };

  PlanTargets(interaction::Plan& plan, Links links) : plan_(plan), links_(links) {}  // outlived by the plan

  base::Result<std::optional<Found>> ById(std::string_view type, std::string_view id) override;
  base::Result<std::optional<Found>> ByIdentifier(std::string_view type, std::string_view system, std::string_view value) override;

  // The id of the Organization that goes by this credit code or insurance code; empty where none does.
  base::Result<std::string> OrganizationOf(std::string_view code);

  // What was asked for and is not there, as WaitFor… names it: what a message that fails may be waiting for.
  const std::vector<std::string>& missed() const { return missed_; }
  // Ids of Patients that were reached through a replaced one.
  const std::set<std::string>& followed() const { return followed_; }

 private:
  base::Result<std::optional<Found>> Standing(std::string_view type, std::string_view id);
  void Miss(std::string wait);

  interaction::Plan& plan_;
  const Links links_;
  std::vector<std::string> missed_;
  std::set<std::string> followed_;
};

// "Patient|urn:oid:…|3101…", "ServiceRequest/<id>"
std::string WaitForIdentifier(std::string_view type, std::string_view system, std::string_view value);
std::string WaitForId(std::string_view type, std::string_view id);

// In a search value, the characters that mean something there are escaped.
std::string EscapedSearchValue(std::string_view text);

// Ids of current resources that match, the plan's own writes included; at most `limit`.
base::Result<std::vector<std::string>> FindIds(const interaction::Plan& plan, std::string_view type_name, const interaction::Query& query, size_t limit);

}  // namespace heyi::exchange
