#include "server/channels/message_taker.h"

#include <atomic>
#include <chrono>

#include "adapters/health/v2/batch.h"
#include "base/log.h"
#include "interaction/access.h"

namespace heyi::server {

MessageTaker::Taken MessageTaker::Take(std::string raw, const std::string& peer) const {
  const bool batch = adapter_.department() == "health" && adapters::IsV2Batch(raw);
  return batch ? TakeBatch(raw, peer) : TakeOne(std::move(raw), peer);
}

void MessageTaker::Record(const Taken& taken, std::function<void(bool)> then) const {
  struct Count {
    Count(size_t leaves, std::function<void(bool)> done) : left(leaves), then(std::move(done)) {}
    std::atomic<size_t> left;
    std::atomic<bool> failed{false};
    std::function<void(bool)> then;
  };
  auto count = std::make_shared<Count>(taken.leaves.size(), std::move(then));
  for (const auto& [leaf, recorded] : taken.leaves) {
    parts_.exit.Record(leaf, recorded, [count](const base::Error* failed) {
      if (failed != nullptr) count->failed = true;
      if (--count->left == 0) count->then(!count->failed);
    });
  }
}

MessageTaker::Taken MessageTaker::TakeOne(std::string message, const std::string& peer) const {
  const auto begun = std::chrono::steady_clock::now();
  const base::Context context{caller_, parts_.clock, parts_.random, base::UuidV7(parts_.clock.NowMs(), parts_.random)};
  const std::string right = "message/" + std::string(adapter_.department());
  audit::Leaf deciding;
  if (const auto allowed = interaction::RequireType(parts_.services, caller_, policy::Action::kOperate, right, deciding); !allowed.ok()) {
    base::Log(base::LogLevel::kWarning, "channel.forbidden", {{"channel", channel_}, {"client", caller_.client}});
    return {};
  }
  exchange::Reply reply = parts_.exchange.TakeFrom(channel_, adapter_, std::move(message), context, peer, deciding.agreement);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  parts_.metrics.CountAnswer("message", reply.leaf.status, seconds.count());
  Taken taken;
  taken.answer = std::move(reply.body);
  taken.later = reply.leaf.status == 503;
  taken.refused = reply.leaf.status >= 300;
  taken.leaves.emplace_back(std::move(reply.leaf), reply.leaf_recorded);
  return taken;
}

MessageTaker::Taken MessageTaker::TakeBatch(const std::string& frame, const std::string& peer) const {
  const adapters::V2Batch batch = adapters::SplitV2Batch(frame);
  std::vector<std::string> answers;
  Taken taken;
  for (const std::string_view message : batch.messages) {
    Taken one = TakeOne(std::string(message), peer);
    if (one.leaves.empty()) return {};
    answers.push_back(std::move(one.answer));
    taken.leaves.push_back(std::move(one.leaves.front()));
    taken.later = taken.later || one.later;
    taken.refused = taken.refused || one.refused;
  }
  const base::TimeMs now = parts_.clock.NowMs();
  taken.answer = adapters::WriteV2BatchAnswer(frame, batch, answers, base::UuidV7(now, parts_.random), now);
  if (taken.leaves.empty()) {  // a batch of nothing is an exchange, too
    audit::Leaf leaf;
    leaf.caller = caller_;
    leaf.peer = peer;
    leaf.interaction = "message";
    leaf.status = 400;
    taken.refused = true;
    taken.leaves.emplace_back(std::move(leaf), false);
  }
  return taken;
}

}  // namespace heyi::server
