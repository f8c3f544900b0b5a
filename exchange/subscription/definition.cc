#include "exchange/subscription/definition.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fhir/search/date_time.h"
#include "interaction/url.h"
#include "net/ascii.h"

namespace heyi::exchange {
namespace {

using base::Outcome;

struct ContentRow {
  std::string_view code;
  NoticeContent content;
};
constexpr ContentRow kContents[] = {
    {"empty", NoticeContent::kEmpty}, {"id-only", NoticeContent::kIdOnly}, {"full-resource", NoticeContent::kFull}};

constexpr std::string_view kStatuses[] = {"requested", "active", "error", "off"};

// Headers that are the connection's business, or would tell the receiver a wrong thing.
constexpr std::string_view kReservedHeaders[] = {
    "connection", "content-length", "content-type",      "content-encoding", "expect",          "host", "keep-alive",
    "te",         "trailer",        "transfer-encoding", "upgrade",          "proxy-connection"};

// The value of the only backport extension of that name on `element` (an object, or the `_name` of a primitive).
// Several, or a value of another type, are an issue at `place`.
std::string_view BackportValue(fhir::Node element, std::string_view name, std::string_view value_member,
                               const std::string& place, Outcome& outcome) {
  std::string_view value;
  bool seen = false;
  for (fhir::Node extension = element.Member("extension").first_child(); extension; extension = extension.next()) {
    const std::string_view url = extension.TextAt("url");
    if (!url.starts_with(kBackportUrl) || url.substr(kBackportUrl.size()) != name) continue;
    const std::string_view text = extension.TextAt(value_member);
    if (seen || text.empty()) outcome.Add("subscription.extension", place, name);
    seen = true;
    value = text;
  }
  return value;
}

class SubscriptionReader {
 public:
  SubscriptionReader(const fhir::Tree& subscription, const SubscriptionTerms& terms)
      : root_(subscription.root()), channel_(root_.Member("channel")), terms_(terms) {}

  base::Result<SubscriptionDefinition> Read() {
    read_.status = root_.TextAt("status");
    if (std::find(std::begin(kStatuses), std::end(kStatuses), read_.status) == std::end(kStatuses)) {
      outcome_.Add("subscription.status", "Subscription.status", read_.status);
    }
    ReadCriteria();
    ReadEnd();
    ReadChannel();
    if (outcome_.HasErrors()) return base::Error(base::ErrorKind::kInvalid, std::move(outcome_));
    return std::move(read_);
  }

 private:
  void ReadCriteria() {
    const std::string_view criteria = root_.TextAt("criteria");
    if (criteria.find("://") == std::string_view::npos || criteria.find('?') < criteria.find("://")) {
      if (auto filter = ReadFilter(criteria, "subscription.criteria", "Subscription.criteria")) {
        read_.filters.push_back(std::move(*filter));
      }
      return;
    }
    by_topic_ = true;
    // A canonical may name a version; ours have none.
    read_.topic = terms_.topics.Find(criteria);
    if (read_.topic == nullptr) return outcome_.Add("subscription.topic", "Subscription.criteria", criteria);
    size_t position = 0;
    for (fhir::Node extension = root_.Member("_criteria").Member("extension").first_child(); extension;
         extension = extension.next()) {
      if (extension.TextAt("url") != std::string(kBackportUrl) + "backport-filter-criteria") continue;
      const std::string place = fmt::format("Subscription.criteria.extension[{}]", position++);
      if (position > kSubscriptionFiltersMax) {
        return outcome_.Add("subscription.filter", place, fmt::format("more than {}", kSubscriptionFiltersMax));
      }
      auto filter = ReadFilter(extension.TextAt("valueString"), "subscription.filter", place);
      if (!filter) continue;
      CheckAllowed(*filter, place);
      read_.filters.push_back(std::move(*filter));
    }
  }

