#include "net/mllp_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "net/mllp.h"
#include "net/mllp_reader.h"

namespace heyi::net {
namespace {

using base::Error;
using base::ErrorKind;
using MllpDeadline = std::chrono::steady_clock::time_point;

constexpr int64_t kLookAtCancelledMs = 200;

Error MllpUnreachable(std::string_view why) { return Error(ErrorKind::kUnavailable, "mllp.client.unreachable", {}, why); }
Error MllpFailed(std::string_view why) { return Error(ErrorKind::kUnavailable, "mllp.client.failed", {}, why); }

Poco::Timespan ToTimespan(int64_t ms) { return Poco::Timespan(ms * 1'000); }

}  // namespace

class MllpClient::Line {
 public:
  Line(const Options& options, const Poco::Net::SocketAddress& address) : cancelled_(options.cancelled), reader_({options.answer_bytes_max, 4'096}) {
    socket_.connect(address, ToTimespan(options.connect_timeout_ms));
    socket_.setNoDelay(true);
    socket_.setBlocking(false);
  }

  // What came since the last answer is late; a connection that the other side has closed takes no message.
  bool IsAlive() {
    while (socket_.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ)) {
      if (!Receive() || !received_.empty()) return false;  // more than one late answer: start anew
    }
    return true;
  }

  // False where the time is up or the connection broke. *left: at least a byte is on its way.
  bool SendAll(std::string_view bytes, MllpDeadline deadline, bool* left) {
    while (!bytes.empty()) {
      if (!Wait(Poco::Net::Socket::SELECT_WRITE, deadline)) return false;
      const int sent = socket_.sendBytes(bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), 64 << 10)));
      if (sent > 0) {
        *left = true;
        bytes.remove_prefix(static_cast<size_t>(sent));
      }
    }
    return true;
  }

  // The next frame; none where the time is up, the connection ended or what came is no MLLP.
  std::optional<std::string> NextFrame(MllpDeadline deadline) {
    for (;;) {
      if (auto frame = FrameReceived()) return frame;
      if (!Wait(Poco::Net::Socket::SELECT_READ, deadline) || !Receive()) return std::nullopt;
    }
  }

 private:
  bool Wait(Poco::Net::Socket::SelectMode mode, MllpDeadline deadline) const {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0 || (cancelled_ != nullptr && *cancelled_)) return false;
      if (socket_.poll(ToTimespan(std::min<int64_t>(left, kLookAtCancelledMs)), mode)) return true;
    }
  }

  bool Receive() {
    char buffer[16 << 10];
    const int got = socket_.receiveBytes(buffer, sizeof buffer);
    if (got < 0) return true;  // nothing after all
    if (got == 0) return false;
    received_.append(buffer, static_cast<size_t>(got));
    return Take();
  }

  // Moves what was received through the reader as far as a frame. False: no MLLP.
  bool Take() {
    std::string_view input = received_;
    while (!ready_ && !input.empty()) {
      const MllpReader::Progress progress = reader_.Read(&input);
      if (progress == MllpReader::Progress::kError) return false;
      if (progress == MllpReader::Progress::kMessage) ready_ = reader_.Take();
    }
    received_.erase(0, received_.size() - input.size());
    return true;
  }

  std::optional<std::string> FrameReceived() {
    if (!ready_ && !Take()) return std::nullopt;
    return std::exchange(ready_, std::nullopt);
  }

  const std::atomic<bool>* const cancelled_;
  Poco::Net::StreamSocket socket_;
  MllpReader reader_;
  std::string received_;
  std::optional<std::string> ready_;
};

MllpClient::MllpClient(Options options) : options_(std::move(options)) {}
MllpClient::~MllpClient() = default;
MllpClient::MllpClient(MllpClient&&) noexcept = default;

void MllpClient::Close() { line_.reset(); }

base::Result<base::Done> MllpClient::Connect() {
  try {
    if (line_ != nullptr && line_->IsAlive()) return base::Done{};
    line_.reset();
    line_ = std::make_unique<Line>(options_, Poco::Net::SocketAddress(options_.host, options_.port));
  } catch (const Poco::Exception& failed) {
    line_.reset();
    return MllpUnreachable(failed.displayText());
  }
  return base::Done{};
}

base::Result<std::string> MllpClient::Send(std::string_view message, const std::function<bool(std::string_view)>& is_answer) {
  if (message.find(kMllpBegin) != std::string_view::npos || message.find(kMllpEnd) != std::string_view::npos) {
    return Error(ErrorKind::kForbidden, "mllp.client.frame");
  }
  HEYI_CHECK(Connect());
  const MllpDeadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.answer_timeout_ms);
  std::string frame;
  frame.reserve(message.size() + 3);
  frame.append(1, kMllpBegin).append(message).append(1, kMllpEnd).append(1, '\r');
  bool left = false;
  std::string_view why = "no acknowledgement in time, or the connection ended";
  try {
    if (line_->SendAll(frame, deadline, &left)) {
      while (auto answer = line_->NextFrame(deadline)) {
        if (is_answer(*answer)) return std::move(*answer);
      }
    } else {
      why = "the message could not be sent in time";
    }
    Close();
    return left ? MllpFailed(why) : MllpUnreachable(why);
  } catch (const Poco::Exception& failed) {
    Close();
    return left ? MllpFailed(failed.displayText()) : MllpUnreachable(failed.displayText());
  }
}

}  // namespace heyi::net
