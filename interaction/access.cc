#include "interaction/access.h"

#include <algorithm>

#include "base/digest.h"

namespace heyi::interaction {
namespace {

// Every custody that a resource of the type can be in.
std::vector<policy::Custody> CustodiesOf(std::string_view type) {
  std::vector<policy::Custody> custodies(std::begin(policy::kCustodies), std::end(policy::kCustodies));
  if (policy::MayStandBetween(type)) custodies.insert(custodies.end(), std::begin(policy::kCustodiesBetween), std::end(policy::kCustodiesBetween));
  return custodies;
}

}  // namespace

audit::Leaf StartLeaf(const base::Context& context, const Request& request, std::string_view interaction, audit::Action action) {
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.peer = request.peer;
  leaf.request_id = context.request_id;
  leaf.action = action;
  leaf.interaction = interaction;
  if (!request.query_text.empty()) leaf.query_hash = base::ToHex(base::Sha256(request.query_text));
  return leaf;
}

void NoteResource(audit::Leaf& leaf, std::string_view type, std::string_view id, uint64_t version, audit::Action action,
                  const std::vector<uint64_t>& elders) {
  if (leaf.resources.size() < audit::kLeafResourcesMax) {
    leaf.resources.push_back({std::string(type), std::string(id), version, action});
  } else {
    ++leaf.resources_more;
  }
  for (uint64_t elder : elders) {
    if (std::find(leaf.elders.begin(), leaf.elders.end(), elder) == leaf.elders.end()) leaf.elders.push_back(elder);
  }
}

bool MayRead(const Services& services, const base::Caller& caller, policy::Action action, const fhir::Type& type, uint32_t label) {
  return services.policy.Decide({&caller, action, type.name, static_cast<policy::Custody>(label)}).allowed;
}

store::Visible VisibleTo(const Services& services, const base::Caller& caller, policy::Action action) {
  return [&services, &caller, action](const fhir::Type& type, const store::VersionRecord& record) {
    return MayRead(services, caller, action, type, record.label);
  };
}

bool SeesAll(const Services& services, const base::Caller& caller, policy::Action action, const fhir::Type& type) {
  const std::vector<policy::Custody> custodies = CustodiesOf(type.name);
  return std::all_of(custodies.begin(), custodies.end(), [&](policy::Custody custody) {
    return MayRead(services, caller, action, type, static_cast<uint32_t>(custody));
  });
}

base::Result<base::Done> RequireType(const Services& services, const base::Caller& caller, policy::Action action, std::string_view type,
                                     audit::Leaf& leaf) {
  for (policy::Custody custody : CustodiesOf(type)) {
    const policy::Decision decision = services.policy.Decide({&caller, action, type, custody});
    if (decision.allowed) {
      leaf.agreement = decision.row;
      return base::Done{};
    }
  }
  return base::Error(base::ErrorKind::kForbidden, "interaction.forbidden", {}, type);
}

}  // namespace heyi::interaction
