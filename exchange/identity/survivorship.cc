#include "exchange/identity/survivorship.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "fhir/json/write.h"

namespace heyi::exchange {
namespace {

using fhir::Node;
using fhir::NodeIndex;
using interaction::Plan;

constexpr std::string_view kSpokenSpace = "spoken";
constexpr std::string_view kHub = "hub";

constexpr std::string_view kTableText =
#include "survivorship.inc"
    ;

std::vector<SurvivorRow> ReadTable() {
  std::vector<SurvivorRow> rows;
  for (std::string_view line : base::Split(kTableText, '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> cells = base::Split(line, '\t');
    if (cells.size() < 3) continue;
    SurvivorRow row{cells[0], cells[1], base::Split(cells[2], ','), {}};
    if (cells.size() > 3 && !cells[3].empty()) row.hub_while = base::Split(cells[3], ',');
    rows.push_back(std::move(row));
  }
  return rows;
}

// Whose word an element is, and what was said.
struct Word {
  std::string department, hash;
  base::TimeMs received_ms = 0;
};
using Words = std::map<std::string, Word>;  // by element

Words ReadWords(std::string_view text) {
  Words words;
  for (std::string_view line : base::Split(text, '\n')) {
    const std::vector<std::string_view> cells = base::Split(line, '\t');
    if (cells.size() != 4) continue;
    words[std::string(cells[0])] = {std::string(cells[1]), std::string(cells[2]), std::strtoll(std::string(cells[3]).c_str(), nullptr, 10)};
  }
  return words;
}

std::string WriteWords(const Words& words) {
  std::string text;
  for (const auto& [element, word] : words) text += fmt::format("{}\t{}\t{}\t{}\n", element, word.department, word.hash, word.received_ms);
  return text;
}

std::string TextOf(Node node) {
  std::string text;
  if (node) fhir::AppendJson(node, text);
  return text;
}

std::string HashOf(const std::string& text) { return fmt::format("{:016x}", base::Hash64(text)); }

// Documents are the health department's, too.
std::string_view SpeakerOf(std::string_view department) { return department == "health-cda" ? "health" : department; }

// 0 is the highest; who is not in the row ranks behind all.
size_t RankOf(const SurvivorRow& row, std::string_view department) {
  return static_cast<size_t>(std::find(row.order.begin(), row.order.end(), department) - row.order.begin());
}

// The code of a Coding, a CodeableConcept's first, or a code.
std::string_view CodeOfElement(Node node) {
  if (!node.is_object()) return node.text();
  const Node coding = node.Member("coding").first_child();
  return coding ? coding.TextAt("code") : node.TextAt("code");
}

// Puts `before`'s element back in the place of what was said; takes that away where nothing stood.
void Restore(fhir::Tree& tree, std::string_view element, Node before) {
  const Node said = tree.root().Member(element);
  NodeIndex behind = fhir::kNoNode;
  for (Node member = tree.root().first_child(); member && !(member == said); member = member.next()) behind = member.index();
  const NodeIndex loose = before ? tree.CopyLoose(*before.property(), before.underscore(), before) : fhir::kNoNode;
  tree.RemoveMember(0, said.index());
  if (loose != fhir::kNoNode) tree.Hang(0, loose, behind);
}

class Survival {
 public:
  Survival(Plan& plan, const PlanTargets& targets, const Speaker& speaker, mapping::Mapped& mapped)
      : plan_(plan), targets_(targets), speaker_(SpeakerOf(speaker.department)), received_ms_(speaker.received_ms), mapped_(mapped) {}

  base::Result<std::vector<Outranked>> Run() {
    for (mapping::MappedResource& resource : mapped_.resources) HEYI_CHECK(Judge(resource));
    return std::move(outranked_);
  }

 private:
  base::Result<base::Done> Judge(mapping::MappedResource& resource) {
    const std::string& type = resource.tree.type()->name;
    std::vector<const SurvivorRow*> rows;
    for (const SurvivorRow& row : SurvivorTable()) {
      if (row.type == type && resource.tree.root().Member(row.element) && Speaks(resource, row.element)) rows.push_back(&row);
    }
    const bool anothers_numbers = targets_.followed().contains(std::string(resource.tree.id()));
    if (rows.empty() && !anothers_numbers) return base::Done{};
    const std::string key = fmt::format("{}/{}", type, resource.tree.id());
    HEYI_TRY(fact, plan_.snapshot().Fact(kSpokenSpace, key));
    Words words = ReadWords(fact.value_or(""));
    HEYI_TRY(found, plan_.Find(*resource.tree.type(), resource.tree.id()));
    const std::string before = found ? fhir::WriteJson(found->tree) : std::string();
    for (const SurvivorRow* row : rows) Decide(resource, *row, found ? found->tree.root() : Node(), words);
    if (anothers_numbers && found) KeepNumbers(resource, found->tree);
    if (found) resource.changed = fhir::WriteJson(resource.tree) != before;
    std::string text = WriteWords(words);
    if (text != fact.value_or("")) {
      plan_.Require({std::string(kSpokenSpace), key, fact});
      plan_.Add({std::string(kSpokenSpace), key, std::move(text)});
    }
    return base::Done{};
  }

  // "Patient/<id>#name[0].text" speaks of name.
  std::string PlaceOf(const mapping::MappedResource& resource, std::string_view element) const {
    return fmt::format("{}/{}#{}", resource.tree.type()->name, resource.tree.id(), element);
  }
  static bool IsAt(const mapping::LineageRow& row, std::string_view place) {
    return row.target.starts_with(place) && (row.target.size() == place.size() || row.target[place.size()] == '.' || row.target[place.size()] == '[');
  }
  bool Speaks(const mapping::MappedResource& resource, std::string_view element) const {
    const std::string place = PlaceOf(resource, ElementInPaths(element));
    return std::any_of(mapped_.lineage.begin(), mapped_.lineage.end(), [&](const mapping::LineageRow& row) { return IsAt(row, place); });
  }
  // Paths write a choice without its type: `deceased`.
  static std::string_view ElementInPaths(std::string_view element) { return element.starts_with("deceased") ? "deceased" : element; }

  void Decide(mapping::MappedResource& resource, const SurvivorRow& row, Node before, Words& words) {
    const std::string element(row.element);
    const Node standing = before ? before.Member(element) : Node();
    const std::string stands = TextOf(standing), said = TextOf(resource.tree.root().Member(element));
    const auto word = words.find(element);
    std::string holder;  // empty: nobody has spoken yet
    if (standing) holder = word != words.end() && word->second.hash == HashOf(stands) ? word->second.department : std::string(kHub);
    if (holder == kHub && !row.hub_while.empty() &&
        std::find(row.hub_while.begin(), row.hub_while.end(), CodeOfElement(standing)) == row.hub_while.end()) {
      holder.clear();
    }
    const bool overtaken = holder == speaker_ && word->second.received_ms > received_ms_;
    const bool heard = holder.empty() || (RankOf(row, speaker_) <= RankOf(row, holder) && !overtaken);
    if (heard) {
      words[element] = {std::string(speaker_), HashOf(said), received_ms_};
    } else if (said != stands) {
      Restore(resource.tree, element, standing);
      const std::string place = PlaceOf(resource, ElementInPaths(element));
      std::erase_if(mapped_.lineage, [&](mapping::LineageRow& line) {
        if (!IsAt(line, place)) return false;
        outranked_.push_back({std::move(line), holder});
        return true;
      });
    }
  }

  // A number that stands is not overwritten by that of the replaced one; new kinds of numbers are welcome. Maps change
  // identifiers in their place and add at the end.
  static void KeepNumbers(mapping::MappedResource& resource, const fhir::Tree& before) {
    Node now = resource.tree.root().Member("identifier").first_child();
    for (Node number = before.root().Member("identifier").first_child(); number && now; number = number.next(), now = now.next()) {
      const Node value = now.Member("value");
      if (value && number.Member("value")) resource.tree.SetText(value.index(), number.TextAt("value"));
    }
  }

  Plan& plan_;
  const PlanTargets& targets_;
  const std::string_view speaker_;
  const base::TimeMs received_ms_;
  mapping::Mapped& mapped_;
  std::vector<Outranked> outranked_;
};

}  // namespace

std::span<const SurvivorRow> SurvivorTable() {
  static const std::vector<SurvivorRow> table = ReadTable();
  return table;
}

base::Result<std::vector<Outranked>> LetSurvive(Plan& plan, const PlanTargets& targets, const Speaker& speaker, mapping::Mapped& mapped) {
  return Survival(plan, targets, speaker, mapped).Run();
}

}  // namespace heyi::exchange
