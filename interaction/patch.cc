// patch: part of a resource is changed, by JSON Patch, XML Patch or FHIRPath Patch; on an instance, and by criteria.
// https://hl7.org/fhir/R4/http.html#patch
#include "interaction/patch.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/ids.h"
#include "base/json/value.h"
#include "base/text.h"
#include "fhir/json/parse.h"
#include "fhir/patch/json_patch.h"
#include "fhir/patch/path_patch.h"
#include "fhir/patch/xml_patch.h"
#include "interaction/access.h"
#include "interaction/body.h"
#include "interaction/conditional.h"
#include "interaction/interactions.h"
#include "interaction/preconditions.h"

namespace heyi::interaction {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kXmlPatch = "application/xml-patch+xml";
constexpr std::string_view kFormats[] = {"application/fhir+json", "application/fhir+xml", kJsonPatch, kXmlPatch};

struct SentPatch {
  std::string format;  // a media type; empty: FHIRPath Patch
  std::string text;
  std::optional<fhir::Tree> parameters;
};

std::string PlainMediaType(std::string_view content_type) {
  return base::AsciiLower(base::Trim(content_type.substr(0, content_type.find(';'))));
}

// In a Bundle, a patch that is no resource comes in a Binary.
Result<SentPatch> OfResource(fhir::Tree resource) {
  if (resource.type()->name != "Binary") return SentPatch{{}, {}, std::move(resource)};
  SentPatch patch;
  patch.format = PlainMediaType(resource.root().TextAt("contentType"));
  if (!base::FromBase64(resource.root().TextAt("data"), &patch.text)) {
    return Error(ErrorKind::kMalformed, "interaction.patch-data", "Binary.data");
  }
  return patch;
}

Result<SentPatch> TakePatch(const Plan& plan, Request& request) {
  if (request.resource) {
    fhir::Tree resource = std::move(*request.resource);
    request.resource.reset();
    return OfResource(std::move(resource));
  }
  if (request.body.empty()) return Error(ErrorKind::kMalformed, "interaction.body-missing");
  if (!request.content_type.empty()) {
    return SentPatch{PlainMediaType(request.content_type), std::move(request.body), {}};
  }
  HEYI_TRY(parameters, fhir::ParseResource(std::move(request.body), plan.definitions()));
  return SentPatch{{}, {}, std::move(parameters)};
}

Result<fhir::Tree> ByJsonPatch(const Plan& plan, std::string json, std::string patch) {
  const fhir::PatchLimits limits;
  base::JsonLimits bounds;
  bounds.values_max = limits.values_max;
  HEYI_TRY(operations, base::ParseJson(std::move(patch), bounds));
  HEYI_TRY(document, base::ParseJson(std::move(json), bounds));
  HEYI_TRY(result, fhir::ApplyJsonPatch(std::move(document), operations, limits));
  std::string text = base::WriteJson(result);
  if (text.size() > limits.result_bytes_max) {
    return Error(ErrorKind::kTooLarge, "patch.too-costly", {},
                 fmt::format("more than {} bytes", limits.result_bytes_max));
  }
  auto tree = fhir::ParseResource(std::move(text), plan.definitions());
  // What a patch made is judged as a result, not as what was sent.
  if (!tree.ok()) return Error(ErrorKind::kInvalid, std::move(tree).error().outcome);
  return tree;
}

Result<fhir::Tree> ByXmlPatch(const Plan& plan, std::string json, std::string_view patch) {
  HEYI_TRY(tree, fhir::ParseResource(std::move(json), plan.definitions()));
  return fhir::ApplyXmlPatch(tree, patch, plan.definitions());
}

Result<fhir::Tree> ByPathPatch(const Plan& plan, std::string json, const fhir::Tree& parameters) {
  HEYI_TRY(tree, fhir::ParseResource(std::move(json), plan.definitions()));
  const fhir::LocalEvalContext context(plan.context().clock.NowMs());
  return fhir::ApplyPathPatch(std::move(tree), parameters, plan.definitions(), context);
}

Result<fhir::Tree> Apply(const Plan& plan, std::string json, SentPatch patch) {
  if (patch.parameters) return ByPathPatch(plan, std::move(json), *patch.parameters);
  if (patch.format == kXmlPatch) return ByXmlPatch(plan, std::move(json), patch.text);
  return ByJsonPatch(plan, std::move(json), std::move(patch.text));
}

Result<Step> PatchAt(Call& call, Plan plan, std::string_view id, audit::Leaf leaf) {
  HEYI_TRY(tree, Patched(plan, *call.type, id, call.request));
  HEYI_TRY(put, plan.Write(std::move(tree)));
  return AnswerWrite(call, std::move(plan), put, std::move(leaf));
}

}  // namespace

std::span<const std::string_view> PatchFormats() { return kFormats; }

Result<fhir::Tree> Patched(const Plan& plan, const fhir::Type& type, std::string_view id, Request& request) {
  const std::string name = fmt::format("{}/{}", type.name, id);
  const base::Caller& caller = plan.context().caller;
  HEYI_TRY(current, plan.snapshot().Current(type, id));
  // A patch can tell what is there, by its tests and by its answer: who may not read may not know.
  if (!current || !MayRead(plan.services(), caller, policy::Action::kRead, type, current->label)) {
    return Error(ErrorKind::kNotFound, "interaction.not-found", {}, name);
  }
  if (current->deleted) return Error(ErrorKind::kGone, "interaction.deleted", {}, name);
  if (!MayRead(plan.services(), caller, policy::Action::kUpdate, type, current->label)) {
    return Error(ErrorKind::kForbidden, "interaction.forbidden", {}, type.name);
  }
  HEYI_CHECK(CheckIfMatch(request, current->version));
  HEYI_TRY(patch, TakePatch(plan, request));
  if (!patch.parameters && patch.format != kJsonPatch && patch.format != kXmlPatch) {
    return Error(ErrorKind::kUnsupported, "interaction.patch-format", {}, patch.format);
  }
  HEYI_TRY(json, plan.snapshot().Json(*current));
  auto tree = Apply(plan, std::move(json), std::move(patch));
  if (tree.ok() && (tree->type() != &type || tree->id() != id)) {
    return Error(ErrorKind::kInvalid, "interaction.patch-identity", {}, name);
  }
  return tree;
}

Result<Step> Patch(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "patch", audit::Action::kUpdate);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kUpdate, call.type->name, leaf));
  if (!base::IsFhirId(call.id)) return Error(ErrorKind::kMalformed, "interaction.id-format", {}, call.id);
  return PatchAt(call, Plan(call.services, call.context), call.id, std::move(leaf));
}

Result<Step> ConditionalPatch(Call& call) {
  audit::Leaf leaf = StartLeaf(call.context, call.request, "patch", audit::Action::kUpdate);
  HEYI_CHECK(RequireType(call.services, call.context.caller, policy::Action::kUpdate, call.type->name, leaf));
  Plan plan(call.services, call.context);
  HEYI_TRY(match, MatchOne(plan, *call.type, call.request.query));
  if (!match) return Error(ErrorKind::kNotFound, "interaction.no-match", {}, call.type->name);
  return PatchAt(call, std::move(plan), *match, std::move(leaf));
}

}  // namespace heyi::interaction
