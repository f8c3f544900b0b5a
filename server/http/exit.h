// The single exit: every answer leaves here, and none before its leaf is durable.
//
// A write's leaf rode in its commit. A read's or a refusal's goes into the access journal first; the answer is parked
// meanwhile and released with its group, so the loop never waits. If the leaf cannot be stored, 503 leaves instead.
#pragma once

#include <memory>

#include "interaction/request.h"
#include "net/http.h"
#include "store/store.h"

namespace heyi::server {

struct Reply {
  net::Response http;
  audit::Leaf leaf;
  bool leaf_recorded = false;
};

class Exit {
 public:
  Exit(store::Store& access, bool lazy) : access_(access), lazy_(lazy) {}

  void Release(Reply reply, std::unique_ptr<net::Responder> responder);

 private:
  store::Store& access_;
  const bool lazy_;
};

}  // namespace heyi::server
