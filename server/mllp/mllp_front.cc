#include "server/mllp/mllp_front.h"

#include <atomic>
#include <chrono>

#include "adapters/health/v2/batch.h"
#include "adapters/message.h"
#include "base/log.h"
#include "interaction/access.h"

namespace heyi::server {

base::Result<std::unique_ptr<MllpFront>> MllpFront::Start(const MllpListener& listener, const Parts& parts) {
  std::unique_ptr<MllpFront> front(new MllpFront(listener.caller, parts));
  net::MllpServer::Options options;
  options.host = listener.host;
  options.port = listener.port;
  HEYI_TRY(started, net::MllpServer::Start(options, *front));
  front->server_ = std::move(started);
  return front;
}

void MllpFront::Handle(std::string frame, std::string peer, net::MllpReply done) {
  struct Work {
    std::string frame, peer;
    net::MllpReply done;
  };
  auto work = std::make_shared<Work>(Work{std::move(frame), std::move(peer), std::move(done)});
  // Refused work drops the reply: the connection closes and the sender sends again.
  const bool taken = parts_.workers.Offer([this, work] {
    auto answer = std::make_shared<std::string>();
    const bool batch = adapters::IsV2Batch(work->frame);
    auto leaves = batch ? TakeBatch(work->frame, work->peer, *answer) : TakeOne(std::move(work->frame), work->peer, *answer);
    if (leaves.empty()) return;
    RecordAll(leaves, [work, answer] { work->done(std::move(*answer)); });
  });
  if (!taken) base::Log(base::LogLevel::kWarning, "mllp.shed", {{"peer", work->peer}});
}

// Calls `then` when every leaf is durable; not at all where one could not be recorded.
void MllpFront::RecordAll(const Leaves& leaves, std::function<void()> then) {
  struct Count {
    Count(size_t leaves, std::function<void()> done) : left(leaves), then(std::move(done)) {}
    std::atomic<size_t> left;
    std::atomic<bool> failed{false};
    std::function<void()> then;
  };
  auto count = std::make_shared<Count>(leaves.size(), std::move(then));
  for (const auto& [leaf, recorded] : leaves) {
    parts_.exit.Record(leaf, recorded, [count](const base::Error* failed) {
      if (failed != nullptr) count->failed = true;
      if (--count->left == 0 && !count->failed) count->then();
    });
  }
}

MllpFront::Leaves MllpFront::TakeOne(std::string message, const std::string& peer, std::string& answer) {
  const auto begun = std::chrono::steady_clock::now();
  const base::Context context{caller_, parts_.clock, parts_.random, base::UuidV7(parts_.clock.NowMs(), parts_.random)};
  audit::Leaf deciding;
  if (const auto allowed = interaction::RequireType(parts_.services, caller_, policy::Action::kOperate, "message/health", deciding); !allowed.ok()) {
    base::Log(base::LogLevel::kWarning, "mllp.forbidden", {{"client", caller_.client}});
    return {};
  }
  exchange::Reply reply = parts_.exchange.Take(adapters::HealthAdapter(), std::move(message), context, peer, deciding.agreement);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  parts_.metrics.CountAnswer("message", reply.leaf.status, seconds.count());
  answer = std::move(reply.body);
  Leaves leaves;
  leaves.emplace_back(std::move(reply.leaf), reply.leaf_recorded);
  return leaves;
}

MllpFront::Leaves MllpFront::TakeBatch(const std::string& frame, const std::string& peer, std::string& answer) {
  const adapters::V2Batch batch = adapters::SplitV2Batch(frame);
  std::vector<std::string> answers;
  Leaves leaves;
  for (const std::string_view message : batch.messages) {
    Leaves one = TakeOne(std::string(message), peer, answers.emplace_back());
    if (one.empty()) return {};
    leaves.push_back(std::move(one.front()));
  }
  const base::TimeMs now = parts_.clock.NowMs();
  answer = adapters::WriteV2BatchAnswer(frame, batch, answers, base::UuidV7(now, parts_.random), now);
  if (leaves.empty()) {  // a batch of nothing is an exchange, too
    audit::Leaf leaf;
    leaf.caller = caller_;
    leaf.peer = peer;
    leaf.interaction = "message";
    leaf.status = 400;
    leaves.emplace_back(std::move(leaf), false);
  }
  return leaves;
}

}  // namespace heyi::server
