#include "interaction/search_bundle.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/json/value.h"
#include "interaction/preconditions.h"

namespace heyi::interaction {

BundleWriter::BundleWriter(std::string_view type, std::string_view id, base::TimeMs now_ms)
    : head_(fmt::format(R"({{"resourceType":"Bundle","id":"{}","meta":{{"lastUpdated":"{}"}},"type":"{}")", id,
                        base::FormatInstant(now_ms), type)) {}

void BundleWriter::Total(uint64_t total) { head_ += fmt::format(",\"total\":{}", total); }

void BundleWriter::Link(std::string_view relation, std::string_view url) {
  links_ += links_.empty() ? ",\"link\":[" : ",";
  links_.append(R"({"relation":")").append(relation).append(R"(","url":)");
  base::AppendJsonString(links_, url);
  links_ += '}';
}

void BundleWriter::BeginEntry() { entries_ += entries_.empty() ? ",\"entry\":[" : ","; }

void BundleWriter::Match(std::string_view full_url, std::string_view json, std::string_view mode) {
  BeginEntry();
  entries_ += '{';
  if (!full_url.empty()) {
    entries_ += "\"fullUrl\":";
    base::AppendJsonString(entries_, full_url);
    entries_ += ',';
  }
  entries_.append("\"resource\":").append(json).append(R"(,"search":{"mode":")").append(mode).append("\"}}");
}

void BundleWriter::HistoryVersion(std::string_view full_url, std::string_view json, std::string_view address,
                                  const store::VersionRecord& record) {
  BeginEntry();
  entries_ += "{\"fullUrl\":";
  base::AppendJsonString(entries_, full_url);
  if (!json.empty()) entries_.append(",\"resource\":").append(json);
  const std::string_view method = record.deleted ? "DELETE" : "PUT";
  const std::string_view status = record.deleted ? "204" : record.version == 1 ? "201" : "200";
  entries_ += fmt::format(R"(,"request":{{"method":"{}","url":"{}"}},"response":{{"status":"{}","etag":"W/\"{}\"","lastModified":"{}"}}}})",
                          method, address, status, record.version, base::FormatInstant(record.time_ms));
}

std::string BundleWriter::Take() {
  std::string out = std::move(head_);
  if (!links_.empty()) out.append(links_).append("]");
  if (!entries_.empty()) out.append(entries_).append("]");
  out += '}';
  return out;
}

}  // namespace heyi::interaction
