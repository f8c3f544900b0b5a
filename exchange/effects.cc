#include "exchange/effects.h"

#include <fmt/format.h>

#include "interaction/operations.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;
using fhir::NodeIndex;
using fhir::NodeKind;
using interaction::Plan;

constexpr size_t kCoveragesMax = 20;

// A Parameters resource, built up.
class ParameterList {
 public:
  explicit ParameterList(const fhir::Definitions& definitions) {
    tree_.SetRoot(definitions.FindResource("Parameters"));
    list_ = tree_.AddMember(0, "parameter", NodeKind::kArray);
  }
  void Code(std::string_view name, std::string_view value) { Add(name, "valueCode", value); }
  void Time(std::string_view name, std::string_view value) { Add(name, "valueDateTime", value); }
  void Reference(std::string_view name, std::string_view reference) {
    const NodeIndex item = Item(name);
    const NodeIndex value = tree_.AddMember(item, "valueReference", NodeKind::kObject);
    tree_.AddMember(value, "reference", NodeKind::kString, reference);
  }
  const fhir::Tree& tree() const { return tree_; }

 private:
  NodeIndex Item(std::string_view name) {
    const NodeIndex item = tree_.AddItem(list_, NodeKind::kObject);
    tree_.AddMember(item, "name", NodeKind::kString, name);
    return item;
  }
  void Add(std::string_view name, std::string_view member, std::string_view value) {
    if (!value.empty()) tree_.AddMember(Item(name), member, NodeKind::kString, value);
  }

  fhir::Tree tree_;
  NodeIndex list_;
};

// Runs `Type/$name`, or `Type/id/$name`, inside the plan.
base::Result<base::Done> RunOperation(Plan& plan, std::string_view type_name, std::string_view name, std::string_view id, const fhir::Tree& parameters) {
  const fhir::Type* type = plan.definitions().FindResource(type_name);
  const interaction::Level level = id.empty() ? interaction::Level::kType : interaction::Level::kInstance;
  const interaction::Operation* operation = plan.services().operations.Find(name, type, level);
  if (operation == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, fmt::format("no operation {}", name));
  HEYI_TRY(answer, operation->Run(plan, {type, std::string(id), &parameters, {}}));
  static_cast<void>(answer);
  return base::Done{};
}

base::Result<std::vector<std::string>> FindTasks(const Plan& plan, const interaction::Query& query) {
  const fhir::Type& type = *plan.definitions().FindResource("Task");
  HEYI_TRY(search, fhir::ParseSearch(type, query, /*lenient=*/false, *plan.services().parameters));
  return plan.Match(type, search.criteria, 10);
}

// BED_REFERRAL: the request stands; its Task is made (REQUESTED) or moved along the edge that the status names.
base::Result<base::Done> MoveReferral(EffectContext& context) {
  const Plan::Put* request = context.Written("request");
  if (request == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, "BED_REFERRAL map without request");
  HEYI_TRY(found, context.plan.Find(*request->type, request->id));
  const std::string reference = "ServiceRequest/" + request->id;
  const fhir::Node performer = found->tree.root().Member("performer");
  const std::string owner(performer ? performer.first_child().TextAt("reference") : std::string_view());
  const std::string_view status = context.Value("status");
  ParameterList parameters(context.plan.definitions());
  parameters.Code("message-status", status);
  if (status == "REQUESTED") {
    parameters.Reference("request", reference);
    parameters.Reference("owner", owner);
    return RunOperation(context.plan, "Task", "transition", "", parameters.tree());
  }
  HEYI_TRY(tasks, FindTasks(context.plan, {{"focus", reference}, {"owner", owner}}));
  if (tasks.empty()) return Error(ErrorKind::kNotFound, "exchange.unknown-referral", "data.refNo", context.message.record.StringAt("refNo"));
  return RunOperation(context.plan, "Task", "transition", tasks.front(), parameters.tree());
}

