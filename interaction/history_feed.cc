// history of a type and of the whole system: the journal read backwards, newest first.
//
// A page reads at most kHistoryScanMax entries, so it may hold fewer versions than asked for, none even, and still have
// a next link. Versions never change: later pages need no old snapshot, only the place where the page before ended.
// https://hl7.org/fhir/R4/http.html#history
#include <fmt/format.h>

#include "base/text.h"
#include "interaction/access.h"
#include "interaction/cursor.h"
#include "interaction/history_bundle.h"
#include "interaction/history_query.h"
#include "interaction/interactions.h"
#include "interaction/limits.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

constexpr uint64_t kChunkEntries = 256;  // read forwards at a time, told backwards

// The version before which a page begins: entry t, and its position among the entry's resources.
struct Place {
  uint64_t t = 0;
  uint64_t position = 0;
};

std::string TextOf(const Place& place) { return fmt::format("{}.{}", place.t, place.position); }

base::Result<Place> PlaceOf(std::string_view text) {
  Place place;
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || !base::ParseUnsigned(text.substr(0, dot), &place.t) || !base::ParseUnsigned(text.substr(dot + 1), &place.position)) {
    return Error(ErrorKind::kMalformed, "interaction.cursor");
  }
  return place;
}

class Feed {
 public:
  Feed(Call& call, const HistoryQuery& wanted, audit::Leaf& leaf, BundleWriter& bundle)
      : call_(call), wanted_(wanted), leaf_(leaf), bundle_(bundle), snapshot_(call.services.store.Now()) {}

  const store::Snapshot& snapshot() const { return *snapshot_; }

  // Fills the page with versions before `from`. Returns where the next page begins; nullopt: there is none.
  base::Result<std::optional<Place>> Fill(const Place& from) {
    uint64_t high = from.position == 0 ? from.t - 1 : from.t;
    for (uint64_t scanned = 0; high >= 1; scanned += kChunkEntries) {
      if (scanned >= kHistoryScanMax) return std::optional(Place{high + 1, 0});
      const uint64_t low = high > kChunkEntries ? high - kChunkEntries + 1 : 1;
      HEYI_TRY(chunk, Read(low, high));
      for (auto at = chunk.rbegin(); at != chunk.rend(); ++at) {
        if (at->place.t == from.t && at->place.position >= from.position) continue;
        if (wanted_.since_ms && at->time_ms < *wanted_.since_ms) return std::optional<Place>();
        if (told_ == wanted_.count) return std::optional(Place{at->place.t, at->place.position + 1});
        HEYI_CHECK(Tell(*at));
      }
      high = low - 1;
    }
    return std::optional<Place>();
  }

 private:
  struct Version {
    Place place;
    base::TimeMs time_ms;
    const fhir::Type* type;
    std::string id;
    uint64_t version;
  };

  base::Result<std::vector<Version>> Read(uint64_t low, uint64_t high) {
    std::vector<Version> versions;
    HEYI_CHECK(call_.services.store.Follow(low, [&](const store::EntryView& entry) -> base::Result<bool> {
      if (entry.t > high) return false;
      for (size_t i = 0; i < entry.bodies.size(); ++i) {
        const store::BodyView& body = entry.bodies[i];
        const fhir::Type* type = call_.services.definitions().FindResource(body.type);  // null: a blob, a dictionary
        if (type == nullptr || (call_.type != nullptr && type != call_.type)) continue;
        if (!MayRead(call_.services, call_.context.caller, policy::Action::kHistory, *type, body.label)) continue;
        versions.push_back({{entry.t, i}, entry.time_ms, type, std::string(body.id), body.version});
      }
      return entry.t < high;
    }));
    return versions;
  }

  base::Result<base::Done> Tell(const Version& version) {
    if (wanted_.at) {
      HEYI_TRY(newer, snapshot_->Version(*version.type, version.id, version.version + 1));
      if (!wanted_.Wants(version.time_ms, newer ? newer->time_ms : INT64_MAX)) return base::Done{};
    }
    HEYI_TRY(record, snapshot_->Version(*version.type, version.id, version.version));
    if (!record) return base::Done{};  // erased since
    ++told_;
    return AddVersion(call_, *snapshot_, *version.type, version.id, *record, bundle_, leaf_);
  }

  Call& call_;
  const HistoryQuery& wanted_;
  audit::Leaf& leaf_;
  BundleWriter& bundle_;
  const std::shared_ptr<const store::Snapshot> snapshot_;
  uint64_t told_ = 0;
};

base::Result<Step> FeedHistory(Call& call, std::string_view interaction, const std::string& path) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, interaction, audit::Action::kRead);
  // On the system no one type decides: every version is asked for by itself.
  if (call.type != nullptr) HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kHistory, call.type->name, leaf));
  HEYI_TRY(wanted, ReadHistoryQuery(call.request.query));
  const std::string search = fmt::format("{}?{}", path, wanted.self);
  BundleWriter bundle("history", base::UuidV7(call.context.clock.NowMs(), call.context.random), call.context.clock.NowMs());
  Feed feed(call, wanted, leaf, bundle);
  Place from{feed.snapshot().t() + 1, 0};
  if (!wanted.cursor.empty()) {
    HEYI_TRY(position, ReadCursor(call.services, call.context.caller, search, wanted.cursor));
    HEYI_TRY(place, PlaceOf(position.after));
    from = place;
  }
  bundle.Link("self", fmt::format("{}/{}", call.services.base_url, search));
  HEYI_TRY(next, feed.Fill(from));
  if (next && wanted.count > 0) {
    bundle.Link("next", fmt::format("{}/{}&_cursor={}", call.services.base_url, search,
                                    MakeCursor(call.services, call.context.caller, search, {feed.snapshot().t(), TextOf(*next)})));
  }
  Response response;
  response.body = bundle.Take();
  response.leaf = std::move(leaf);
  return Step(std::move(response));
}

}  // namespace

base::Result<Step> TypeHistory(Call& call) { return FeedHistory(call, "history-type", call.type->name + "/_history"); }
base::Result<Step> SystemHistory(Call& call) { return FeedHistory(call, "history-system", "_history"); }

}  // namespace heyi::interaction
