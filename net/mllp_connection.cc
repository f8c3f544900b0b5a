#include "net/mllp_connection.h"

#include <utility>

#include "base/log.h"

namespace heyi::net {

MllpReply::MllpReply(std::shared_ptr<Mailbox> mailbox, ConnectionId connection, uint64_t sequence)
    : mailbox_(std::move(mailbox)), connection_(connection), sequence_(sequence) {}

MllpReply::~MllpReply() {
  if (mailbox_ != nullptr) mailbox_->Deliver(Answer{connection_, sequence_, {}, true, {}});
}

void MllpReply::operator()(std::string answer) {
  if (const auto mailbox = std::exchange(mailbox_, nullptr)) {
    mailbox->Deliver(Answer{connection_, sequence_, {}, false, {.status = 200, .headers = {}, .body = std::move(answer)}});
  }
}

MllpConnection::MllpConnection(LoopShared& shared, ConnectionId id, Newcomer&& newcomer, MllpHandler& handler, const MllpBounds& bounds)
    : Connection(shared, id, std::move(newcomer.transport)), handler_(handler), peer_(std::move(newcomer.peer)), reader_(bounds) {}

void MllpConnection::Read(std::string_view* input) {
  const MllpReader::Progress progress = reader_.Read(input);
  CountDropped();
  if (progress == MllpReader::Progress::kError) return GiveUp(reader_.error());
  if (progress != MllpReader::Progress::kMessage) return;
  const uint64_t sequence = BeginMessage();
  handler_.Handle(reader_.Take(), peer_, MllpReply(shared_.mailbox, id(), sequence));
}

void MllpConnection::InputEnded() {
  reader_.End();
  CountDropped();
}

// A control character of the frame within the answer would end it early.
void MllpConnection::Render(Answer&& answer) {
  std::string& text = answer.response.body;
  if (text.empty()) return;
  for (char& c : text) c = c == kMllpBegin || c == kMllpEnd ? ' ' : c;
  const char begin[] = {kMllpBegin}, end[] = {kMllpEnd, '\r'};
  out_.Append({begin, sizeof begin});
  out_.AppendBody(std::move(text));
  out_.Append({end, sizeof end});
}

// However its bytes trickle in, a frame has this long.
int64_t MllpConnection::message_deadline_ms() const { return begun_since_ms_ + shared_.limits.header_timeout_ms; }

void MllpConnection::MessageIsLate() {
  reader_.End();
  CountDropped();
  GiveUp("the message came too slowly");
}

void MllpConnection::CountDropped() {
  if (counted_ == reader_.dropped()) return;
  if (counted_ == 0) base::Log(base::LogLevel::kWarning, "net.mllp-dropped", {{"peer", peer_}});  // the first of a connection
  shared_.framing_errors += reader_.dropped() - std::exchange(counted_, reader_.dropped());
}

void MllpConnection::GiveUp(const char* why) {
  base::Log(base::LogLevel::kWarning, "net.mllp-closed", {{"peer", peer_}, {"why", why}});
  EndMessages();  // the answer under way may still leave
}

}  // namespace heyi::net
