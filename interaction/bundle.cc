// POST [base]: a Bundle of requests. https://hl7.org/fhir/R4/http.html#transaction
#include "interaction/bundle.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/json/value.h"
#include "base/text.h"
#include "interaction/body.h"
#include "interaction/limits.h"
#include "interaction/url.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

Error EntryError(const BundleEntry& entry, std::string_view rule, std::string_view detail) {
  return Error(ErrorKind::kMalformed, rule, entry.expression(), detail);
}

base::Result<base::Done> ReadUrl(const Services& services, BundleEntry& entry, std::string_view url) {
  if (url.starts_with(services.base_url)) {
    url.remove_prefix(services.base_url.size());
    if (url.starts_with('/')) url.remove_prefix(1);
  }
  if (url.find("://") != std::string_view::npos || url.starts_with('/')) return EntryError(entry, "interaction.entry-url", url);
  const size_t mark = url.find('?');
  if (mark != std::string_view::npos) {
    HEYI_TRY(query, DecodeQuery(url.substr(mark + 1)));
    entry.request.query = std::move(query);
    entry.request.query_text = url.substr(mark + 1);
  }
  for (std::string_view part : base::Split(url.substr(0, mark), '/')) {
    HEYI_TRY(segment, DecodePercent(part));
    if (segment.empty() || segment == "." || segment == "..") return EntryError(entry, "interaction.entry-url", url);
    entry.request.segments.push_back(std::move(segment));
  }
  return base::Done{};
}

}  // namespace

std::string BundleEntry::expression() const { return fmt::format("Bundle.entry[{}]", position); }

base::Result<std::vector<BundleEntry>> ReadEntries(const Services& services, const fhir::Tree& bundle, const Request& outer) {
  std::vector<BundleEntry> entries;
  const fhir::Node list = bundle.root().Member("entry");
  if (!list) return entries;
  for (fhir::Node item = list.first_child(); item; item = item.next()) {
    if (entries.size() == kBundleEntriesMax) {
      return Error(ErrorKind::kTooLarge, "interaction.bundle-size", "Bundle.entry", fmt::format("{}", kBundleEntriesMax));
    }
    BundleEntry entry;
    entry.position = entries.size();
    entry.full_url = item.TextAt("fullUrl");
    const fhir::Node asked = item.Member("request");
    if (!asked || asked.TextAt("method").empty() || asked.TextAt("url").empty()) {
      return EntryError(entry, "interaction.entry-request", {});
    }
    Request& request = entry.request;
    request.method = asked.TextAt("method");
    if (std::find(std::begin(kMethods), std::end(kMethods), request.method) == std::end(kMethods)) {
      return EntryError(entry, "interaction.entry-method", request.method);
    }
    request.if_match = asked.TextAt("ifMatch");
    request.if_none_match = asked.TextAt("ifNoneMatch");
    request.if_none_exist = asked.TextAt("ifNoneExist");
    request.prefer_return = outer.prefer_return;
    request.lenient = outer.lenient;
    request.peer = outer.peer;
    HEYI_CHECK(ReadUrl(services, entry, asked.TextAt("url")));
    if (const fhir::Node resource = item.Member("resource")) {
      request.resource = fhir::Tree::CopyOf(resource);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string EntryJson(const Response& response, bool with_body) {
  std::string out = "{";
  const bool outcome = response.status >= 400;
  if (!response.body.empty() && with_body && !outcome) out.append("\"resource\":").append(response.body).append(",");
  out.append(fmt::format(R"("response":{{"status":"{}")", response.status));
  if (!response.location.empty()) {
    out += ",\"location\":";
    base::AppendJsonString(out, response.location);
  }
  if (!response.etag.empty()) {
    out += ",\"etag\":";
    base::AppendJsonString(out, response.etag);
  }
  if (response.last_modified_ms != 0) {
    out.append(R"(,"lastModified":")").append(base::FormatInstant(response.last_modified_ms)).append("\"");
  }
  if (outcome && !response.body.empty()) out.append(",\"outcome\":").append(response.body);
  out += "}}";
  return out;
}

std::string ResponseBundleJson(std::string_view type, const std::vector<std::string>& entries) {
  std::string out = fmt::format(R"({{"resourceType":"Bundle","type":"{}")", type);
  for (size_t i = 0; i < entries.size(); ++i) out.append(i == 0 ? ",\"entry\":[" : ",").append(entries[i]);
  out += entries.empty() ? "}" : "]}";
  return out;
}

base::Result<Step> ProcessBundle(Call& call) {
  call.type = call.services.definitions().FindResource("Bundle");
  HEYI_TRY(bundle, TakeResource(call));
  const std::string type(bundle.root().TextAt("type"));
  if (type != "transaction" && type != "batch") {
    return Error(ErrorKind::kMalformed, "interaction.bundle-type", "Bundle.type", type);
  }
  HEYI_TRY(entries, ReadEntries(call.services, bundle, call.request));
  return type == "batch" ? Batch(call, std::move(entries)) : Transaction(call, std::move(entries));
}

}  // namespace heyi::interaction
