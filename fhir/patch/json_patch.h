// JSON Patch (RFC 6902) on any JSON. https://www.rfc-editor.org/rfc/rfc6902 and https://hl7.org/fhir/R4/http.html#patch
#pragma once

#include "base/json/value.h"
#include "base/result.h"
#include "fhir/patch/limits.h"

namespace heyi::fhir {

// `document` after all operations of `patch`, in order; numbers are the same by value.
//
//   errors  kMalformed: patch.body, patch.operation, patch.member, patch.pointer, patch.into-itself: this is no
//           JSON Patch
//           kInvalid: patch.no-target, patch.index, patch.test-failed: it does not fit the document
//           kTooLarge patch.too-costly
//   The detail of an issue tells which operation. Nothing is known of FHIR: the result may be anything.
base::Result<base::JsonValue> ApplyJsonPatch(base::JsonValue document, const base::JsonValue& patch,
                                             const PatchLimits& limits = {});

}  // namespace heyi::fhir
