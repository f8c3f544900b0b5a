// XML Patch: add, replace and remove on the nodes that selectors name. https://www.rfc-editor.org/rfc/rfc5261 (the
// operations), https://www.rfc-editor.org/rfc/rfc7351 (the media type), https://hl7.org/fhir/R4/http.html#patch
//
// The document of operations is an element `diff` or `patch`, in no namespace, in FHIR's or in that of RFC 7351, and
// its operations are in the same. White space around the one node that replaces another says nothing.
#pragma once

#include <string_view>

#include "base/result.h"
#include "fhir/model/tree.h"
#include "fhir/patch/limits.h"
#include "fhir/patch/xml_nodes.h"

namespace heyi::fhir {

// `document` after all operations of `patch`, in order. Nothing is known of FHIR: the result may be anything.
//
//   errors  kMalformed patch.xml-body, patch.operation, patch.member, patch.xml-attribute, patch.xml-selector,
//           patch.xml-prefix: this is no XML Patch
//           kInvalid   patch.no-target, patch.several, patch.already-there, patch.xml-nodes, patch.xml-root,
//                      patch.xml-white-space, patch.xml-namespace: it does not fit the document
//           kTooLarge  patch.too-costly
//   The detail of an issue tells which operation, counted from 0.
base::Result<PatchNode> ApplyXmlPatch(PatchNode document, const PatchNode& patch, const PatchLimits& limits = {});

// `resource` after `patch`, which works on its XML form; read again strictly.
//
//   errors  as above; kMalformed xml.*: `patch` is no XML; kInvalid patch.xml-form: the resource cannot be written as XML
//           without loss; kInvalid fhir.*, xml.*: what came out is no FHIR
base::Result<Tree> ApplyXmlPatch(const Tree& resource, std::string_view patch, const Definitions& definitions,
                                 const PatchLimits& limits = {});

}  // namespace heyi::fhir
