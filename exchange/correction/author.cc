#include "exchange/correction/author.h"

#include <fmt/format.h>

#include "audit/leaf.h"
#include "base/text.h"
#include "exchange/correction/limits.h"
#include "mapping/difference.h"
#include "fhir/json/write.h"

namespace heyi::exchange {
namespace {

// The first node at the path, for the lineage's way of naming it; false-y where it is a computed value.
fhir::Node NodeAtPath(const fhir::Tree& resource, const fhir::Expression& path) {
  const fhir::LocalEvalContext context(0);
  const auto found = path.Evaluate(resource.root(), context);
  return found.ok() && !found->empty() ? found->front().node() : fhir::Node();
}

// "Patient/p1#telecom[0].value" as lineage has it.
std::string LineageTarget(const fhir::Tree& resource, const fhir::Expression& path) {
  const fhir::Node node = NodeAtPath(resource, path);
  if (!node) return {};
  const std::string expression = fhir::ExpressionOf(node);
  const size_t dot = expression.find('.');
  return dot == std::string::npos ? std::string() : fmt::format("{}/{}#{}", resource.type()->name, resource.id(), expression.substr(dot + 1));
}

// The message's field that wrote the target, or one above it; empty where lineage does not say.
std::string FieldOf(std::string_view lineage, std::string_view target) {
  std::string_view best_target, best_field;
  for (std::string_view line : base::Split(lineage, '\n')) {
    const auto cells = base::Split(line, '\t');
    if (cells.size() < 2 || !mapping::IsAtOrBelow(target, cells[0]) || cells[0].size() <= best_target.size()) continue;
    best_target = cells[0];
    best_field = cells[1];
  }
  return std::string(best_field);
}

// Adds what the Provenance of that version tells: the sender's Organization, and the message.
base::Result<base::Done> AddProvenance(const interaction::Services& services, const store::Snapshot& snapshot, const fhir::Type& type, std::string_view id,
                                       const std::string& target, Author& author) {
  const fhir::Type& provenance = *services.definitions().FindResource("Provenance");
  HEYI_TRY(request, fhir::ParseSearch(provenance, {{"target", fmt::format("{}/{}", type.name, id)}}, /*lenient=*/false, *services.parameters));
  request.count = kDisputeProvenancesMax;
  request.sort = {};
  HEYI_TRY(page, snapshot.Search(request, nullptr, {snapshot.t(), {}}));
  const std::string wanted = fmt::format("{}/{}/_history/{}", type.name, id, author.version);
  for (const store::Hit& hit : page.hits) {
    HEYI_TRY(tree, snapshot.Tree(hit.record));
    const fhir::Node root = tree.root();
    bool of_version = false;
    for (fhir::Node one = root.Member("target").first_child(); one; one = one.next()) of_version = of_version || one.TextAt("reference") == wanted;
    if (!of_version) continue;
    const fhir::Node who = root.Member("agent").first_child().Member("who");
    if (who && who.TextAt("reference").starts_with("Organization/")) author.organization = who.TextAt("reference");
    const fhir::Node what = root.Member("entity").first_child().Member("what");
    const std::string message(what ? what.Member("identifier") ? what.Member("identifier").TextAt("value") : std::string_view() : std::string_view());
    HEYI_TRY(lineage, message.empty() ? base::Result<std::optional<std::string>>(std::optional<std::string>()) : snapshot.Fact("lineage", message));
    if (lineage) author.source = fmt::format("{} {}", message, FieldOf(*lineage, target));
    return base::Done{};
  }
  return base::Done{};
}

}  // namespace

std::string ValueAtPath(const fhir::Tree& resource, const fhir::Expression& path) {
  const fhir::LocalEvalContext context(0);
  const auto found = path.Evaluate(resource.root(), context);
  if (!found.ok()) return {};
  std::string text;
  for (const fhir::PathValue& item : *found) {
    if (!text.empty()) text += '\n';
    if (const fhir::Node node = item.node(); node && node.is_object()) {
      fhir::AppendJson(node, text);
    } else {
      text += item.text();
    }
  }
  return text;
}

base::Result<std::string> DepartmentOfEntry(const store::Store& store, uint64_t t, std::string* organization) {
  std::string department;
  HEYI_CHECK(store.Follow(t, [&](const store::EntryView& entry) -> base::Result<bool> {
    if (entry.t != t || entry.leaf.empty()) return false;
    HEYI_TRY(leaf, audit::DecodeLeaf(entry.leaf));
    const policy::Custody custody = policy::CustodyOf(leaf.caller.department);
    if (custody != policy::Custody::kNone) department = policy::CustodyName(custody);
    if (!leaf.caller.organization.empty()) *organization = "Organization/" + leaf.caller.organization;
    return false;
  }));
  return department;
}

base::Result<std::optional<Author>> FindAuthor(const interaction::Services& services, const store::Snapshot& snapshot, const fhir::Type& type,
                                               std::string_view id, const fhir::Expression& path) {
  HEYI_TRY(current, snapshot.Current(type, id));
  if (!current || current->deleted) return std::optional<Author>();
  HEYI_TRY(tree, snapshot.Tree(*current));
  const std::string value = ValueAtPath(tree, path);
  store::VersionRecord written = *current;  // the oldest version in a row that says the same
  for (size_t looked_at = 0; written.version > 1; ++looked_at) {
    if (looked_at == kDisputeVersionsMax) return std::optional<Author>(Author());  // whoever it was, not one of these
    HEYI_TRY(before, snapshot.Version(type, id, written.version - 1));
    if (!before || before->deleted) break;
    HEYI_TRY(older, snapshot.Tree(*before));
    if (ValueAtPath(older, path) != value) break;
    written = *before;
  }
  Author author;
  author.version = written.version;
  HEYI_TRY(department, DepartmentOfEntry(services.store, written.t, &author.organization));
  author.department = department;
  if (author.department.empty()) {  // written before entries told who; then by whose it is
    const auto custody = static_cast<policy::Custody>(written.label);
    if (custody != policy::Custody::kNone && !policy::IsBetween(custody)) author.department = policy::CustodyName(custody);
  }
  HEYI_CHECK(AddProvenance(services, snapshot, type, id, LineageTarget(tree, path), author));
  return std::optional<Author>(std::move(author));
}

}  // namespace heyi::exchange
