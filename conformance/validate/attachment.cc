#include "conformance/validate/attachment.h"

#include "base/digest.h"

namespace heyi::conformance {

using fhir::Node;

void CheckAttachment(Node attachment, Session& session) {
  const Node data = attachment.Member("data");
  std::string bytes;
  if (!data || data.text().empty() || !base::FromBase64(data.text(), &bytes)) return;
  const std::string_view size = attachment.TextAt("size");
  if (!size.empty() && size != std::to_string(bytes.size())) session.Report("conformance.attachment-size", attachment, std::to_string(bytes.size()));
  const base::Digest20 digest = base::Sha1(bytes);
  const std::string_view hash = attachment.TextAt("hash");
  const std::string own = base::ToBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  if (!hash.empty() && hash != own) session.Report("conformance.attachment-hash", attachment, own);
}

}  // namespace heyi::conformance
