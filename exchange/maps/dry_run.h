// What a new version of a map would make of the messages that are stored, against what the map in force makes of them.
// Both run over the record as it stands now; nothing is written.
#pragma once

#include "interaction/services.h"
#include "mapping/map_library.h"

namespace heyi::exchange {

inline constexpr size_t kDryRunMessagesMax = 10'000;
inline constexpr size_t kDryRunToldMax = 100;        // messages whose differences are written out
inline constexpr size_t kDryRunDifferencesMax = 50;  // of one message

// {"messages","same","different","failing","more",
//  "differences":[{"message","issues":{"before":[…],"after":[…]},"unread":{…},"resources":[{"resource","values":[{"path","before","after"}]}]}]}
//   `current` may be null: no map read these messages so far.   `limit` 0 = kDryRunMessagesMax
base::Result<std::string> DryRun(const interaction::Services& services, const mapping::PairMap& candidate, const mapping::PairMap* current,
                                 size_t limit, const base::Context& context);

}  // namespace heyi::exchange
