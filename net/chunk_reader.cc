#include "net/chunk_reader.h"

#include <algorithm>

#include "net/ascii.h"

namespace heyi::net {
namespace {

constexpr unsigned kSizeDigitsMax = 16;  // what 64 bits hold

}  // namespace

void ChunkReader::Start(uint64_t body_bytes_max) {
  budget_.Reset();
  state_ = State::kSizeFirst;
  body_bytes_max_ = body_bytes_max;
  size_ = 0;
  digits_ = 0;
  extension_bytes_ = 0;
  line_.clear();
}

bool ChunkReader::Fail(int status, const char* rule, std::string_view detail) {
  error_ = {status, rule, std::string(detail)};
  return false;
}

ChunkReader::Progress ChunkReader::Read(std::string_view* input, std::string* body) {
  while (!input->empty()) {
    switch (state_) {
      case State::kData: {
        const size_t take = static_cast<size_t>(std::min<uint64_t>(size_, input->size()));
        body->append(input->data(), take);
        input->remove_prefix(take);
        size_ -= take;
        if (size_ == 0) state_ = State::kDataCr;
        break;
      }
      case State::kTrailer: {
        bool done = false;
        if (!ReadTrailer(input, &done)) return Progress::kError;
        if (done) return Progress::kDone;
        break;
      }
      default: {
        const char c = input->front();
        input->remove_prefix(1);
        if (!ReadSizeByte(c, *body)) return Progress::kError;
      }
    }
  }
  return Progress::kMore;
}

// Everything between two chunks' data.
bool ChunkReader::ReadSizeByte(char c, const std::string& body) {
  switch (state_) {
    case State::kDataCr:
      if (c != '\r') return Fail(400, "http.chunk", "more data than its size says");
      state_ = State::kDataLf;
      return true;
    case State::kDataLf:
      if (c != '\n') return Fail(400, "http.chunk", "CR without LF after the data");
      state_ = State::kSizeFirst;
      return true;
    case State::kSizeFirst:
      size_ = 0;
      digits_ = 0;
      state_ = State::kSize;
      [[fallthrough]];
    case State::kSize:
      if (const int digit = HexValue(c); digit >= 0) {
        if (++digits_ > kSizeDigitsMax) return Fail(400, "http.chunk", "a size of too many digits");
        size_ = size_ << 4 | static_cast<uint64_t>(digit);
        return true;
      }
      if (digits_ == 0 || (c != ';' && c != '\r')) return Fail(400, "http.chunk", "the size is no hexadecimal number");
      if (size_ > body_bytes_max_ - body.size()) {
        return Fail(413, "http.body-too-long", std::to_string(body_bytes_max_));
      }
      if (c == '\r') {
        state_ = State::kSizeLf;
        return true;
      }
      state_ = State::kExtension;
      [[fallthrough]];
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeLf;
        return true;
      }
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
        return Fail(400, "http.chunk", "a control character after the size");
      }
      if (++extension_bytes_ > limits_.chunk_extension_bytes_max) return Fail(400, "http.chunk", "extensions too long");
      return true;
    case State::kSizeLf:
      if (c != '\n') return Fail(400, "http.chunk", "CR without LF after the size");
      state_ = size_ == 0 ? State::kTrailer : State::kData;
      return true;
    case State::kData:
    case State::kTrailer:
      break;
  }
  return Fail(400, "http.chunk", "");
}

// Trailers must be well-formed header lines within the bounds of a head, and are then forgotten: never merged.
bool ChunkReader::ReadTrailer(std::string_view* input, bool* done) {
  const size_t end = std::min(input->find('\n'), input->size() - 1) + 1;
  // What the bounds let pass and one byte more; the rest need not be kept to be refused.
  const size_t keep = std::min(end, size_t{limits_.header_bytes_max} + 3 - line_.size());
  line_.append(input->substr(0, keep));
  if (const char* why = budget_.Check(line_.size())) {
    error_ = FieldTooLong(why);
    return false;
  }
  input->remove_prefix(keep);
  if (line_.back() != '\n') return true;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return Fail(400, "http.line-end", "LF alone");
  const std::string_view line = std::string_view(line_).substr(0, line_.size() - 2);
  if (line.empty()) {
    *done = true;
    return true;
  }
  if (const char* why = budget_.Count(line_.size())) {
    error_ = FieldTooLong(why);
    return false;
  }
  Field field;
  if (const char* why = ParseField(line, &field)) return Fail(400, "http.header", why);
  line_.clear();
  return true;
}

}  // namespace heyi::net
