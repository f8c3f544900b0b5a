// heyi story: plays the story (plot.h) against a running server. Every step is checked; a step that does not hold ends it
// with exit status 1.
#include "base/digest.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/report_error.h"
#include "cli/story/plot.h"
#include "cli/witness.h"

namespace heyi::cli {

using base::JsonValue;

Story::Story(Sender& sender, const Receiver& receiver, int elder_number)
    : sender_(sender),
      receiver_(receiver),
      elder_(Elders()[static_cast<size_t>(elder_number - 1) % Elders().size()]),
      home_(InstitutionOf("care-home-1")),
      hospital_(InstitutionOf("hospital")),
      stamp_(base::SystemClock().NowMs()) {}

bool Story::Play() {
  return District() && Insured() && Settled() && Worse() && Admitted() && AdmittedElsewhere() && Better() && Returned() && FollowedUp() && Told() &&
         OneRecord() && Audited();
}

// Prints the step's line; the story goes on only while `held`.
bool Story::Step(bool held, std::string_view text) {
  std::printf("%s %2d  %.*s\n", held ? "✓" : "✗", ++step_, static_cast<int>(text.size()), text.data());
  if (!held) std::printf("      %s\n", sender_.last_answer().c_str());
  std::fflush(stdout);
  return held;
}

std::string Story::InsuranceId(int sequence) const {
  std::string digits = WireTime(base::SystemClock().NowMs());
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return fmt::format("{}{}{:04}", hospital_.fixmedins_code, digits, (stamp_ / 10 + sequence) % 10'000);
}

JsonValue Story::Referral(std::string_view reference, std::string_view status, bool to_hospital) const {
  const std::string now = WireTime(base::SystemClock().NowMs());
  JsonValue data = Record({{"refNo", std::string(reference)},
                           {"direction", to_hospital ? "HOME_TO_HOSP" : "HOSP_TO_HOME"},
                           {"fromOrgUscc", to_hospital ? home_.uscc : hospital_.uscc},
                           {"fromBedType", to_hospital ? "care-home" : "hospital"},
                           {"toOrgUscc", to_hospital ? hospital_.uscc : home_.uscc},
                           {"toBedType", to_hospital ? "hospital" : "care-home"},
                           {"elderIdCard", elder_.identity_number},
                           {"applyTime", now},
                           {"reason", to_hospital ? "血压持续升高，经医疗机构评估需住院" : "病情稳定，达到出院指征"},
                           {"status", std::string(status)}});
  if (status != "REQUESTED") data.Set("respondTime", JsonValue::OfString(now));
  return data;
}

std::string Story::TaskOf(std::string_view reference) const {
  const std::string request = IdAt(fmt::format("ServiceRequest?identifier={}|{}", adapters::kReferralSystem, reference));
  return IdAt(fmt::format("Task?focus=ServiceRequest/{}", request));
}

bool Story::TaskIs(std::string_view task, std::string_view status, std::string_view business) const {
  const JsonValue resource = sender_.FindOne(fmt::format("Task?_id={}", task));
  return resource.StringAt("status") == status && resource["businessStatus"]["coding"].items().size() == 1 &&
         resource["businessStatus"]["coding"].items()[0].StringAt("code") == business;
}

// A document that goes along, by reference and digest. Returns its reference, empty where it was not taken.
std::string Story::PutDocument(const Client& client, std::string_view title) {
  const std::string id = fmt::format("document-{}-{}", stamp_, ++documents_);
  const std::string text = fmt::format("{}：{}", title, elder_.name);
  const base::Digest20 digest = base::Sha1(text);  // R4 Attachment.hash is SHA-1
  JsonValue document = Parse(fmt::format(
      R"({{"resourceType":"DocumentReference","id":"{}","status":"current","subject":{{"reference":"Patient/{}"}},"description":"{}",)"
      R"("content":[{{"attachment":{{"contentType":"text/plain","data":"{}","hash":"{}","title":"{}"}}}}]}})",
      id, patient_, title, base::ToBase64(text), base::ToBase64({reinterpret_cast<const char*>(digest.data()), digest.size()}), title));
  return sender_.Put(client, document) == 201 ? "DocumentReference/" + id : "";
}

int RunStory(int count, const char* const* words) {
  constexpr std::string_view kOptions[] = {"data", "server", "receiver", "mllp", "elder", "witness"};
  Arguments arguments;
  uint64_t port = 0, elder = 1;
  if (!Arguments::Parse(count, words, kOptions, {}, &arguments) || !arguments.Has("data")) {
    std::fprintf(stderr, "usage: heyi story --data DIR [--server URL] [--receiver PORT] [--mllp PORT] [--elder 1..20] [--witness FILE]\n");
    return 2;
  }
  const std::string server = arguments.Option("server", "http://127.0.0.1:8080");
  uint64_t server_port = 8080;
  base::ParseUnsigned(server.substr(server.rfind(':') + 1), &server_port);
  port = server_port + 1;  // where the trial configuration has civil affairs' endpoint
  if (arguments.Has("receiver")) base::ParseUnsigned(arguments.Option("receiver", ""), &port);
  uint64_t mllp = port + 1;  // and its MLLP listener
  if (arguments.Has("mllp")) base::ParseUnsigned(arguments.Option("mllp", ""), &mllp);
  if (arguments.Has("elder")) base::ParseUnsigned(arguments.Option("elder", ""), &elder);
  if (port == 0 || port > 65535 || mllp == 0 || mllp > 65535 || elder == 0) return 2;
  auto receiver = Receiver::Listen(static_cast<uint16_t>(port));
  if (!receiver.ok()) return ReportError(receiver.error());
  std::shared_ptr<Witness> witness;
  if (arguments.Has("witness")) witness = std::make_shared<Witness>(arguments.Option("witness", ""));
  Sender sender(server, arguments.Option("data", ""), static_cast<uint16_t>(mllp), witness);
  return Story(sender, **receiver, static_cast<int>(elder)).Play() ? 0 : 1;
}

}  // namespace heyi::cli
