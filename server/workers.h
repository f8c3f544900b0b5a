// Threads for what may block or work long: Bundles, large bodies, messages, plans made again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace heyi::server {

class Workers {
 public:
  Workers(unsigned threads, size_t waiting_max);
  ~Workers() { Stop(); }

  // False when too much waits already: the caller answers 503.
  bool Offer(std::function<void()> work);
  // For work that was taken before and must go on (a plan made again): never refused.
  void Add(std::function<void()> work);
  void Stop();  // finishes what waits, then joins

 private:
  void Run();

  const size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace heyi::server
