#include "server/http/render.h"

#include "base/clock.h"
#include "base/gzip.h"
#include "base/text.h"
#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"
#include "interaction/status.h"
#include "server/http/negotiation.h"

namespace heyi::server {
namespace {

constexpr size_t kPackedBytesMin = 1024;  // below, packing costs more than it saves

}  // namespace

net::Response RenderFhir(interaction::Response response) {
  net::Response http;
  http.status = response.status;
  if (!response.body.empty()) http.headers.emplace_back("Content-Type", MediaType(Format::kJson));
  if (!response.etag.empty()) http.headers.emplace_back("ETag", std::move(response.etag));
  if (response.last_modified_ms != 0) http.headers.emplace_back("Last-Modified", base::FormatHttpDate(response.last_modified_ms));
  if (!response.location.empty()) http.headers.emplace_back("Location", std::move(response.location));
  if (!response.allow.empty()) http.headers.emplace_back("Allow", std::move(response.allow));
  if (response.status == 401) http.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (response.status == 503) http.headers.emplace_back("Retry-After", "1");
  http.headers.emplace_back("X-Content-Type-Options", "nosniff");
  http.headers.emplace_back("Cache-Control", "no-store");
  http.body = std::move(response.body);
  return http;
}

net::Response RenderError(const base::Error& error) { return RenderFhir(interaction::ErrorResponse(error)); }

base::Result<std::string> JsonOfXml(std::string xml, const fhir::Definitions& definitions) {
  HEYI_TRY(tree, fhir::ParseXmlResource(std::move(xml), definitions));
  return fhir::WriteJson(tree);
}

void ToXml(net::Response& http, const fhir::Definitions& definitions) {
  if (http.body.empty()) return;
  const auto tree = fhir::ParseResource(http.body, definitions);
  if (!tree.ok()) return;
  http.body = fhir::WriteXml(*tree);
  for (auto& [name, value] : http.headers) {
    if (name == "Content-Type") value = MediaType(Format::kXml);
  }
}

void Pack(net::Response& http) {
  http.headers.emplace_back("Vary", "Accept-Encoding");
  if (http.body.size() < kPackedBytesMin) return;
  http.body = base::Gzip(http.body);
  http.headers.emplace_back("Content-Encoding", "gzip");
}

void ReadPrefer(std::string_view prefer, interaction::Request& request) {
  std::string lower = base::AsciiLower(prefer);
  for (char& c : lower) {
    if (c == ';') c = ',';
  }
  for (std::string_view part : base::Split(lower, ',')) {
    const std::string_view wish = base::Trim(part);
    if (wish == "return=minimal") request.prefer_return = interaction::ReturnPreference::kMinimal;
    if (wish == "return=representation") request.prefer_return = interaction::ReturnPreference::kRepresentation;
    if (wish == "return=operationoutcome") request.prefer_return = interaction::ReturnPreference::kOutcome;
    if (wish == "handling=lenient") request.lenient = true;
    if (wish == "handling=strict") request.lenient = false;
  }
}

}  // namespace heyi::server
