#include "server/channels/mllp_front.h"

#include "base/log.h"

namespace heyi::server {

base::Result<std::unique_ptr<MllpFront>> MllpFront::Start(const MllpListener& listener, const ChannelParts& parts) {
  std::unique_ptr<MllpFront> front(new MllpFront(listener, parts));
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
  const bool taken = workers_.Offer([this, work] {
    auto result = std::make_shared<MessageTaker::Taken>(taker_.Take(std::move(work->frame), work->peer));
    if (result->leaves.empty()) return;
    taker_.Record(*result, [work, result](bool durable) {
      if (durable) work->done(std::move(result->answer));
    });
  });
  if (!taken) base::Log(base::LogLevel::kWarning, "mllp.shed", {{"peer", work->peer}});
}

}  // namespace heyi::server