  // "Task?status=requested": one type and criteria that one resource by itself can answer.
  std::optional<SubscriptionFilter> ReadFilter(std::string_view text, std::string_view rule, const std::string& place) {
    const auto refuse = [&](std::string_view why) {
      outcome_.Add(rule, place, why);
      return std::optional<SubscriptionFilter>();
    };
    if (text.size() > kSubscriptionTextBytesMax) return refuse("too long");
    const size_t mark = std::min(text.find('?'), text.size());
    SubscriptionFilter filter;
    filter.type = terms_.parameters.definitions().FindResource(text.substr(0, mark));
    if (filter.type == nullptr || filter.type->name == "AuditEvent") {
      return refuse(fmt::format("there is no resource type {}", text.substr(0, mark)));
    }
    const auto query = interaction::DecodeQuery(text.substr(std::min(mark + 1, text.size())));
    if (!query.ok()) return refuse(base::EnglishText(query.error().outcome.issues().front()));
    auto search = fhir::ParseSearch(*filter.type, *query, /*lenient=*/false, terms_.parameters);
    if (!search.ok()) {
      const base::Issue& issue = search.error().outcome.issues().front();
      return refuse(issue.expression.empty() ? base::EnglishText(issue)
                                             : issue.expression + ": " + base::EnglishText(issue));
    }
    if (!search->sort.empty() || search->count_given || search->want_total || search->estimate_total ||
        search->count_only || !search->includes.empty() || search->summary != fhir::Summary::kNone ||
        !search->elements.empty() || !search->cursor.empty()) {
      return refuse("parameters that shape a search's answer (_sort, _count, _include …) are no criteria");
    }
    if (fhir::AnyChained(search->criteria)) return refuse("chains and _has ask for other resources");
    filter.criteria = std::move(search->criteria);
    return filter;
  }

  void CheckAllowed(const SubscriptionFilter& filter, const std::string& place) {
    const auto trigger = std::find_if(read_.topic->triggers.begin(), read_.topic->triggers.end(),
                                      [&](const TopicTrigger& one) { return one.type == filter.type; });
    if (trigger == read_.topic->triggers.end()) {
      return outcome_.Add("subscription.filter", place, filter.type->name + " is not of this topic");
    }
    for (const fhir::Criterion& criterion : filter.criteria) {
      const std::string& code = criterion.parameter->code;
      if (!std::binary_search(trigger->filters.begin(), trigger->filters.end(), code)) {
        outcome_.Add("subscription.filter", place, code + " is no filter of this topic");
      }
    }
  }

  void ReadEnd() {
    const std::string_view end = root_.TextAt("end");
    if (end.empty()) return;
    const auto date = fhir::ScanDateTime(end);
    if (!date || !date->has_zone) return outcome_.Add("subscription.end", "Subscription.end", end);
    read_.end_ms = date->StartMs(base::kDistrictOffsetMinutes);
  }

  void ReadChannel() {
    const std::string_view type = channel_.TextAt("type");
    const bool custom = HasExtension(channel_.Member("_type"), "backport-channel-type");
    if (type != "rest-hook" || custom) {
      outcome_.Add("subscription.channel", "Subscription.channel.type", custom ? "backport-channel-type" : type);
    }
    ReadPayload();
    ReadHeaders();
    ReadNumbers();
    auto endpoint =
        CheckEndpoint(channel_.TextAt("endpoint"), terms_.allowed_prefixes, read_.content == NoticeContent::kResource);
    if (!endpoint.ok()) return outcome_.Append(endpoint.error().outcome);
    read_.endpoint = std::move(*endpoint);
  }

  static bool HasExtension(fhir::Node element, std::string_view name) {
    for (fhir::Node extension = element.Member("extension").first_child(); extension; extension = extension.next()) {
      if (extension.TextAt("url") == std::string(kBackportUrl).append(name)) return true;
    }
    return false;
  }

  void ReadPayload() {
    const std::string_view payload = channel_.TextAt("payload");
    const std::string place = "Subscription.channel.payload";
    const std::string_view mime = base::Trim(payload.substr(0, payload.find(';')));
    if (!payload.empty() && mime != "application/fhir+json" && mime != "application/json") {
      outcome_.Add("subscription.payload", place, payload);
    }
    const std::string_view content =
        BackportValue(channel_.Member("_payload"), "backport-payload-content", "valueCode", place, outcome_);
    if (by_topic_ && read_.topic == nullptr) return;  // said already
    if (!by_topic_) {
      read_.content = payload.empty() ? NoticeContent::kPing : NoticeContent::kResource;
      if (!content.empty()) outcome_.Add("subscription.content", place, content);
      return;
    }
    if (payload.empty()) outcome_.Add("subscription.payload", place, "");
    const auto known = std::find_if(std::begin(kContents), std::end(kContents),
                                    [&](const ContentRow& row) { return row.code == content; });
    if (known == std::end(kContents)) return outcome_.Add("subscription.content", place, content);
    read_.content = known->content;
  }

