// What only operators ask for: health, metrics, and the desks of the exchange.
#include <fmt/format.h>

#include "interaction/access.h"
#include "server/http/handler.h"
#include "server/http/render.h"

namespace heyi::server {

using base::Error;
using base::ErrorKind;

void Handler::HandleOperator(const base::Context& context, std::string_view what, std::string_view peer,
                             std::unique_ptr<net::Responder> responder) {
  audit::Leaf leaf;
  if (auto allowed = interaction::RequireType(parts_.services, context.caller, policy::Action::kManage, what, leaf); !allowed.ok()) {
    return Refuse(allowed.error(), context, peer, what, std::move(responder));
  }
  const store::StoreHealth data = parts_.services.store.health();
  const store::StoreHealth access = parts_.services.access.health();
  if (what == "metrics") {
    return responder->Send({200, {{"Content-Type", "text/plain; version=0.0.4"}}, parts_.metrics.Text(data, access, parts_.exchange.counts())});
  }
  const bool well = data.accepting && access.accepting;
  std::string body = fmt::format(R"({{"status":"{}","data":{{"accepting":{},"last_t":{},"applied_t":{}}},"access":{{"accepting":{},"last_t":{},"applied_t":{}}}}})",
                                 well ? "up" : "stopped", data.accepting, data.last_t, data.applied_t, access.accepting, access.last_t, access.applied_t);
  responder->Send({well ? 200 : 503, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, std::move(body)});
}

// Desks speak of people: who asks one leaves a leaf like everybody else.
void Handler::HandleDesk(exchange::Desk& desk, net::Request request, base::Context context, std::vector<std::string> path, interaction::Query query,
                         std::unique_ptr<net::Responder> responder) {
  struct Work {
    exchange::DeskCall call;
    base::Context context;
    std::string peer;
    audit::Leaf leaf;
    std::unique_ptr<net::Responder> responder;
  };
  auto work = std::make_shared<Work>(Work{{std::string(request.method), std::move(path), std::move(query), std::move(request.body)},
                                          std::move(context), std::string(request.peer), {}, std::move(responder)});
  audit::Leaf& leaf = work->leaf;
  leaf.caller = work->context.caller;
  leaf.peer = work->peer;
  leaf.request_id = work->context.request_id;
  leaf.interaction = fmt::format("exchange-{}", desk.name());
  if (request.method != "GET") leaf.action = audit::Action::kExecute;
  if (auto allowed = interaction::RequireType(parts_.services, work->context.caller, policy::Action::kManage, desk.name(), leaf); !allowed.ok()) {
    return Refuse(allowed.error(), work->context, work->peer, leaf.interaction, std::move(work->responder));
  }
  const bool taken = parts_.workers.Offer([this, &desk, work] {
    auto answer = desk.Answer(work->call, work->context, work->leaf);
    if (!answer.ok()) return Refuse(answer.error(), work->context, work->peer, work->leaf.interaction, std::move(work->responder));
    net::Response http{answer->status, {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}}, std::move(answer->json)};
    parts_.exit.Release({std::move(http), std::move(work->leaf), false}, std::move(work->responder));
  });
  if (!taken) Refuse(Error(ErrorKind::kUnavailable, "server.shed"), work->context, work->peer, leaf.interaction, std::move(work->responder));
}

}  // namespace heyi::server
