#include "interaction/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "interaction/access.h"
#include "interaction/interactions.h"
#include "interaction/limits.h"
#include "interaction/operations.h"
#include "interaction/search_answer.h"
#include "interaction/status.h"

namespace heyi::interaction {
namespace {

using base::Error;
using base::ErrorKind;

constexpr size_t kInlineBodyBytesMax = 64 * 1024;

constexpr Route kRoutes[] = {
    {"GET", Shape::kMetadata, "capabilities", Capabilities},
    {"GET", Shape::kInstance, "read", Read},
    {"GET", Shape::kVersion, "vread", VersionRead},
    {"PUT", Shape::kInstance, "update", Update},
    {"PATCH", Shape::kInstance, "patch", Patch},
    {"DELETE", Shape::kInstance, "delete", Delete},
    {"GET", Shape::kInstanceHistory, "history-instance", InstanceHistory},
    {"GET", Shape::kTypeHistory, "history-type", TypeHistory},
    {"POST", Shape::kType, "create", Create},
    {"PUT", Shape::kType, "update", ConditionalUpdate},
    {"PATCH", Shape::kType, "patch", ConditionalPatch},
    {"DELETE", Shape::kType, "delete", ConditionalDelete},
    {"GET", Shape::kType, "search-type", SearchType},
    {"POST", Shape::kTypeSearch, "search-type", SearchType},
    {"GET", Shape::kCompartment, "search-compartment", SearchCompartment},
    {"POST", Shape::kCompartmentSearch, "search-compartment", SearchCompartment},
    {"GET", Shape::kBase, "search-system", SearchSystem},
    {"POST", Shape::kSystemSearch, "search-system", SearchSystem},
    {"POST", Shape::kBase, "transaction", ProcessBundle},
    {"GET", Shape::kSystemHistory, "history-system", SystemHistory},
};

struct Address {
  Shape shape = Shape::kBase;
  const fhir::Type* type = nullptr;
  std::string id;
  std::string operation;  // "$transition"
};

base::Result<Address> ReadAddress(const Services& services, const std::vector<std::string>& segments) {
  Address address;
  size_t at = 0;
  if (segments.empty()) return address;
  if (segments.size() == 1 && segments[0] == "metadata") {
    address.shape = Shape::kMetadata;
    return address;
  }
  if (segments.size() == 1 && (segments[0] == "_history" || segments[0] == "_search")) {
    address.shape = segments[0] == "_history" ? Shape::kSystemHistory : Shape::kSystemSearch;
    return address;
  }
  if (!segments[0].starts_with('$')) {
    address.type = services.definitions().FindResource(segments[0]);
    if (address.type == nullptr) return Error(ErrorKind::kNotFound, "interaction.unknown-type", {}, segments[0]);
    address.shape = Shape::kType;
    at = 1;
  }
  const size_t left = segments.size() - at;
  const auto segment = [&](size_t i) -> const std::string& { return segments[at + i]; };
  if (left >= 1 && !segment(left - 1).empty() && segment(left - 1)[0] == '$') {
    if (left > 2 || (left == 2 && address.type == nullptr)) return Error(ErrorKind::kNotFound, "interaction.unknown-address");
    address.operation = segment(left - 1).substr(1);
    if (left == 2) address.id = segment(0);
    return address;
  }
  if (left == 0) return address;
  if (left == 1 && segment(0) == "_search") {
    address.shape = Shape::kTypeSearch;
    return address;
  }
  if (left == 1 && segment(0) == "_history") {
    address.shape = Shape::kTypeHistory;
    return address;
  }
  address.id = segment(0);
  if (left == 1) {
    address.shape = Shape::kInstance;
    return address;
  }
  if (segment(1) == "_history" && left == 2) {
    address.shape = Shape::kInstanceHistory;
    return address;
  }
  if (segment(1) == "_history" && left == 3) {
    address.shape = Shape::kVersion;
    return address;
  }
  if (left == 2 || (left == 3 && segment(2) == "_search")) {
    address.shape = left == 2 ? Shape::kCompartment : Shape::kCompartmentSearch;
    return address;
  }
  return Error(ErrorKind::kNotFound, "interaction.unknown-address");
}

base::Result<Step> MethodNotAllowed(const Address& address, std::string_view method) {
  std::string allow;
  for (const Route& route : Routes()) {
    if (route.shape != address.shape || allow.find(route.method) != std::string::npos) continue;
    allow += allow.empty() ? "" : ", ";
    allow += route.method;
    if (route.method == "GET") allow += ", HEAD";
  }
  Response response = ErrorResponse(Error(ErrorKind::kNotAllowed, "interaction.method", {}, method));
  response.allow = allow;
  return Step(std::move(response));
}

// AuditEvents are rendered from the journal: they are read here, and written only by what they tell of.
base::Result<Step> DispatchAuditEvent(Call& call, const Address& address) {
  if (call.request.reads_only() && address.shape == Shape::kInstance) return ReadAuditEvent(call);
  if (call.request.reads_only() && address.shape == Shape::kType) return SearchAuditEvents(call);
  Response response = ErrorResponse(Error(ErrorKind::kNotAllowed, "interaction.audit-write"));
  response.allow = "GET, HEAD";
  return Step(std::move(response));
}

base::Result<Step> Dispatch(const Services& services, const base::Context& context, Request& request, std::string_view& code) {
  HEYI_TRY(address, ReadAddress(services, request.segments));
  Call call{services, context, request, address.type, address.id};
  if (!address.operation.empty()) {
    // What nobody has is "operation" in leaves and metrics: such names are the asker's, and there is no end of them.
    code = services.operations.Has(address.operation) ? std::string_view(request.segments.back()) : "operation";
    return RunOperation(call);
  }
  if (address.type != nullptr && address.type->name == "AuditEvent") {
    code = address.shape == Shape::kInstance ? "read" : "search-type";
    return DispatchAuditEvent(call, address);
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  for (const Route& route : Routes()) {
    if (route.shape != address.shape || route.method != method) continue;
    code = route.code;
    return route.interaction(call);
  }
  return MethodNotAllowed(address, request.method);
}

audit::Action ActionOf(std::string_view method) {
  if (method == "PUT" || method == "PATCH") return audit::Action::kUpdate;
  if (method == "DELETE") return audit::Action::kDelete;
  if (method == "POST") return audit::Action::kCreate;
  return audit::Action::kRead;
}

// An error answer with the trace of who asked for what.
Response Refused(const base::Context& context, const Request& request, std::string_view code, const Error& error) {
  Response response = ErrorResponse(error);
  audit::Leaf leaf = StartLeaf(context, request, code.empty() ? "unknown" : code, ActionOf(request.method));
  leaf.rule = response.leaf.rule;
  if (request.segments.size() >= 2) leaf.resources.push_back({request.segments[0], request.segments[1], 0, leaf.action});
  response.leaf = std::move(leaf);
  return response;
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

Step Perform(const Services& services, const base::Context& context, Request& request) {
  std::string_view code;
  base::Result<Step> step = Dispatch(services, context, request, code);
  if (!step.ok()) return Refused(context, request, code, step.error());
  if (auto* response = std::get_if<Response>(&*step)) {
    if (response->leaf.interaction.empty()) {  // an error answer made along the way
      const std::string rule = response->leaf.rule;
      response->leaf = StartLeaf(context, request, code.empty() ? "unknown" : code, ActionOf(request.method));
      response->leaf.rule = rule;
    }
    response->leaf.status = response->status;
  }
  return std::move(*step);
}

Response PerformAndWait(const Services& services, const base::Context& context, Request request) {
  // Planning takes the body apart, so a plan that may have to be made again keeps it.
  const std::string body = request.body;
  std::optional<fhir::Tree> resource;
  if (request.resource) resource = request.resource->Clone();
  for (int attempt = 0; attempt < kReplansMax; ++attempt) {
    Step step = Perform(services, context, request);
    if (auto* response = std::get_if<Response>(&step)) return std::move(*response);
    Pending& pending = std::get<Pending>(step);
    const base::Result<store::CommitReceipt> receipt = services.store.CommitAndWait(std::move(pending.draft));
    if (receipt.ok()) return pending.render(*receipt);
    if (receipt.error().kind != ErrorKind::kStale) return Refused(context, request, "commit", receipt.error());
    request.body = body;
    if (resource) request.resource = resource->Clone();
  }
  return Refused(context, request, "commit", Error(ErrorKind::kUnavailable, "interaction.busy"));
}

bool IsHeavy(const Services& services, const Request& request) {
  // The first to ask for a code system or a profile has it compiled, and validation may go over a resource many times.
  constexpr std::string_view kSlow[] = {"$expand", "$validate-code", "$batch-validate-code", "$lookup", "$subsumes", "$translate", "$validate", "$transform"};
  if (request.method == "PATCH") return true;  // it works on what is stored, however large that is
  if (services.on_write.mode != WriteRules::Mode::kStructure && !request.reads_only()) return true;
  if (request.body.size() > kInlineBodyBytesMax || request.segments.empty()) return true;
  if (std::find(std::begin(kSlow), std::end(kSlow), request.segments.back()) != std::end(kSlow)) return true;
  if (request.segments.back() == "_history" && request.segments.size() < 3) return true;  // of a type, of the system
  return MayTakeLong(request.query);
}

}  // namespace heyi::interaction
