#include "server/http/negotiation.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/text.h"

namespace heyi::server {
namespace {

struct Known {
  std::string_view media_type;
  Format format;
};
constexpr Known kKnownTypes[] = {
    {"application/fhir+json", Format::kJson}, {"application/json", Format::kJson},     {"application/json+fhir", Format::kJson},
    {"text/json", Format::kJson},             {"application/fhir+xml", Format::kXml},  {"application/xml", Format::kXml},
    {"application/xml+fhir", Format::kXml},   {"text/xml", Format::kXml},
};

std::optional<Format> FormatOf(std::string_view media_type) {
  for (const Known& known : kKnownTypes) {
    if (known.media_type == media_type) return known.format;
  }
  return std::nullopt;
}

// One range of an Accept header: "application/fhir+json;q=0.9".
struct Range {
  std::string type;
  double quality = 1;
};

Range ReadRange(std::string_view text) {
  Range range;
  const std::vector<std::string_view> parts = base::Split(text, ';');
  range.type = base::AsciiLower(base::Trim(parts[0]));
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = base::Trim(parts[i]);
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) range.quality = std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
  }
  return range;
}

}  // namespace

std::string_view MediaType(Format format) {
  return format == Format::kJson ? "application/fhir+json; charset=utf-8" : "application/fhir+xml; charset=utf-8";
}

std::optional<Format> AcceptedFormat(std::string_view accept, std::string_view format_parameter) {
  if (!format_parameter.empty()) {
    std::string format = base::AsciiLower(base::Trim(format_parameter.substr(0, format_parameter.find(';'))));
    if (format == "json") return Format::kJson;
    if (format == "xml") return Format::kXml;
    std::replace(format.begin(), format.end(), ' ', '+');  // a '+' in an unescaped query has become a space by now
    return FormatOf(format);
  }
  if (base::Trim(accept).empty()) return Format::kJson;
  std::optional<Format> best;
  double best_quality = 0;
  for (const std::string_view text : base::Split(accept, ',')) {
    const Range range = ReadRange(text);
    std::optional<Format> format = FormatOf(range.type);
    if (!format && (range.type == "*/*" || range.type == "application/*")) format = Format::kJson;
    if (format && range.quality > best_quality) {
      best = format;
      best_quality = range.quality;
    }
  }
  return best;
}

bool NamesFormat(std::string_view accept) {
  const std::vector<std::string_view> ranges = base::Split(accept, ',');
  return std::any_of(ranges.begin(), ranges.end(), [](std::string_view text) {
    const Range range = ReadRange(text);
    return range.quality > 0 && FormatOf(range.type).has_value();
  });
}

std::optional<Format> ContentFormat(std::string_view content_type) {
  const std::string lower = base::AsciiLower(content_type);
  const std::vector<std::string_view> parts = base::Split(lower, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = base::Trim(parts[i]);
    if (!parameter.starts_with("charset=")) continue;
    const std::string_view charset = parameter.substr(8);
    if (charset != "utf-8" && charset != "\"utf-8\"" && charset != "utf8") return std::nullopt;
  }
  return FormatOf(base::Trim(parts[0]));
}

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  for (const std::string_view text : base::Split(accept_encoding, ',')) {
    const Range coding = ReadRange(text);
    if (coding.type == "gzip" || coding.type == "x-gzip") return coding.quality > 0;
    if (coding.type == "*") any = coding.quality > 0;
  }
  return any;
}

}  // namespace heyi::server
