// What only operators ask for: health, metrics, and the log of messages.
#include <fmt/format.h>

#include "base/text.h"
#include "exchange/message_log.h"
#include "interaction/access.h"
#include "server/http/handler.h"
#include "server/http/render.h"

namespace heyi::server {

std::string_view QueryValue(const interaction::Query& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

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

// Messages are about people: who reads the log leaves a leaf like everybody else.
void Handler::HandleMessageLog(net::Request request, const base::Context& context, const std::vector<std::string>& segments,
                               const interaction::Query& query, std::unique_ptr<net::Responder> responder) {
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.peer = request.peer;
  leaf.request_id = context.request_id;
  leaf.interaction = "message-log";
  if (auto allowed = interaction::RequireType(parts_.services, context.caller, policy::Action::kManage, "messages", leaf); !allowed.ok()) {
    return Refuse(allowed.error(), context, request.peer, leaf.interaction, std::move(responder));
  }
  const auto snapshot = parts_.services.store.Now();
  std::string key;
  for (const std::string& segment : segments) key += (key.empty() ? "" : "/") + segment;
  leaf.message_id = key;
  auto body = key.empty() ? exchange::ListMessages(*snapshot, QueryValue(query, "state"), QueryValue(query, "after"))
                          : exchange::ShowMessage(*snapshot, key);
  if (!body.ok()) return Refuse(body.error(), context, request.peer, leaf.interaction, std::move(responder));
  net::Response http{200, {{"Content-Type", "application/json; charset=utf-8"}, {"Cache-Control", "no-store"}}, std::move(*body)};
  parts_.exit.Release({std::move(http), std::move(leaf), false}, std::move(responder));
}

}  // namespace heyi::server
