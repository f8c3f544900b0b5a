// Whole files and directories. The journal, which has needs of its own, does its writing itself.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace heyi::base {

Result<std::string> ReadFile(const std::string& path);
// Written beside, synced and renamed over: after a crash either the old or the new file stands, whole.
Result<Done> WriteFileDurably(const std::string& path, std::string_view bytes, unsigned mode = 0644);
Result<Done> SyncDirectory(const std::string& path);

}  // namespace heyi::base
