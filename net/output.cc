#include "net/output.h"

#include <algorithm>
#include <array>

namespace heyi::net {
namespace {

constexpr size_t kSpareBuffersMax = 64;
constexpr size_t kSpareBytesMax = 64 * 1024;   // a larger buffer is freed
constexpr size_t kPieceBytesMax = 64 * 1024;   // then a new piece begins
constexpr size_t kCopiedBodyMax = 16 * 1024;   // a larger body becomes a piece of its own
constexpr size_t kPiecesPerSend = 16;

}  // namespace

std::string BufferPool::Take() {
  if (spare_.empty()) return {};
  std::string buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

void BufferPool::Give(std::string buffer) {
  if (spare_.size() >= kSpareBuffersMax || buffer.capacity() > kSpareBytesMax) return;
  buffer.clear();
  spare_.push_back(std::move(buffer));
}

std::string& Output::Last() {
  if (pieces_.empty() || pieces_.back().size() > kPieceBytesMax) pieces_.push_back(pool_.Take());
  return pieces_.back();
}

char* Output::Grow(size_t size) {
  std::string& last = Last();
  const size_t at = last.size();
  last.resize(at + size);
  bytes_ += size;
  return last.data() + at;
}

void Output::Trim(size_t size) {
  pieces_.back().resize(pieces_.back().size() - size);
  bytes_ -= size;
}

void Output::Append(std::string_view text) {
  Last().append(text);
  bytes_ += text.size();
}

void Output::AppendBody(std::string body) {
  if (body.size() <= kCopiedBodyMax) return Append(body);
  bytes_ += body.size();
  pieces_.push_back(std::move(body));
}

IoResult Output::Send(Transport& transport, size_t budget) {
  std::array<iovec, kPiecesPerSend> vectors;
  size_t count = 0, skip = sent_;
  for (std::string& piece : pieces_) {
    if (count == vectors.size() || budget == 0) break;
    const size_t size = std::min(piece.size() - skip, budget);
    if (size > 0) vectors[count++] = {piece.data() + skip, size};
    budget -= size;
    skip = 0;
  }
  const IoResult result = transport.Send({vectors.data(), count});
  if (result.kind == IoResult::Kind::kDone) Drop(result.bytes);
  return result;
}

void Output::Drop(size_t bytes) {
  bytes_ -= bytes;
  sent_ += bytes;
  size_t done = 0;
  while (done < pieces_.size() && sent_ >= pieces_[done].size()) {
    sent_ -= pieces_[done].size();
    pool_.Give(std::move(pieces_[done]));
    ++done;
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace heyi::net
