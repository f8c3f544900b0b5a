// FHIR answers as HTTP, and what a client may ask for by headers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "interaction/request.h"
#include "net/http.h"

namespace heyi::server {

net::Response RenderFhir(interaction::Response response);
net::Response RenderError(const base::Error& error);

// Packs the body with gzip where that pays.
void Pack(net::Response& http);

// Prefer: return=…, handling=…  https://hl7.org/fhir/R4/http.html#ops
void ReadPrefer(std::string_view prefer, interaction::Request& request);

}  // namespace heyi::server
