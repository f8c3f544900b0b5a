#include "exchange/correction/edges.h"

namespace heyi::exchange {
namespace {

constexpr CorrectionEdge kCorrectionEdges[] = {
    {"K01", kOutcomeAsked, "", "requested", CorrectionParty::kRequester, true, false, false},
    {"K02", "accepted", "requested", "accepted", CorrectionParty::kOwner, false, false, false},
    {"K03", "corrected", "requested", "completed", CorrectionParty::kOwner, false, true, true},
    {"K03", "corrected", "accepted", "completed", CorrectionParty::kOwner, false, true, true},
    {"K04", "rejected", "requested", "rejected", CorrectionParty::kOwner, true, false, true},
    {"K05", "rejected", "accepted", "failed", CorrectionParty::kOwner, true, false, true},
    {"K06", "withdrawn", "requested", "cancelled", CorrectionParty::kRequester, false, false, true},
    {"K06", "withdrawn", "accepted", "cancelled", CorrectionParty::kRequester, false, false, true},
    {"K07", kOutcomeChanged, "requested", "completed", CorrectionParty::kHub, false, false, true},
    {"K07", kOutcomeChanged, "accepted", "completed", CorrectionParty::kHub, false, false, true},
    {"K08", kOutcomeGone, "requested", "cancelled", CorrectionParty::kHub, false, false, true},
    {"K08", kOutcomeGone, "accepted", "cancelled", CorrectionParty::kHub, false, false, true},
};

}  // namespace

std::span<const CorrectionEdge> CorrectionEdges() { return kCorrectionEdges; }

const CorrectionEdge* FindCorrectionEdge(std::string_view outcome, std::string_view from) {
  for (const CorrectionEdge& edge : kCorrectionEdges) {
    if (edge.outcome == outcome && edge.from == from) return &edge;
  }
  return nullptr;
}

}  // namespace heyi::exchange
