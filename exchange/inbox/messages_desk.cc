#include "exchange/inbox/messages_desk.h"

#include "base/json/value.h"
#include "exchange/inbox/message_pages.h"
#include "exchange/inbox/replay.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;

class MessagesDesk : public Desk {
 public:
  MessagesDesk(const interaction::Services& services, Pipeline& pipeline) : services_(services), store_(services.store), pipeline_(pipeline) {}
  std::string_view name() const override { return "messages"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context& context, audit::Leaf& leaf) override {
    if (call.path.size() == 1 && call.path[0] == "replay") return AnswerReplay(call, context, leaf);
    if (call.method != "GET") return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    const auto snapshot = store_.Now();
    std::string key;
    for (const std::string& segment : call.path) key += (key.empty() ? "" : "/") + segment;
    leaf.message_id = key;
    HEYI_TRY(json, key.empty() ? ListMessages(*snapshot, call.query) : ShowMessage(*snapshot, services_.definitions(), key));
    return DeskAnswer{200, std::move(json)};
  }

 private:
  base::Result<DeskAnswer> AnswerReplay(const DeskCall& call, const base::Context& context, audit::Leaf& leaf) {
    if (call.method != "POST") return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    leaf.interaction = "exchange-replay";
    HEYI_TRY(order, base::ParseJson(call.body));
    std::vector<std::string> keys;
    HEYI_TRY(answer, Replay(pipeline_, store_, order, context, &keys));
    if (keys.size() == 1) leaf.message_id = keys.front();  // what each of them wrote has a leaf of its own with this request's id
    return DeskAnswer{200, base::WriteJson(answer)};
  }

  const interaction::Services& services_;
  const store::Store& store_;
  Pipeline& pipeline_;
};

}  // namespace

std::unique_ptr<Desk> MakeMessagesDesk(const interaction::Services& services, Pipeline& pipeline) {
  return std::make_unique<MessagesDesk>(services, pipeline);
}

}  // namespace heyi::exchange
