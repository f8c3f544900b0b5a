// A watched folder: looks into it again and again, and hands what is there to the exchange like any other message.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "exchange/folder/watched_folder.h"
#include "server/channels/message_taker.h"
#include "server/config.h"

namespace heyi::server {

class FolderFront {
 public:
  // Begins to watch; `parts` outlive it.
  static base::Result<std::unique_ptr<FolderFront>> Start(const FolderWatch& watch, const ChannelParts& parts);
  ~FolderFront() { Stop(); }
  void Stop();  // finishes the file in hand

 private:
  FolderFront(const FolderWatch& watch, const ChannelParts& parts, std::unique_ptr<exchange::WatchedFolder> folder);
  void Watch();
  exchange::WatchedFolder::Fate Take(std::string bytes, std::string* answer);
  bool stopping();

  const std::string channel_;
  const ChannelParts parts_;
  const MessageTaker taker_;
  const std::unique_ptr<exchange::WatchedFolder> folder_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace heyi::server
