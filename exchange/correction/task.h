// The Task of a correction: made, read, moved along an edge. https://hl7.org/fhir/R4/task.html
//
//   code correction; focus the resource; owner who wrote the element, requester who found it wrong (an Organization where
//   one is known, its department as identifier always); input: path, version, stated, proposed, source; output: the version
//   that corrected it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exchange/correction/edges.h"
#include "interaction/plan.h"

namespace heyi::exchange {

inline constexpr std::string_view kCorrectionSystem = "https://heyi.example/fhir/cs/correction";
inline constexpr std::string_view kDepartmentSystem = "https://heyi.example/fhir/sid/department";
// Open ones, key "<Type>/<id>/<of which path, asked by which department>": the same is asked once.
inline constexpr std::string_view kDisputeSpace = "dispute";

struct Party {
  std::string department;
  std::string organization;  // "Organization/o1", or empty
};

Party PartyOfCaller(const base::Caller& caller);
Party PartyAt(const fhir::Tree& task, std::string_view member);  // "owner", "requester"
// Does the caller speak for that party? An organization for itself; who has none (a bureau, a department's system) for
// all of its department; the hub and its operators for all.
bool SpeaksFor(const base::Caller& caller, const Party& party);

// What is open, as its fact says.
struct OpenDispute {
  std::string resource;      // "Patient/p1"
  std::string task;          // id
  std::string path;
  std::string owner, requester;  // departments
  std::string organization;  // the owner's, or empty
  uint64_t version = 0;      // that was disputed
};
std::string DisputeKey(std::string_view resource, std::string_view path, std::string_view requester);
std::string DisputeKeyOf(const fhir::Tree& task);
store::Fact FactOf(const OpenDispute& dispute);
std::optional<OpenDispute> ReadDispute(std::string_view key, std::string_view value);
// Those of one resource, at most kDisputesOpenMax.
base::Result<std::vector<OpenDispute>> OpenDisputesOf(const store::Snapshot& snapshot, std::string_view resource);

void SetParty(fhir::Tree& task, std::string_view member, const Party& party);
// An input or output of that code; returns it, for its value to be hung in.
fhir::NodeIndex AddDetail(fhir::Tree& task, std::string_view list, std::string_view code);
void AddTextDetail(fhir::Tree& task, std::string_view list, std::string_view code, std::string_view text);    // empty: none
void AddReferenceDetail(fhir::Tree& task, std::string_view list, std::string_view code, std::string_view reference);

// Moves the Task along the edge and writes it with the step's Provenance; where the edge closes, the fact goes.
//   `corrected`  the version that came of it ("Patient/p1/_history/4"), or empty
base::Result<interaction::Plan::Put> TakeEdge(interaction::Plan& plan, fhir::Tree task, const CorrectionEdge& edge, std::string_view reason,
                                              const std::string& corrected);
// The Provenance of one step: who took it, on which Task, about which version.
base::Result<base::Done> WriteStep(interaction::Plan& plan, const interaction::Plan::Put& task, const CorrectionEdge& edge, std::string_view about);

}  // namespace heyi::exchange
