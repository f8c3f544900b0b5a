// The edges that a correction may take, as data. Ids are permanent. Task.status: https://hl7.org/fhir/R4/task.html
#pragma once

#include <span>
#include <string_view>

namespace heyi::exchange {

enum class CorrectionParty : unsigned char {
  kRequester,  // who found it wrong
  kOwner,      // who wrote it
  kHub,        // Heyi itself, following the feed
};

struct CorrectionEdge {
  std::string_view id;       // "K04"
  std::string_view outcome;  // of $settle, or of the hub's own
  std::string_view from, to;
  CorrectionParty party;
  bool needs_reason;
  bool needs_patch;
  bool closes;
};

std::span<const CorrectionEdge> CorrectionEdges();
// Null where the table has none.
const CorrectionEdge* FindCorrectionEdge(std::string_view outcome, std::string_view from);

inline constexpr std::string_view kOutcomeAsked = "asked", kOutcomeChanged = "changed", kOutcomeGone = "gone";

}  // namespace heyi::exchange
