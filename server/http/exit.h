// The single exit: every answer leaves here, and none before its leaf is durable.
//
// A write's leaf rode in its commit. A read's or a refusal's goes into the access journal first; the answer is parked
// meanwhile and released with its group, so the loop never waits. If the leaf cannot be stored, 503 leaves instead.
// Where the configuration says "lazy", the answer leaves at once and its leaf is durable at most kLazyMs and a sync later;
// after the first leaf that failed, and while kLazyLeavesMax are under way, answers wait again.
#pragma once

#include <atomic>
#include <functional>
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

  // Calls `then` when the leaf is durable, or with what failed. `recorded`: it rode in a commit.
  void Record(const audit::Leaf& leaf, bool recorded, std::function<void(const base::Error* failed)> then);

 private:
  // The leaf rode in a commit, or is on its way where answers need not wait for it.
  bool NeedsNoWait(const audit::Leaf& leaf, bool recorded);
  void RecordFirst(const audit::Leaf& leaf, std::function<void(const base::Error* failed)> then);

  static constexpr uint32_t kLazyMs = 10;
  static constexpr uint32_t kLazyLeavesMax = 50'000;

  store::Store& access_;
  const bool lazy_;
  std::atomic<uint32_t> under_way_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace heyi::server
