// A Binary is what it holds: its bytes leave as they are, under their own content type, and raw bytes become one.
// https://hl7.org/fhir/R4/binary.html#rest
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interaction/request.h"
#include "net/http.h"

namespace heyi::server {

// May a body that is no FHIR be sent there? To a Binary's address by POST and PUT, and wherever PATCH goes.
bool TakesOtherBodies(std::string_view method, const std::vector<std::string>& segments);

// Does such a read want the bytes? Where neither `_format` nor the Accept header names a FHIR format.
bool WantsContent(const net::Request& request, const std::vector<std::string>& segments,
                  const interaction::Query& query);

// Makes the answer, a Binary in JSON, the bytes in it: to be saved and not shown, because they may be a script. Stays as
// it is where it is no Binary, or one without readable data.
void ToContent(net::Response& http);

}  // namespace heyi::server
