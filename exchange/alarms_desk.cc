#include "exchange/alarms_desk.h"

#include "base/json/value.h"

namespace heyi::exchange {
namespace {

using base::Error;
using base::ErrorKind;
using base::JsonValue;

class AlarmsDesk : public Desk {
 public:
  explicit AlarmsDesk(Alarms& alarms) : alarms_(alarms) {}
  std::string_view name() const override { return "alarms"; }

  base::Result<DeskAnswer> Answer(const DeskCall& call, const base::Context&, audit::Leaf& leaf) override {
    if (call.method == "POST" && call.path.size() == 1 && call.path[0] == "resolve") {
      leaf.interaction = "exchange-alarm-resolved";
      HEYI_TRY(order, base::ParseJson(call.body));
      alarms_.Resolve(order.StringAt("key"));
    } else if (call.method != "GET" || !call.path.empty()) {
      return Error(ErrorKind::kNotAllowed, "exchange.desk-method", {}, call.method);
    }
    JsonValue list = JsonValue::Array();
    for (const Alarms::Open& open : alarms_.List()) {
      JsonValue item = JsonValue::Object();
      item.Set("key", JsonValue::OfString(open.key));
      item.Set("severity", JsonValue::OfString(base::SeverityName(open.severity)));
      item.Set("text", JsonValue::OfString(open.text));
      item.Set("since", JsonValue::OfString(base::FormatInstant(open.since_ms)));
      item.Set("last", JsonValue::OfString(base::FormatInstant(open.last_ms)));
      item.Set("count", JsonValue::OfInteger(static_cast<int64_t>(open.count)));
      list.Append(std::move(item));
    }
    JsonValue answer = JsonValue::Object();
    answer.Set("alarms", std::move(list));
    return DeskAnswer{200, base::WriteJson(answer)};
  }

 private:
  Alarms& alarms_;
};

}  // namespace

std::unique_ptr<Desk> MakeAlarmsDesk(Alarms& alarms) { return std::make_unique<AlarmsDesk>(alarms); }

}  // namespace heyi::exchange
