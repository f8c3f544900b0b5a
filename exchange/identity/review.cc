#include "exchange/identity/review.h"

#include <fmt/format.h>

#include "base/text.h"
#include "exchange/identity/links.h"
#include "exchange/targets.h"

namespace heyi::exchange {
namespace {

using fhir::Node;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::Plan;

constexpr std::string_view kIdentityNumberSystem = "urn:oid:2.16.156.10011.1.3";
constexpr std::string_view kTaskCodeSystem = "https://heyi.example/fhir/cs/task-code";
constexpr std::string_view kReviewReason =
    "姓名、出生日期、性别和电话相同，身份证号不同或缺失 / "
    "same name, birth date, sex and telephone, no common identity number";
constexpr size_t kLookAlikesMax = 10;

std::string IdentityNumberOf(const fhir::Tree& patient) {
  for (Node number = patient.root().Member("identifier").first_child(); number; number = number.next()) {
    if (number.TextAt("system") == kIdentityNumberSystem) return std::string(number.TextAt("value"));
  }
  return {};
}

// As one would say it, without blanks, case and width.
std::string NameOf(const fhir::Tree& patient) {
  const Node name = patient.root().Member("name").first_child();
  if (!name) return {};
  std::string text(name.TextAt("text"));
  if (text.empty()) {
    text = name.TextAt("family");
    for (Node given = name.Member("given").first_child(); given; given = given.next()) text += given.text();
  }
  text = base::FoldForSearch(text);
  std::erase(text, ' ');
  return text;
}

std::string PhoneOf(const fhir::Tree& patient) {
  for (Node telecom = patient.root().Member("telecom").first_child(); telecom; telecom = telecom.next()) {
    if (telecom.TextAt("system") == "phone") return std::string(telecom.TextAt("value"));
  }
  return {};
}

void AddInput(fhir::Tree& task, NodeIndex inputs, std::string_view reference) {
  const NodeIndex input = task.AddItem(inputs, NodeKind::kObject);
  const NodeIndex type = task.AddMember(input, "type", NodeKind::kObject);
  task.AddMember(type, "text", NodeKind::kString, "Patient");
  const NodeIndex value = task.AddMember(input, "valueReference", NodeKind::kObject);
  task.AddMember(value, "reference", NodeKind::kString, reference);
}

fhir::Tree MakeTask(const Plan& plan, std::string_view id, const std::string& one, const std::string& other) {
  fhir::Tree task;
  task.SetRoot(plan.definitions().FindResource("Task"));
  task.AddMember(0, "id", NodeKind::kString, id);
  task.AddMember(0, "status", NodeKind::kString, "requested");
  task.AddMember(0, "intent", NodeKind::kString, "proposal");
  const NodeIndex code = task.AddMember(0, "code", NodeKind::kObject);
  const NodeIndex codings = task.AddMember(code, "coding", NodeKind::kArray);
  const NodeIndex coding = task.AddItem(codings, NodeKind::kObject);
  task.AddMember(coding, "system", NodeKind::kString, kTaskCodeSystem);
  task.AddMember(coding, "code", NodeKind::kString, "identity-review");
  task.AddMember(coding, "display", NodeKind::kString, "身份核对");
  const NodeIndex focus = task.AddMember(0, "focus", NodeKind::kObject);
  task.AddMember(focus, "reference", NodeKind::kString, one);
  const NodeIndex subject = task.AddMember(0, "for", NodeKind::kObject);
  task.AddMember(subject, "reference", NodeKind::kString, one);
  task.AddMember(0, "authoredOn", NodeKind::kString, base::FormatInstant(plan.context().clock.NowMs()));
  const NodeIndex reason = task.AddMember(0, "reasonCode", NodeKind::kObject);
  task.AddMember(reason, "text", NodeKind::kString, kReviewReason);
  const NodeIndex inputs = task.AddMember(0, "input", NodeKind::kArray);
  AddInput(task, inputs, one);
  AddInput(task, inputs, other);
  return task;
}

}  // namespace

base::Result<std::vector<Plan::Put>> AskForReview(Plan& plan, std::string_view patient_id) {
  std::vector<Plan::Put> puts;
  const fhir::Type& patient_type = *plan.definitions().FindResource("Patient");
  const fhir::Type& task_type = *plan.definitions().FindResource("Task");
  HEYI_TRY(found, plan.Find(patient_type, patient_id));
  if (!found || !ReplacedBy(found->tree).empty()) return puts;
  const std::string birth_date(found->tree.root().TextAt("birthDate")), gender(found->tree.root().TextAt("gender"));
  const std::string phone = PhoneOf(found->tree), name = NameOf(found->tree), number = IdentityNumberOf(found->tree);
  if (birth_date.size() != 10 || gender.empty() || phone.empty() || name.empty()) return puts;
  HEYI_TRY(ids, FindIds(plan, "Patient", {{"phone", EscapedSearchValue(phone)}, {"birthdate", birth_date}, {"gender", gender}}, kLookAlikesMax));
  for (const std::string& id : ids) {
    if (id == patient_id) continue;
    HEYI_TRY(other, plan.Find(patient_type, id));
    if (!other || !ReplacedBy(other->tree).empty() || NameOf(other->tree) != name) continue;
    if (!number.empty() && IdentityNumberOf(other->tree) == number) continue;  // strong evidence: map.ambiguous says so
    const std::string one = fmt::format("Patient/{}", patient_id), another = "Patient/" + id;
    const std::string task_id = base::UuidV5("identity-review", std::min(one, another) + "\n" + std::max(one, another));
    HEYI_TRY(asked, plan.Find(task_type, task_id));
    if (asked) continue;
    HEYI_TRY(put, plan.Write(MakeTask(plan, task_id, one, another)));
    puts.push_back(put);
  }
  return puts;
}

}  // namespace heyi::exchange
