// A clinical document (CDA): kept whole as a Binary, with its digest in the DocumentReference; where the elder's referral
// waits for the sender's records, they have come (E07).
#include "base/digest.h"
#include "exchange/effects/effects.h"
#include "exchange/effects/steps.h"

namespace heyi::exchange {
namespace {

using fhir::NodeIndex;
using fhir::NodeKind;

base::Result<base::Done> WriteBinary(EffectContext& context, std::string_view id) {
  fhir::Tree binary;
  binary.SetRoot(context.plan.definitions().FindResource("Binary"));
  binary.AddMember(0, "id", NodeKind::kString, id);
  binary.AddMember(0, "contentType", NodeKind::kString, "text/xml");
  binary.AddMember(0, "data", NodeKind::kString, base::ToBase64(context.raw));
  HEYI_TRY(put, context.plan.Write(std::move(binary)));
  static_cast<void>(put);
  return base::Done{};
}

// R4's Attachment.hash is SHA-1. https://hl7.org/fhir/R4/datatypes.html#attachment
base::Result<base::Done> WriteDigest(EffectContext& context, fhir::Tree document) {
  const fhir::Node content = document.root().Member("content").first_child();
  const NodeIndex attachment = content ? content.Member("attachment").index() : fhir::kNoNode;
  if (attachment != fhir::kNoNode) {
    const base::Digest20 digest = base::Sha1(context.raw);
    document.AddMember(attachment, "size", NodeKind::kNumber, std::to_string(context.raw.size()));
    document.AddMember(attachment, "hash", NodeKind::kString, base::ToBase64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  }
  HEYI_TRY(put, context.plan.Write(std::move(document)));
  static_cast<void>(put);
  return base::Done{};
}

}  // namespace

base::Result<base::Done> KeepDocument(EffectContext& context) {
  HEYI_TRY(found, context.Resource("document"));
  const std::string reference = "DocumentReference/" + std::string(found.tree.id());
  const std::string elder(found.tree.root().Member("subject").TextAt("reference"));
  const fhir::Node custodian = found.tree.root().Member("custodian");
  const std::string sender(custodian ? custodian.TextAt("reference") : std::string_view());
  const std::string_view binary = context.Value("binary");
  HEYI_CHECK(WriteBinary(context, binary.substr(binary.find('/') + 1)));
  HEYI_CHECK(WriteDigest(context, std::move(found.tree)));

  HEYI_TRY(tasks, FindTasks(context.plan, {{"patient", elder}, {"requester", sender}, {"status", "accepted"}, {"business-status", "selected"}}));
  for (const std::string& task : tasks) {
    ParameterList parameters(context.plan.definitions());
    parameters.Code("edge", "E07");
    parameters.Reference("document", reference);
    HEYI_CHECK(RunOperation(context.plan, "Task", "transition", task, parameters.tree()));
  }
  return base::Done{};
}

}  // namespace heyi::exchange
