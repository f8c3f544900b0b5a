// FHIR answers as HTTP, and what a client may ask for by headers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "interaction/request.h"
#include "net/http.h"

namespace heyi::server {

net::Response RenderFhir(interaction::Response response);
net::Response RenderError(const base::Error& error);

// Accept and _format: may JSON leave? https://hl7.org/fhir/R4/http.html#mime-type
bool AcceptsJson(std::string_view accept, std::string_view format_parameter);
// Content-Type: is the body JSON in UTF-8?
bool IsJsonContent(std::string_view content_type);

// Prefer: return=…, handling=…  https://hl7.org/fhir/R4/http.html#ops
void ReadPrefer(std::string_view prefer, interaction::Request& request);

}  // namespace heyi::server
