// What a client sends and what it wants back: formats and codings. https://hl7.org/fhir/R4/http.html#mime-type
#pragma once

#include <optional>
#include <string_view>

namespace heyi::server {

enum class Format : unsigned char { kJson, kXml };

std::string_view MediaType(Format format);  // "application/fhir+json; charset=utf-8"

// The format to answer in, by the `_format` parameter or else the Accept header, in its order of preference; JSON where
// both are absent. nullopt: none of ours is acceptable.
std::optional<Format> AcceptedFormat(std::string_view accept, std::string_view format_parameter);

// Does the header name one of our formats, whatever else it names?
bool NamesFormat(std::string_view accept);

// The format of a body; nullopt: none that is taken, or not in UTF-8.
std::optional<Format> ContentFormat(std::string_view content_type);

bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace heyi::server
