// The referral table: the edges a referral Task may take, as data. Ids are permanent. Not here yet: those that a clock or
// an emergency takes (E13, E14, E17–E20).
// Task.status / businessStatus in https://hl7.org/fhir/R4/task.html; the table is docs/referral.md.
#pragma once

#include <span>
#include <string_view>

namespace heyi::care {

enum class Actor : unsigned char {
  kRequester,  // Task.requester
  kCandidate,  // Task.owner
  kSender,     // who has the elder now: the requester
  kBoth,       // requester and owner both sign; the second signature takes the edge
  kSystem,     // Heyi itself; over REST an operator
};

// What an edge does besides moving the Task, and what it asks first. Bits.
enum Effect : unsigned {
  kNoEffect = 0,
  kNeedsAgreement = 1 << 0,   // an executed Contract between requester and owner, unless the request is an emergency
  kNeedsDocument = 1 << 1,    // the transfer document named by `document` is here
  kNeedsReason = 1 << 2,      // a coded reason
  kHoldBed = 1 << 3,          // a free bed of the wanted kind at the owner is reserved until the hold's end
  kReleaseHold = 1 << 4,
  kOccupyBed = 1 << 5,        // the hold becomes a stay; the source stay is closed, or its bed kept
  kCloseOthers = 1 << 6,      // the other Tasks of the same request take E16
  kCompleteRequest = 1 << 7,  // the ServiceRequest is completed
  kRevokeRequest = 1 << 8,    // … revoked
};

struct State {
  std::string_view status;    // Task.status; empty: no Task yet
  std::string_view business;  // businessStatus code; empty: none; "*" in the table: any
};

struct Edge {
  std::string_view id;        // "E05"
  State from, to;
  Actor actor;
  unsigned effects;
  std::string_view message_status;  // BED_REFERRAL status that asks for it, or empty
};

std::span<const Edge> Edges();

// The edge that leads out of `from` under that id, or by that message status; null where the table has none.
const Edge* FindEdge(std::string_view id, State from);
const Edge* FindEdgeByMessage(std::string_view message_status, State from);

}  // namespace heyi::care
