// XML Patch on a resource: written as XML, patched, read again.
#include <fmt/format.h>

#include "base/xml/escape.h"
#include "fhir/patch/xml_patch.h"
#include "fhir/xml/layout.h"
#include "fhir/xml/parse.h"
#include "fhir/xml/write.h"
#include "fhir/xml/xhtml.h"

namespace heyi::fhir {
namespace {

using base::Done;
using base::Error;
using base::ErrorKind;
using base::Result;

size_t CountReplacements(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  size_t count = 0;
  for (size_t at = text.find(kReplacement); at != std::string_view::npos; at = text.find(kReplacement, at + 1)) ++count;
  return count;
}

// Would the writer have to put something else in its place?
bool IsLost(Node node) {
  if (node.kind() != NodeKind::kString || node.text().empty()) return false;
  if (node.property() != nullptr && IsXhtml(*node.property())) return !CanonicalXhtml(node.text());
  std::string written;
  base::AppendXmlText(written, node.text());
  return CountReplacements(written) > CountReplacements(node.text());
}

// A patch changes what it names: what XML cannot say must not be lost on the way.
Result<Done> CheckWritable(Node root) {
  for (Node node = root; node;) {
    if (IsLost(node)) return Error(ErrorKind::kInvalid, "patch.xml-form", ExpressionOf(node));
    Node next = node.first_child();
    for (Node up = node; !next && up && up != root; up = up.parent()) next = up.next();
    node = next;
  }
  return Done{};
}

Error TooCostly(std::string_view of) { return Error(ErrorKind::kTooLarge, "patch.too-costly", {}, of); }

}  // namespace

Result<Tree> ApplyXmlPatch(const Tree& resource, std::string_view patch, const Definitions& definitions,
                           const PatchLimits& limits) {
  HEYI_TRY(operations, ReadPatchNodes(patch, limits));
  HEYI_CHECK(CheckWritable(resource.root()));
  auto document = ReadPatchNodes(WriteXml(resource), limits);
  if (!document.ok()) return TooCostly("the resource");  // we wrote it: it can only be too large or too deep
  HEYI_TRY(patched, ApplyXmlPatch(std::move(*document), operations, limits));
  PatchWork work(limits.work_max);
  std::optional<std::string> text = WritePatchNodes(patched, work);
  if (!text) return TooCostly("work");
  if (text->size() > limits.result_bytes_max) return TooCostly(fmt::format("more than {} bytes", limits.result_bytes_max));
  auto result = ParseXmlResource(std::move(*text), definitions);
  if (!result.ok()) return Error(ErrorKind::kInvalid, std::move(result).error().outcome);
  return result;
}

}  // namespace heyi::fhir
