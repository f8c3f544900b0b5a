// LevelDB's slices as ours.
#pragma once

#include <leveldb/slice.h>

#include <string_view>

namespace heyi::store {

inline std::string_view ViewOf(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace heyi::store
