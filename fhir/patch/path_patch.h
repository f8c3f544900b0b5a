// FHIRPath Patch: a Parameters resource of operations on what expressions select.
// https://hl7.org/fhir/R4/fhirpatch.html
#pragma once

#include "base/result.h"
#include "fhir/model/tree.h"
#include "fhir/patch/limits.h"
#include "fhir/path/path.h"

namespace heyi::fhir {

// `resource` after all operations of `patch`, in order, read again strictly. What loses its last content goes with it.
//
//   errors  kMalformed patch.parameters, patch.member, patch.operation, path.*: this is no FHIRPath Patch
//           kInvalid   patch.no-target, patch.several, patch.not-element, patch.not-list, patch.already-there,
//                      patch.no-property, patch.value, patch.index: it does not fit the resource;
//                      fhir.*: what came out is no FHIR
//           kTooLarge  patch.too-costly
//   Issues of the patch have the operation's place in it as their expression.
base::Result<Tree> ApplyPathPatch(Tree resource, const Tree& patch, const Definitions& definitions,
                                  const EvalContext& context, const PatchLimits& limits = {});

}  // namespace heyi::fhir
