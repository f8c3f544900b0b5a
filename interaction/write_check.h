// What a higher room asks of a resource before a client's write of it is planned: a Subscription's endpoint, for one.
#pragma once

#include "base/context.h"
#include "base/result.h"
#include "fhir/model/tree.h"
#include "store/store.h"

namespace heyi::interaction {

class WriteCheck {
 public:
  virtual ~WriteCheck() = default;

  // Called for every resource that a client writes, after the write rules and before policy; not for effects of an
  // operation or a message. Cheap, no I/O but on `snapshot`, any thread. May set what is the server's to say.
  //   errors  kInvalid with all issues, kForbidden
  virtual base::Result<base::Done> Check(const base::Context& context, const store::Snapshot& snapshot, fhir::Tree& tree) const = 0;
};

}  // namespace heyi::interaction
