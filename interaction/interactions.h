// The interactions, one file each, and the table that routes and capabilities are made from.
// https://hl7.org/fhir/R4/http.html
#pragma once

#include <span>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "interaction/request.h"
#include "interaction/services.h"

namespace heyi::interaction {

struct Call {
  const Services& services;
  const base::Context& context;
  Request& request;
  const fhir::Type* type = nullptr;  // null at system level
  std::string id;                    // instance level
};

using Interaction = base::Result<Step> (*)(Call& call);

base::Result<Step> Capabilities(Call& call);        // capabilities.cc
base::Result<Step> Read(Call& call);                // read.cc
base::Result<Step> VersionRead(Call& call);         // read.cc
base::Result<Step> InstanceHistory(Call& call);     // history.cc
base::Result<Step> TypeHistory(Call& call);         // history_feed.cc
base::Result<Step> SystemHistory(Call& call);       // history_feed.cc
base::Result<Step> SearchType(Call& call);          // search.cc
base::Result<Step> SearchCompartment(Call& call);   // search.cc
base::Result<Step> SearchSystem(Call& call);        // search_system.cc
base::Result<Step> SearchWholeCompartment(Call& call);  // search_system.cc
base::Result<Step> Create(Call& call);              // create.cc
base::Result<Step> Update(Call& call);              // update.cc
base::Result<Step> ConditionalUpdate(Call& call);   // update.cc
base::Result<Step> Patch(Call& call);               // patch.cc
base::Result<Step> ConditionalPatch(Call& call);    // patch.cc
base::Result<Step> Delete(Call& call);              // delete.cc
base::Result<Step> ConditionalDelete(Call& call);   // delete.cc
base::Result<Step> ProcessBundle(Call& call);       // bundle.cc: transaction or batch
base::Result<Step> RunOperation(Call& call);        // run_operation.cc
base::Result<Step> ReadAuditEvent(Call& call);      // audit_events.cc
base::Result<Step> SearchAuditEvents(Call& call);   // audit_events.cc

// The shape of an address below the base.
enum class Shape : uint8_t {
  kBase,               // /
  kMetadata,           // /metadata
  kType,               // /Patient
  kSystemHistory,      // /_history
  kTypeSearch,         // /Patient/_search
  kTypeHistory,        // /Patient/_history
  kInstance,           // /Patient/1
  kInstanceHistory,    // /Patient/1/_history
  kVersion,            // /Patient/1/_history/2
  kCompartment,        // /Patient/1/Observation
  kCompartmentSearch,  // /Patient/1/Observation/_search
  kSystemSearch,       // /_search
};

struct Route {
  std::string_view method;
  Shape shape;
  std::string_view code;   // http://hl7.org/fhir/restful-interaction
  Interaction interaction;
};

std::span<const Route> Routes();  // dispatch.cc

}  // namespace heyi::interaction