  void ReadHeaders() {
    size_t position = 0;
    for (fhir::Node header = channel_.Member("header").first_child(); header; header = header.next()) {
      const std::string place = fmt::format("Subscription.channel.header[{}]", position++);
      const std::string_view line = header.text();
      const size_t colon = line.find(':');
      const std::string_view name = line.substr(0, std::min(colon, line.size()));
      const std::string_view value =
          colon == std::string_view::npos ? std::string_view() : net::TrimField(line.substr(colon + 1));
      const std::string lower = base::AsciiLower(name);
      // The value is not told: it is a secret more often than not.
      if (position > kSubscriptionHeadersMax || line.size() > kSubscriptionTextBytesMax ||
          colon == std::string_view::npos || !net::IsToken(name) || !net::IsFieldValue(value) ||
          std::find(std::begin(kReservedHeaders), std::end(kReservedHeaders), lower) != std::end(kReservedHeaders)) {
        outcome_.Add("subscription.header", place,
                     colon == std::string_view::npos ? std::string_view() : name.substr(0, 50));
        continue;
      }
      read_.headers.emplace_back(name, value);
    }
  }

  // heartbeat-period, timeout and max-count.
  void ReadNumbers() {
    const auto read = [&](std::string_view name, std::string_view member, uint64_t least) {
      const std::string_view text = BackportValue(channel_, name, member, "Subscription.channel", outcome_);
      uint64_t number = 0;
      if (text.empty()) return number;
      if (!base::ParseUnsigned(text, &number) || number < least || number > INT32_MAX) {
        outcome_.Add("subscription.extension", "Subscription.channel", name);
      }
      return number;
    };
    const uint64_t heartbeat = read("backport-heartbeat-period", "valueUnsignedInt", 0);
    const uint64_t timeout = read("backport-timeout", "valueUnsignedInt", 0);
    const uint64_t count = read("backport-max-count", "valuePositiveInt", 1);
    const SubscriptionLimits& limits = terms_.limits;
    read_.timeout_ms = timeout == 0 ? limits.timeout_ms
                                    : static_cast<uint32_t>(std::min<uint64_t>(timeout * 1'000, limits.timeout_ms));
    if (!by_topic_) return;
    read_.heartbeat_s = static_cast<uint32_t>(heartbeat);
    read_.batch_events =
        count == 0 ? limits.batch_events : static_cast<uint32_t>(std::min<uint64_t>(count, limits.batch_events));
  }

  const fhir::Node root_, channel_;
  const SubscriptionTerms& terms_;
  SubscriptionDefinition read_;
  bool by_topic_ = false;   // one that is known or not
  Outcome outcome_;
};

}  // namespace

std::string_view ContentName(NoticeContent content) {
  switch (content) {
    case NoticeContent::kPing: return "empty";
    case NoticeContent::kResource: return "full-resource";
    default: break;
  }
  for (const ContentRow& row : kContents) {
    if (row.content == content) return row.code;
  }
  return {};
}

base::Result<SubscriptionDefinition> ReadSubscription(const fhir::Tree& subscription, const SubscriptionTerms& terms) {
  return SubscriptionReader(subscription, terms).Read();
}

bool Concerns(const SubscriptionDefinition& definition, const ResourceChange& change) {
  const fhir::Tree* judged = change.judged();
  if (judged == nullptr) return false;
  // R4: criteria are applied to the new value, and a delete is told to nobody.
  if (definition.topic == nullptr &&
      (change.kind == ChangeKind::kDelete || definition.filters.front().type != change.type)) {
    return false;
  }
  if (definition.topic != nullptr && !Triggers(*definition.topic, change)) return false;
  return std::all_of(definition.filters.begin(), definition.filters.end(), [&](const SubscriptionFilter& filter) {
    return filter.type != change.type || fhir::Matches(*judged, change.id, change.time_ms, filter.criteria);
  });
}

}  // namespace heyi::exchange
