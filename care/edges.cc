#include "care/edges.h"

namespace heyi::care {
namespace {

constexpr State kNone{"", ""};
constexpr std::string_view kAny = "*";

constexpr Edge kEdges[] = {
    {"E01", kNone, {"requested", ""}, Actor::kRequester, kNeedsAgreement, "REQUESTED"},
    {"E02", {"requested", ""}, {"received", ""}, Actor::kCandidate, kNoEffect, ""},
    {"E03", {"received", ""}, {"received", "awaiting-info"}, Actor::kCandidate, kNoEffect, ""},
    {"E04", {"received", "awaiting-info"}, {"received", ""}, Actor::kRequester, kNoEffect, ""},
    {"E05", {"received", ""}, {"accepted", "offered"}, Actor::kCandidate, kHoldBed, ""},
    {"E06", {"accepted", "offered"}, {"accepted", "selected"}, Actor::kRequester, kCloseOthers, "ACCEPTED"},
    {"E07", {"accepted", "selected"}, {"accepted", "records-ready"}, Actor::kSystem, kNeedsDocument, ""},
    {"E08", {"accepted", "records-ready"}, {"in-progress", "in-transit"}, Actor::kSender, kNoEffect, ""},
    {"E09", {"in-progress", "in-transit"}, {"in-progress", "admitted"}, Actor::kCandidate, kOccupyBed, ""},
    {"E10", {"in-progress", "admitted"}, {"completed", ""}, Actor::kBoth, kCompleteRequest, "TRANSFERRED"},
    {"E11", {"requested", ""}, {"rejected", ""}, Actor::kCandidate, kNeedsReason, "REJECTED"},
    {"E11", {"received", kAny}, {"rejected", ""}, Actor::kCandidate, kNeedsReason, "REJECTED"},
    {"E12", {"requested", kAny}, {"cancelled", ""}, Actor::kRequester, kRevokeRequest, "CANCELLED"},
    {"E12", {"received", kAny}, {"cancelled", ""}, Actor::kRequester, kRevokeRequest, "CANCELLED"},
    {"E12", {"accepted", kAny}, {"cancelled", ""}, Actor::kRequester, kReleaseHold | kRevokeRequest, "CANCELLED"},
    {"E15", {"accepted", kAny}, {"failed", "bed-lost"}, Actor::kCandidate, kReleaseHold, ""},
    {"E16", {"accepted", "offered"}, {"cancelled", "not-selected"}, Actor::kSystem, kReleaseHold, ""},
    {"E16", {"received", kAny}, {"cancelled", "not-selected"}, Actor::kSystem, kNoEffect, ""},
    {"E16", {"requested", kAny}, {"cancelled", "not-selected"}, Actor::kSystem, kNoEffect, ""},
};

bool Fits(const State& pattern, const State& state) {
  return pattern.status == state.status && (pattern.business == kAny || pattern.business == state.business);
}

}  // namespace

std::span<const Edge> Edges() { return kEdges; }

const Edge* FindEdge(std::string_view id, State from) {
  for (const Edge& edge : kEdges) {
    if (edge.id == id && Fits(edge.from, from)) return &edge;
  }
  return nullptr;
}

const Edge* FindEdgeByMessage(std::string_view message_status, State from) {
  for (const Edge& edge : kEdges) {
    if (!message_status.empty() && edge.message_status == message_status && Fits(edge.from, from)) return &edge;
  }
  return nullptr;
}

}  // namespace heyi::care
