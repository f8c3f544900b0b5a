// The story as a play: one elder's way from the care home to the hospital and back, told by the messages that carry it.
// Each chapter returns false at the first step that does not hold.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "adapters/identifiers.h"
#include "cli/story/district.h"
#include "cli/story/hospital.h"
#include "cli/story/receiver.h"
#include "cli/story/sender.h"

namespace heyi::cli {

class Story {
 public:
  Story(Sender& sender, const Receiver& receiver, int elder_number);
  bool Play();

 private:
  // beginning.cc
  bool District();
  bool Insured();    // the insurance bureau's own knowledge of the elder comes as FHIR
  bool Settled();    // the elder lives in the care home
  // to_hospital.cc
  bool Worse();
  bool Admitted();
  bool AdmittedElsewhere();
  // back_home.cc
  bool Better();
  bool Returned();
  bool FollowedUp();
  // ending.cc
  bool Told();       // civil affairs, by its own endpoint, in its own format
  bool OneRecord();
  bool Audited();

  // Prints the step's line; the story goes on only while `held`.
  bool Step(bool held, std::string_view text);
  std::string MessageId(std::string_view what) const { return fmt::format("MZ{}-{}", stamp_, what); }
  std::string InsuranceId(int sequence) const;
  std::string IdAt(std::string_view query) const { return std::string(sender_.FindOne(query).StringAt("id")); }
  base::JsonValue Referral(std::string_view reference, std::string_view status, bool to_hospital) const;
  std::string TaskOf(std::string_view reference) const;
  bool TaskIs(std::string_view task, std::string_view status, std::string_view business) const;
  // A document that goes along, by reference and digest. Returns its reference, empty where it was not taken.
  std::string PutDocument(const Client& client, std::string_view title);

  Sender& sender_;
  const Receiver& receiver_;
  const Elder& elder_;
  const Institution& home_;
  const Institution& hospital_;
  const base::TimeMs stamp_;
  Visit stay_;
  int step_ = 0;
  int documents_ = 0;
  std::string patient_, home_organization_, hospital_organization_;
  std::string out_, back_, out_task_, back_task_, visit_;
};

}  // namespace heyi::cli
