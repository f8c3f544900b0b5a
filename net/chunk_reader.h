// Chunked bodies: sizes checked digit by digit, extensions and trailers bounded and thrown away.
// https://www.rfc-editor.org/rfc/rfc9112#section-7.1
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/field_line.h"
#include "net/http.h"
#include "net/limits.h"

namespace heyi::net {

class ChunkReader {
 public:
  enum class Progress : unsigned char { kMore, kDone, kError };

  explicit ChunkReader(const Limits& limits) : limits_(limits), budget_(limits) {}

  void Start(uint64_t body_bytes_max);

  // Takes bytes off the front of *input and appends the body's to *body. kDone: what is left is the next request's.
  Progress Read(std::string_view* input, std::string* body);

  FramingError TakeError() { return std::move(error_); }

 private:
  enum class State : unsigned char { kSizeFirst, kSize, kExtension, kSizeLf, kData, kDataCr, kDataLf, kTrailer };

  bool ReadSizeByte(char c, const std::string& body);
  bool ReadTrailer(std::string_view* input, bool* done);
  bool Fail(int status, const char* rule, std::string_view detail);

  const Limits& limits_;
  FieldBudget budget_;
  State state_ = State::kSizeFirst;
  uint64_t body_bytes_max_ = 0;
  uint64_t size_ = 0;  // of the chunk; then what is left of it
  unsigned digits_ = 0;
  uint32_t extension_bytes_ = 0;
  std::string line_;  // of the trailers
  FramingError error_;
};

}  // namespace heyi::net
