// FHIR answers as HTTP, and what a client may ask for by headers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "fhir/model/definitions.h"
#include "interaction/request.h"
#include "net/http.h"

namespace heyi::server {

net::Response RenderFhir(interaction::Response response);
net::Response RenderError(const base::Error& error);

// A resource in XML as the JSON that the rooms behind speak. errors  kMalformed fhir.*, xml.*
base::Result<std::string> JsonOfXml(std::string xml, const fhir::Definitions& definitions);
// The other way, for an answer: body and Content-Type. An answer that is no FHIR resource stays as it is.
void ToXml(net::Response& http, const fhir::Definitions& definitions);

// Packs the body with gzip where that pays.
void Pack(net::Response& http);

// Prefer: return=…, handling=…  https://hl7.org/fhir/R4/http.html#ops
void ReadPrefer(std::string_view prefer, interaction::Request& request);

}  // namespace heyi::server
