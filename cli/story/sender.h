// The story's departments as clients: each with its token, its format and its checks.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json/value.h"
#include "cli/client.h"
#include "cli/story/invented.h"
#include "net/mllp_client.h"

namespace heyi::cli {

class Sender {
 public:
  // Tokens lie in `data_directory`, as `heyi serve` left them. `witness` as in Client. `mllp_port`: 0 = not used.
  Sender(std::string server, const std::string& data_directory, uint16_t mllp_port = 0, const std::shared_ptr<Witness>& witness = nullptr);

  // Civil affairs' envelope with its SM3 digest, sent by whoever holds `client`'s token.
  //   returns  the answer's code: 0 taken, 1 refused, 2 kept; -1 where there was no proper answer
  int Civil(const Client& client, std::string_view type, std::string_view message_id, std::string_view sender_uscc, base::JsonValue data);
  // The insurance envelope; `output` gets the answer's output node. Returns infcode.
  int Insurance(std::string_view infno, std::string_view message_id, const Institution& institution, base::JsonValue input, base::JsonValue* output);

  // HL7 v2 by MLLP. Returns MSA-1 ("AA"); empty where nothing came back.
  std::string Mllp(std::string_view message);
  // A CDA document from the hospital. Returns the answer's code as Civil does.
  int Document(std::string document);
  // A transaction from the internet hospital; HTTP status.
  int Transaction(std::string bundle);

  // Task/<id>/$transition along `edge`. Returns the HTTP status.
  int Transition(const Client& client, std::string_view task_id, std::string_view edge,
                 std::initializer_list<std::pair<std::string_view, std::string>> parameters);

  // The single match of a search, or a null value.
  base::JsonValue FindOne(std::string_view type_and_query) const;
  // PUT of a whole resource; HTTP status.
  int Put(const Client& client, const base::JsonValue& resource);

  const Client& operators() const { return operator_; }
  const Client& civil_affairs() const { return civil_affairs_; }
  const Client& care_home() const { return care_home_; }
  const Client& hospital() const { return hospital_; }
  const Client& insurance() const { return insurance_; }
  const Client& auditor() const { return auditor_; }
  const std::string& last_answer() const { return last_answer_; }

 private:
  Client operator_, civil_affairs_, care_home_, hospital_, internet_hospital_, insurance_, auditor_;
  net::MllpClient mllp_;
  std::shared_ptr<Witness> witness_;
  std::string last_answer_;
};

// {"name": "text", …} of string members.
base::JsonValue Record(std::initializer_list<std::pair<std::string_view, std::string>> members);
base::JsonValue Parse(std::string text);  // of a literal; aborts where it is not JSON

// "2026-11-24 11:41:29" in the district's zone, as both departments write it.
std::string WireTime(base::TimeMs ms);

}  // namespace heyi::cli
