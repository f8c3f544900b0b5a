// Parked messages that are tried again by themselves: as soon as what one waits for is there (a Patient by that number,
// a visit, a referral), or when its time has come. The feed is read only while something waits; an arrival finds those
// that wait for it by an index fact.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "exchange/inbox/parked.h"
#include "interaction/services.h"

namespace heyi::exchange {

class ParkedFollower {
 public:
  using TryAgain = std::function<void(const std::string& key)>;

  // `try_again` is called on the thread of Advance. All outlive the follower.
  ParkedFollower(const interaction::Services& services, const base::Clock& clock, TryAgain try_again)
      : services_(services), clock_(clock), try_again_(std::move(try_again)) {}

  // A message has been parked. Any thread.
  void Note(const std::string& key);
  // Notes all that are parked, as after a start: what they wait for may have come while nobody looked.
  base::Result<base::Done> NoteAll();

  // Looks at entries of the feed, at most `entries_max`, and tries what may go on now, in the order in which it had come.
  // One thread. Returns false where nothing was left to do.
  base::Result<bool> Advance(size_t entries_max);

 private:
  struct Ready {
    base::TimeMs received_ms;
    std::string key;
    auto operator<=>(const Ready&) const = default;
  };

  base::Result<base::Done> LookAtNoted(const store::Snapshot& snapshot, const std::set<std::string>& noted);
  base::Result<base::Done> LookAtDue(const store::Snapshot& snapshot);
  base::Result<base::Done> LookAtFeed(const store::Snapshot& snapshot, size_t entries_max);
  base::Result<bool> IsThere(const store::Snapshot& snapshot, const std::string& wait) const;
  base::Result<base::Done> Arrived(const store::Snapshot& snapshot, const std::string& wait);
  base::Result<base::Done> MakeReady(const store::Snapshot& snapshot, const std::string& key);

  const interaction::Services& services_;
  const base::Clock& clock_;
  const TryAgain try_again_;
  std::mutex mutex_;
  std::set<std::string> noted_;
  std::set<std::string> types_;   // of what is waited for; the feed is read for these only
  std::set<Ready> ready_;
  uint64_t reached_ = 0;
};

}  // namespace heyi::exchange
