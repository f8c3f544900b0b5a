#include "server/channels/folder_front.h"

#include <algorithm>
#include <chrono>
#include <future>

namespace heyi::server {
namespace {

constexpr uint32_t kLookAgainMs = 500;
constexpr uint32_t kLaterMsMax = 30'000;  // while nothing is taken the pause doubles up to this

}  // namespace

FolderFront::FolderFront(const FolderWatch& watch, const ChannelParts& parts, std::unique_ptr<exchange::WatchedFolder> folder)
    : channel_(watch.name),
      parts_(parts),
      taker_(watch.name, watch.caller, *adapters::AdapterOf(watch.format), parts),
      folder_(std::move(folder)) {}

base::Result<std::unique_ptr<FolderFront>> FolderFront::Start(const FolderWatch& watch, const ChannelParts& parts) {
  HEYI_TRY(folder, exchange::WatchedFolder::Open({watch.directory, watch.file_bytes_max, watch.tell_after_ms}, parts.clock));
  std::unique_ptr<FolderFront> front(new FolderFront(watch, parts, std::move(folder)));
  front->thread_ = std::thread([raw = front.get()] { raw->Watch(); });
  return front;
}

void FolderFront::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool FolderFront::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void FolderFront::Watch() {
  uint32_t pause_ms = kLookAgainMs;
  while (!stopping()) {
    const exchange::WatchedFolder::Round round = folder_->Scan([this](std::string bytes, std::string* answer) { return Take(std::move(bytes), answer); });
    parts_.exchange.NoteInbound(channel_, round.waiting, round.oldest_ms, round.trouble);
    const bool paused = parts_.exchange.IsPaused(channel_);
    pause_ms = round.later && !paused ? std::min(pause_ms * 2, kLaterMsMax) : kLookAgainMs;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(pause_ms), [this] { return stopping_; });
  }
}

exchange::WatchedFolder::Fate FolderFront::Take(std::string bytes, std::string* answer) {
  using Fate = exchange::WatchedFolder::Fate;
  if (stopping() || parts_.exchange.IsPaused(channel_)) return Fate::kLater;
  MessageTaker::Taken taken = taker_.Take(std::move(bytes), "folder:" + channel_);
  if (taken.leaves.empty()) return Fate::kLater;  // policy does not allow it: an operator's matter
  std::promise<bool> recorded;
  taker_.Record(taken, [&recorded](bool durable) { recorded.set_value(durable); });
  if (!recorded.get_future().get() || taken.later) return Fate::kLater;
  *answer = std::move(taken.answer);
  return taken.refused ? Fate::kRefused : Fate::kDone;
}

}  // namespace heyi::server
