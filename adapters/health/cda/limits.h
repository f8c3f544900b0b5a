// The bounds of one document. Its bytes: kMessageBytesMax of adapters/limits.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heyi::adapters {

inline constexpr uint32_t kCdaDepthMax = 100;        // elements; the chain from bed to hospital alone takes 20
inline constexpr uint64_t kCdaNodesMax = 200'000;    // elements, attributes, runs of text
inline constexpr size_t kCdaSectionsMax = 200;
inline constexpr size_t kCdaEntriesMax = 500;        // of all sections; no list of a record has more items
inline constexpr size_t kCdaIdCharsMax = 64;         // of the document's number and the sender's, which make the message's key
inline constexpr size_t kCdaNarrativeBytesMax = 65'536;  // of one section, as plain text

}  // namespace heyi::adapters
