// Free, held, occupied and closed beds by organization and kind, counted as Locations and Encounters pass.
//
//   care.beds.bed    <location id>              -> organization \t kind \t operational status \t state of its holder
//   care.beds.held   <location id>              -> id of the Encounter that holds or occupies it
//   care.beds        <organization id>/<kind>   -> "free held occupied closed"
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "care/care.h"
#include "care/shape.h"
#include "care/vocabulary.h"

namespace heyi::care {
namespace {

constexpr std::string_view kCounts = "care.beds", kBeds = "care.beds.bed", kHeld = "care.beds.held";

struct Bed {
  std::string organization, kind, status, holder;  // holder: "", "reserved" or "active"

  std::string Text() const { return fmt::format("{}\t{}\t{}\t{}", organization, kind, status, holder); }
  static Bed Of(std::string_view text) {
    const std::vector<std::string_view> parts = base::Split(text, '\t');
    if (parts.size() != 4) return {};
    return {std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
  }
  bool counted() const { return !kind.empty(); }
  // 0 free, 1 held, 2 occupied, 3 closed
  size_t column() const { return holder == "active" || status == "O" ? 2 : holder == "reserved" ? 1 : status == "U" || status.empty() ? 0 : 3; }
};

// Facts as of now, through what this entry has changed already.
class Working {
 public:
  Working(const store::FactReader& facts, const std::function<void(store::Fact)>& put) : facts_(facts), put_(put) {}

  base::Result<std::string> Get(std::string_view space, std::string_view key) const {
    HEYI_TRY(value, facts_.Fact(space, key));
    return value ? *value : std::string();
  }
  void Set(std::string_view space, std::string_view key, std::optional<std::string> value) {
    put_({std::string(space), std::string(key), std::move(value)});
  }

  base::Result<base::Done> ChangeBed(std::string_view id, const Bed& to) {
    HEYI_TRY(before, Get(kBeds, id));
    const Bed from = Bed::Of(before);
    if (from.counted()) HEYI_CHECK(Count(from, -1));
    if (to.counted()) HEYI_CHECK(Count(to, 1));
    const bool keep = to.counted() || !to.holder.empty();
    Set(kBeds, id, keep ? std::optional(to.Text()) : std::nullopt);
    return base::Done{};
  }

 private:
  base::Result<base::Done> Count(const Bed& bed, int by) {
    const std::string key = bed.organization + "/" + bed.kind;
    HEYI_TRY(text, Get(kCounts, key));
    std::array<long, 4> counts{};
    const std::vector<std::string_view> parts = base::Split(text, ' ');
    for (size_t i = 0; i < counts.size() && parts.size() == counts.size(); ++i) counts[i] = std::strtol(std::string(parts[i]).c_str(), nullptr, 10);
    counts[bed.column()] += by;
    Set(kCounts, key, fmt::format("{} {} {} {}", counts[0], counts[1], counts[2], counts[3]));
    return base::Done{};
  }

  const store::FactReader& facts_;
  const std::function<void(store::Fact)>& put_;
};

class BedCounts : public store::DerivedView {
 public:
  std::string_view name() const override { return kCounts; }

  // Location: "organization \t kind \t status";  Encounter: "location id \t reserved|active"
  std::string Mark(const fhir::Tree& resource) const override {
    const fhir::Node root = resource.root();
    if (resource.type()->name == "Location") {
      const fhir::Node physical_type = root.Member("physicalType");
      const std::string_view kind = CodeOf(FirstOf(root.Member("type")), kBedKindSystem);
      if (!physical_type || CodeOf(physical_type, kPhysicalTypeSystem) != "bd" || kind.empty()) return {};
      const fhir::Node organization = root.Member("managingOrganization");
      const fhir::Node status = root.Member("operationalStatus");
      return fmt::format("{}\t{}\t{}", organization ? IdOfReference(organization.TextAt("reference"), "Organization") : "", kind,
                         status ? status.TextAt("code") : "");
    }
    if (resource.type()->name != "Encounter") return {};
    static const std::unique_ptr<store::CommitGuard> guard = MakeOccupancyGuard();
    if (guard->Claims(resource).empty()) return {};
    for (fhir::Node entry = root.Member("location").first_child(); entry; entry = entry.next()) {
      const std::string_view status = entry.TextAt("status");
      if (status == "active" || status == "reserved") {
        return fmt::format("{}\t{}", IdOfReference(entry.Member("location").TextAt("reference"), "Location"), status);
      }
    }
    return {};
  }

  base::Result<base::Done> Apply(const store::EntryView&, const std::vector<Change>& changes, const store::FactReader& facts,
                                 const std::function<void(store::Fact)>& put) override {
    Working working(facts, put);
    for (const Change& change : changes) {
      if (change.old_mark == change.new_mark || change.type == nullptr) continue;
      if (change.type->name == "Location") HEYI_CHECK(ApplyLocation(change, working));
      if (change.type->name == "Encounter") HEYI_CHECK(ApplyEncounter(change, working));
    }
    return base::Done{};
  }

 private:
  static base::Result<base::Done> ApplyLocation(const Change& change, Working& working) {
    HEYI_TRY(text, working.Get(kBeds, change.id));
    Bed bed = Bed::Of(text);
    const std::vector<std::string_view> parts = base::Split(change.new_mark, '\t');
    const bool is_bed = parts.size() == 3;
    bed.organization = is_bed ? parts[0] : std::string_view();
    bed.kind = is_bed ? parts[1] : std::string_view();
    bed.status = is_bed ? parts[2] : std::string_view();
    return working.ChangeBed(change.id, bed);
  }

  static base::Result<base::Done> ApplyEncounter(const Change& change, Working& working) {
    // In a commit that passes a bed from one Encounter to another the order of the two must not matter: a bed is
    // let go only by the Encounter that is noted as its holder.
    const std::vector<std::string_view> before = base::Split(change.old_mark, '\t');
    const std::vector<std::string_view> after = base::Split(change.new_mark, '\t');
    if (before.size() == 2) {
      HEYI_TRY(holder, working.Get(kHeld, before[0]));
      if (holder == change.id) HEYI_CHECK(SetHolder(before[0], "", "", working));
    }
    if (after.size() == 2) HEYI_CHECK(SetHolder(after[0], change.id, after[1], working));
    return base::Done{};
  }

  static base::Result<base::Done> SetHolder(std::string_view location, std::string_view encounter, std::string_view state, Working& working) {
    HEYI_TRY(text, working.Get(kBeds, location));
    Bed bed = Bed::Of(text);
    bed.holder = state;
    working.Set(kHeld, location, encounter.empty() ? std::nullopt : std::optional<std::string>(encounter));
    return working.ChangeBed(location, bed);
  }
};

}  // namespace

std::unique_ptr<store::DerivedView> MakeBedCounts() { return std::make_unique<BedCounts>(); }

}  // namespace heyi::care
