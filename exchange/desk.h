// What operators ask and order over HTTP, below /exchange: one desk an area (`messages`, `channels`). The server has
// asked policy whether the caller may manage the area; every answer leaves a leaf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/leaf.h"
#include "base/context.h"
#include "base/result.h"
#include "interaction/request.h"

namespace heyi::exchange {

struct DeskCall {
  std::string method;             // GET, POST
  std::vector<std::string> path;  // decoded, behind the desk's name
  interaction::Query query;
  std::string body;               // JSON, or empty
};

struct DeskAnswer {
  int status = 200;
  std::string json;
};

class Desk {
 public:
  virtual ~Desk() = default;
  virtual std::string_view name() const = 0;  // the address's segment, and policy's word for it
  // Blocks; any thread. `leaf` has caller and interaction; the desk adds what the answer is about.
  //   errors  kNotFound, kNotAllowed, kMalformed exchange.*
  virtual base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context& context, audit::Leaf& leaf) = 0;
};

// The first value of that name; empty where there is none.
std::string_view QueryValue(const interaction::Query& query, std::string_view name);

}  // namespace heyi::exchange
