#include "cli/story/sender.h"

#include <fmt/format.h>

#include <cstdlib>

#include "adapters/message.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/witness.h"

namespace heyi::cli {

using base::JsonValue;

Sender::Sender(std::string server, const std::string& data, uint16_t mllp_port, const std::shared_ptr<Witness>& witness)
    : operator_(server, ReadToken(data + "/operator.token"), witness),
      civil_affairs_(server, ReadToken(data + "/tokens/civil-affairs.token"), witness),
      care_home_(server, ReadToken(data + "/tokens/care-home.token"), witness),
      hospital_(server, ReadToken(data + "/tokens/hospital.token"), witness),
      internet_hospital_(server, ReadToken(data + "/tokens/internet-hospital.token"), witness),
      insurance_(server, ReadToken(data + "/tokens/insurance.token"), witness),
      auditor_(server, ReadToken(data + "/tokens/auditor.token"), witness),
      mllp_({"127.0.0.1", mllp_port, 5'000, 10'000}),
      witness_(witness) {}

int Sender::Civil(const Client& client, std::string_view type, std::string_view message_id, std::string_view sender_uscc, JsonValue data) {
  // The send time is part of the bytes that a repeat is known by: the same id must come with the same time.
  constexpr base::TimeMs kSentMs = 1'795'000'000'000;
  const std::string text = adapters::CivilAdapter().Write(
      {std::string(type), std::string(message_id), std::string(sender_uscc), std::string(kAreaCode), kSentMs, std::move(data)});
  const auto answer = client.Post("/exchange/civil-affairs", text);
  if (!answer.ok()) return -1;
  last_answer_ = answer->body;
  const std::string_view code = answer->json.StringAt("code");
  return code.empty() ? -1 : std::atoi(std::string(code).c_str());
}

int Sender::Insurance(std::string_view infno, std::string_view message_id, const Institution& institution, JsonValue input, JsonValue* output) {
  JsonValue envelope = Record({{"infno", std::string(infno)},
                               {"msgid", std::string(message_id)},
                               {"mdtrtarea_admvs", "310199"},
                               {"insuplc_admdvs", "310199"},
                               {"recer_sys_code", "HUB"},
                               {"dev_no", ""},
                               {"dev_safe_info", ""},
                               {"cainfo", ""},
                               {"signtype", "SM3"},
                               {"infver", "V1.0"},
                               {"opter_type", "1"},
                               {"opter", "OP001"},
                               {"opter_name", "示例经办"},
                               {"inf_time", WireTime(base::SystemClock().NowMs())},
                               {"fixmedins_code", institution.fixmedins_code},
                               {"fixmedins_name", institution.name},
                               {"sign_no", "310199G000000001"}});
  envelope.Set("input", std::move(input));
  const auto answer = hospital_.Post(fmt::format("/exchange/insurance/{}", infno), base::WriteJson(envelope));
  if (!answer.ok()) return -99;
  last_answer_ = answer->body;
  if (output != nullptr) *output = answer->json["output"];
  const std::string_view code = answer->json.StringAt("infcode");
  return code.empty() ? -99 : std::atoi(std::string(code).c_str());
}

// MSA-1 ("AA"); empty where there is none.
static std::string AcknowledgementCode(std::string_view acknowledgement) {
  const size_t msa = acknowledgement.find("MSA|");
  return msa == std::string_view::npos ? std::string() : std::string(acknowledgement.substr(msa + 4, 2));
}

std::string Sender::Mllp(std::string_view message) {
  const auto answer = mllp_.Send(message, [](std::string_view) { return true; });
  if (!answer.ok()) return {};
  last_answer_ = *answer;
  const std::string code = AcknowledgementCode(*answer);
  // The same message by HTTP is the same message. What is not UTF-8 cannot be written down as JSON.
  if (code == "AA" && witness_ != nullptr && base::IsValidUtf8(message)) witness_->Record("MLLP", "/exchange/health", message, *answer);
  return code;
}

int Sender::Document(std::string document) {
  const auto answer = hospital_.Post("/exchange/health-cda", std::move(document));
  if (!answer.ok()) return -1;
  last_answer_ = answer->body;
  const std::string_view code = answer->json.StringAt("code");
  return code.empty() ? -1 : std::atoi(std::string(code).c_str());
}

int Sender::Transaction(std::string bundle) {
  const auto answer = internet_hospital_.Post("/fhir", std::move(bundle));
  if (!answer.ok()) return -1;
  last_answer_ = answer->body;
  return answer->status;
}

int Sender::Transition(const Client& client, std::string_view task_id, std::string_view edge,
                       std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
  JsonValue list = JsonValue::Array();
  const auto add = [&](std::string_view name, std::string_view value_name, JsonValue value) {
    JsonValue parameter = JsonValue::Object();
    parameter.Set("name", JsonValue::OfString(name));
    parameter.Set(value_name, std::move(value));
    list.Append(std::move(parameter));
  };
  add("edge", "valueCode", JsonValue::OfString(edge));
  for (const auto& [name, value] : parameters) {
    const bool reference = value.find('/') != std::string::npos;
    if (reference) {
      add(name, "valueReference", Record({{"reference", value}}));
    } else {
      add(name, name == "note" ? "valueString" : "valueCode", JsonValue::OfString(value));
    }
  }
  JsonValue body = Record({{"resourceType", "Parameters"}});
  body.Set("parameter", std::move(list));
  const auto answer = client.Post(fmt::format("/fhir/Task/{}/$transition", task_id), base::WriteJson(body));
  if (!answer.ok()) return -1;
  last_answer_ = answer->body;
  return answer->status;
}

JsonValue Sender::FindOne(std::string_view type_and_query) const {
  const auto answer = operator_.Get(fmt::format("/fhir/{}", type_and_query));
  if (!answer.ok() || answer->status != 200) return {};
  const std::vector<JsonValue>& entries = answer->json["entry"].items();
  return entries.empty() ? JsonValue() : entries.front()["resource"];
}

int Sender::Put(const Client& client, const JsonValue& resource) {
  const auto answer = client.Put(fmt::format("/fhir/{}/{}", resource.StringAt("resourceType"), resource.StringAt("id")), base::WriteJson(resource));
  if (!answer.ok()) return -1;
  last_answer_ = answer->body;
  return answer->status;
}

JsonValue Record(std::initializer_list<std::pair<std::string_view, std::string>> members) {
  JsonValue record = JsonValue::Object();
  for (const auto& [name, value] : members) record.Set(name, JsonValue::OfString(value));
  return record;
}

JsonValue Parse(std::string text) {
  auto parsed = base::ParseJson(std::move(text));
  if (!parsed.ok()) std::abort();
  return std::move(*parsed);
}

std::string WireTime(base::TimeMs ms) {
  std::string text = base::FormatInstant(ms).substr(0, 19);
  text[10] = ' ';
  return text;
}

}  // namespace heyi::cli
