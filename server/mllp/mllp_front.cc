#include "server/mllp/mllp_front.h"

#include <chrono>

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
    const auto begun = std::chrono::steady_clock::now();
    base::Context context{caller_, parts_.clock, parts_.random, base::UuidV7(parts_.clock.NowMs(), parts_.random)};
    audit::Leaf deciding;
    const auto allowed = interaction::RequireType(parts_.services, caller_, policy::Action::kOperate, "message/health", deciding);
    if (!allowed.ok()) return base::Log(base::LogLevel::kWarning, "mllp.forbidden", {{"client", caller_.client}});
    exchange::Reply reply = parts_.exchange.Take(adapters::HealthAdapter(), std::move(work->frame), context, work->peer, deciding.agreement);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    parts_.metrics.CountAnswer("message", reply.leaf.status, seconds.count());
    auto body = std::make_shared<std::string>(std::move(reply.body));
    parts_.exit.Record(reply.leaf, reply.leaf_recorded, [work, body](const base::Error* failed) {
      if (failed == nullptr) work->done(std::move(*body));
    });
  });
  if (!taken) base::Log(base::LogLevel::kWarning, "mllp.shed", {{"peer", work->peer}});
}

}  // namespace heyi::server
