#include "server/http/render.h"

#include <fmt/format.h>

#include "base/text.h"
#include "interaction/status.h"

namespace heyi::server {
namespace {

constexpr std::string_view kFhirJson = "application/fhir+json; charset=utf-8";
constexpr std::string_view kJsonTypes[] = {"application/fhir+json", "application/json", "application/json+fhir", "text/json"};

bool IsJsonType(std::string_view media_type) {
  for (std::string_view known : kJsonTypes) {
    if (media_type == known) return true;
  }
  return false;
}

// IMF-fixdate, https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
std::string HttpDate(base::TimeMs ms) {
  constexpr std::string_view kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970-01-01 was a Thursday
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int64_t seconds = ms / 1000;
  const int64_t days = seconds / 86'400;
  const base::CivilDate date = base::CivilFromDays(days);
  const int64_t rest = seconds % 86'400;
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[days % 7], date.day, kMonths[date.month - 1], date.year, rest / 3600,
                     rest / 60 % 60, rest % 60);
}

}  // namespace

net::Response RenderFhir(interaction::Response response) {
  net::Response http;
  http.status = response.status;
  if (!response.body.empty()) http.headers.emplace_back("Content-Type", kFhirJson);
  if (!response.etag.empty()) http.headers.emplace_back("ETag", std::move(response.etag));
  if (response.last_modified_ms != 0) http.headers.emplace_back("Last-Modified", HttpDate(response.last_modified_ms));
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

bool AcceptsJson(std::string_view accept, std::string_view format_parameter) {
  if (!format_parameter.empty()) {
    const std::string format = base::AsciiLower(format_parameter.substr(0, format_parameter.find(';')));
    // A '+' in an unescaped query has become a space by now.
    return format == "json" || format == "application/fhir json" || IsJsonType(base::Trim(format));
  }
  if (accept.empty()) return true;
  for (std::string_view range : base::Split(accept, ',')) {
    const std::string type = base::AsciiLower(base::Trim(range.substr(0, range.find(';'))));
    const bool refused = range.find("q=0") != std::string_view::npos && range.find("q=0.") == std::string_view::npos;
    if (!refused && (type == "*/*" || type == "application/*" || IsJsonType(type))) return true;
  }
  return false;
}

bool IsJsonContent(std::string_view content_type) {
  if (content_type.empty()) return false;
  const std::string lower = base::AsciiLower(content_type);
  const std::vector<std::string_view> parts = base::Split(lower, ';');
  if (!IsJsonType(base::Trim(parts[0]))) return false;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = base::Trim(parts[i]);
    if (parameter.starts_with("charset=")) {
      const std::string_view charset = parameter.substr(8);
      if (charset != "utf-8" && charset != "\"utf-8\"" && charset != "utf8") return false;
    }
  }
  return true;
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