// 2401: the visit id is ours to give; a referral that is on its way to this hospital arrives with the admission.
base::Result<base::Done> Admit(EffectContext& context) {
  JsonValue result = JsonValue::Object();
  result.Set("mdtrt_id", JsonValue::OfString(context.Value("mdtrt_id")));
  context.ack.output = JsonValue::Object();
  context.ack.output.Set("result", std::move(result));
  const Plan::Put* encounter = context.Written("encounter");
  if (encounter == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, "2401 map without encounter");
  HEYI_TRY(found, context.plan.Find(*encounter->type, encounter->id));
  const fhir::Node root = found->tree.root();
  const fhir::Node provider = root.Member("serviceProvider");
  HEYI_TRY(tasks, FindTasks(context.plan, {{"patient", std::string(root.Member("subject").TextAt("reference"))},
                                           {"owner", std::string(provider ? provider.TextAt("reference") : std::string_view())},
                                           {"status", "in-progress"},
                                           {"business-status", "in-transit"}}));
  if (tasks.empty()) return base::Done{};  // a plain admission
  ParameterList parameters(context.plan.definitions());
  parameters.Code("edge", "E09");
  parameters.Reference("encounter", "Encounter/" + encounter->id);
  const fhir::Node period = root.Member("period");
  if (period) parameters.Time("time", period.TextAt("start"));
  return RunOperation(context.plan, "Task", "transition", tasks.front(), parameters.tree());
}

// 2402: the discharge frees the bed.
base::Result<base::Done> Discharge(EffectContext& context) {
  const Plan::Put* encounter = context.Written("encounter");
  if (encounter == nullptr) return Error(ErrorKind::kInternal, "internal.failed", {}, "2402 map without encounter");
  HEYI_TRY(found, context.plan.Find(*encounter->type, encounter->id));
  ParameterList parameters(context.plan.definitions());
  const fhir::Node period = found->tree.root().Member("period");
  if (period) parameters.Time("time", period.TextAt("end"));
  return RunOperation(context.plan, "Encounter", "leave-bed", encounter->id, parameters.tree());
}

base::Result<std::vector<fhir::Tree>> CoveragesOf(const Plan& plan, const mapping::Mapped& mapped) {
  std::vector<fhir::Tree> coverages;
  const fhir::Type& type = *plan.definitions().FindResource("Coverage");
  for (const mapping::MappedResource& resource : mapped.resources) {
    if (resource.name != "patient") continue;
    HEYI_TRY(search, fhir::ParseSearch(type, {{"beneficiary", fmt::format("Patient/{}", resource.tree.id())}}, /*lenient=*/false,
                                       *plan.services().parameters));
    HEYI_TRY(ids, plan.Match(type, search.criteria, kCoveragesMax));
    for (const std::string& id : ids) {
      HEYI_TRY(found, plan.Find(type, id));
      if (found) coverages.push_back(std::move(found->tree));
    }
  }
  return coverages;
}

// 1101: a question, answered from the record by the same map the other way.
base::Result<base::Done> AnswerPersonQuery(EffectContext& context) {
  std::vector<std::pair<std::string, fhir::Node>> resources;
  for (const mapping::MappedResource& resource : context.mapped.resources) resources.emplace_back(resource.name, resource.tree.root());
  HEYI_TRY(coverages, CoveragesOf(context.plan, context.mapped));
  for (const fhir::Tree& coverage : coverages) resources.emplace_back("coverage", coverage.root());
  base::Outcome outcome;
  HEYI_TRY(record, context.map.ToRecord(resources, outcome));
  if (outcome.HasErrors()) return Error(ErrorKind::kInvalid, std::move(outcome));
  context.ack.output = std::move(record);
  return base::Done{};
}

struct EffectRow {
  std::string_view department, message_type;
  Effect effect;
};

constexpr EffectRow kEffects[] = {
    {"civil-affairs", "BED_REFERRAL", MoveReferral},
    {"insurance", "2401", Admit},
    {"insurance", "2402", Discharge},
    {"insurance", "1101", AnswerPersonQuery},
};

}  // namespace

const Plan::Put* EffectContext::Written(std::string_view name) const {
  for (const auto& [written_name, put] : written) {
    if (written_name == name) return &put;
  }
  return nullptr;
}

std::string_view EffectContext::Value(std::string_view name) const {
  for (const std::string& value : mapped.values) {
    if (value.size() > name.size() && value.starts_with(name) && value[name.size()] == '=') return std::string_view(value).substr(name.size() + 1);
  }
  return {};
}

Effect FindEffect(std::string_view department, std::string_view message_type) {
  for (const EffectRow& row : kEffects) {
    if (row.department == department && row.message_type == message_type) return row.effect;
  }
  return nullptr;
}

}  // namespace heyi::exchange
