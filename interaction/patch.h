// What PATCH and a PATCH entry of a Bundle share: the patch as it was sent, and the resource that comes of it.
// https://hl7.org/fhir/R4/http.html#patch
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "fhir/model/tree.h"
#include "interaction/plan.h"
#include "interaction/request.h"

namespace heyi::interaction {

// Media types of patches that are taken; a FHIRPath Patch comes as FHIR.
std::span<const std::string_view> PatchFormats();

// The current resource after the patch in `request` (its body by content_type, or its resource: Parameters, or a Binary
// with the patch in it), where If-Match holds. Nothing is written. Takes the patch out of the request.
//
//   errors  kNotFound, kGone for what is not there, also where the caller may not read it; kForbidden where it may not
//           write it; kPrecondition; kUnsupported interaction.patch-format; kMalformed, kInvalid, kTooLarge patch.*,
//           json.*, xml.*, path.*, fhir.*; kInvalid interaction.patch-identity: another id or type
base::Result<fhir::Tree> Patched(const Plan& plan, const fhir::Type& type, std::string_view id, Request& request);

}  // namespace heyi::interaction
