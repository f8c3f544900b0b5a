// Alarms: something is wrong, or right again. Told once when it begins and once when it ends, never per occurrence; in
// between they are counted. A fact an open alarm (space "alarm") outlives the process.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/outcome.h"
#include "store/store.h"

namespace heyi::exchange {

class Alarms {
 public:
  struct Open {
    std::string key;             // what it is about: "channel/civil-affairs", "parked", "other-content/health/H1"
    base::Severity severity = base::Severity::k_error;
    std::string text;            // of the newest occurrence; no content of messages
    base::TimeMs since_ms = 0, last_ms = 0;
    uint64_t count = 0;          // occurrences since
  };

  Alarms(store::Store& store, const base::Clock& clock);  // both outlive it

  // Any thread; cheap where the alarm is open already, or not open at all. A store that has stopped does not stop them.
  void Raise(std::string_view key, base::Severity severity, std::string_view text);
  void Resolve(std::string_view key);

  std::vector<Open> List() const;

 private:
  void Keep(const std::string& key, const Open* open);

  store::Store& store_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Open, std::less<>> open_;
};

}  // namespace heyi::exchange
