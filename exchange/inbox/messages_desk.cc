#include "exchange/inbox/messages_desk.h"

#include "base/digest.h"
#include "base/json/value.h"
#include "base/text.h"
#include "exchange/inbox/inbox.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

constexpr size_t kMessagesPageMax = 200;
constexpr size_t kMessagesScanMax = 20'000;  // rows looked at for one page

void SetText(JsonValue& object, std::string_view name, std::string_view text) { object.Set(name, JsonValue::OfString(text)); }

// {"messages":[{"key","state","received","rule","client"}],"next":"…"} in the order of keys, behind `after`.
//   state  only those in it; empty = all.   errors  kMalformed exchange.state
base::Result<std::string> ListMessages(const store::Snapshot& snapshot, std::string_view state, std::string_view after) {
  if (!state.empty() && !InboxStateOf(state)) return Error(ErrorKind::kMalformed, "exchange.state", "state", state);
  JsonValue messages = JsonValue::Array();
  std::string next;
  size_t seen = 0;
  const std::string from = after.empty() ? std::string() : std::string(after) + '\0';  // the first key behind it
  HEYI_CHECK(snapshot.Facts(kInboxSpace, from, [&](std::string_view key, std::string_view value) {
    const auto row = DecodeInboxRow(value);
    if (row.ok() && (state.empty() || StateName(row->state) == state)) {
      JsonValue item = JsonValue::Object();
      SetText(item, "key", key);
      SetText(item, "state", StateName(row->state));
      item.Set("received", JsonValue::OfInteger(row->received_ms));
      SetText(item, "rule", row->rule);
      SetText(item, "client", row->client);
      messages.Append(std::move(item));
    }
    if (++seen < kMessagesScanMax && messages.items().size() < kMessagesPageMax) return true;
    next = key;
    return false;
  }));
  JsonValue page = JsonValue::Object();
  page.Set("messages", std::move(messages));
  SetText(page, "next", next);
  return base::WriteJson(page);
}

// {"key","state","rule","client","sha256","message","answer","lineage","unread"}; the message as it came where it is UTF-8,
// else in base64 with "encoding":"base64".   errors  kNotFound exchange.unknown-message
base::Result<std::string> ShowMessage(const store::Snapshot& snapshot, std::string_view key) {
  HEYI_TRY(row, FindInboxRow(snapshot, key));
  if (!row) return Error(ErrorKind::kNotFound, "exchange.unknown-message", {}, key);
  JsonValue shown = JsonValue::Object();
  SetText(shown, "key", key);
  SetText(shown, "state", StateName(row->state));
  SetText(shown, "rule", row->rule);
  SetText(shown, "client", row->client);
  SetText(shown, "sha256", row->sha256);
  HEYI_TRY(raw, snapshot.Blob(row->blob));
  const bool plain = raw && base::IsValidUtf8(*raw);
  SetText(shown, "message", !raw ? std::string() : plain ? *raw : base::ToBase64(*raw));
  if (raw && !plain) SetText(shown, "encoding", "base64");
  SetText(shown, "answer", base::IsValidUtf8(row->answer) ? row->answer : base::ToBase64(row->answer));
  for (const std::string_view space : {"lineage", "unread"}) {
    HEYI_TRY(fact, snapshot.Fact(space, key));
    SetText(shown, space, fact.value_or(""));
  }
  return base::WriteJson(shown);
}

class MessagesDesk : public Desk {
 public:
  explicit MessagesDesk(const store::Store& store) : store_(store) {}
  std::string_view name() const override { return "messages"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context&, audit::Leaf& leaf) override {
    if (call.method != "GET") return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    const auto snapshot = store_.Now();
    std::string key;
    for (const std::string& segment : call.path) key += (key.empty() ? "" : "/") + segment;
    leaf.message_id = key;
    HEYI_TRY(json, key.empty() ? ListMessages(*snapshot, QueryValue(call.query, "state"), QueryValue(call.query, "after"))
                               : ShowMessage(*snapshot, key));
    return DeskAnswer{200, std::move(json)};
  }

 private:
  const store::Store& store_;
};

}  // namespace

std::unique_ptr<Desk> MakeMessagesDesk(const store::Store& store) { return std::make_unique<MessagesDesk>(store); }

}  // namespace heyi::exchange
