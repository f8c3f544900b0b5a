#include "net/mllp_reader.h"

#include <algorithm>
#include <utility>

#include "net/mllp.h"

namespace heyi::net {

MllpReader::Progress MllpReader::Read(std::string_view* input) {
  while (!input->empty()) {
    switch (phase_) {
      case Phase::kBetween:
        if (!PassNoise(input)) return Fail("too much outside of frames");
        break;
      case Phase::kFrame:
        if (!ReadFrame(input)) return Fail("the message is too long");
        break;
      case Phase::kEnd:
        if (ReadEnd(input) == Progress::kMessage) return Progress::kMessage;
        break;
      case Phase::kFailed:
        *input = {};
        return Progress::kError;
    }
  }
  return Progress::kMore;
}

bool MllpReader::PassNoise(std::string_view* input) {
  const size_t begin = std::min(input->find(kMllpBegin), input->size());
  for (char c : input->substr(0, begin)) {
    if (c == '\r' || c == '\n') continue;
    if (noise_++ == 0) ++dropped_;
  }
  if (noise_ > bounds_.noise_bytes_max) return false;
  input->remove_prefix(begin);
  if (input->empty()) return true;
  input->remove_prefix(1);
  noise_ = 0;
  phase_ = Phase::kFrame;
  return true;
}

// Up to the next VT or FS.
bool MllpReader::ReadFrame(std::string_view* input) {
  const size_t end = std::min(input->find(kMllpEnd), input->size());
  const size_t size = std::min(input->substr(0, end).find(kMllpBegin), end);
  const uint64_t room = bounds_.message_bytes_max - message_.size();
  if (size > room) return false;
  message_.append(input->substr(0, size));
  const bool begins_anew = size < end;
  input->remove_prefix(size);
  if (input->empty()) return true;
  input->remove_prefix(1);
  if (begins_anew) {
    Drop();
  } else {
    phase_ = Phase::kEnd;
  }
  return true;
}

MllpReader::Progress MllpReader::ReadEnd(std::string_view* input) {
  phase_ = Phase::kBetween;
  if (input->front() != '\r') {  // left in the input: it may be a VT
    Drop();
    return Progress::kMore;
  }
  input->remove_prefix(1);
  if (!message_.empty()) return Progress::kMessage;
  Drop();
  return Progress::kMore;
}

void MllpReader::End() {
  if (phase_ == Phase::kFrame || phase_ == Phase::kEnd) Drop();
  phase_ = Phase::kFailed;
}

void MllpReader::Drop() {
  ++dropped_;
  message_ = {};
}

MllpReader::Progress MllpReader::Fail(const char* why) {
  if (phase_ == Phase::kFrame) Drop();
  message_ = {};
  error_ = why;
  phase_ = Phase::kFailed;
  return Progress::kError;
}

std::string MllpReader::Take() { return std::exchange(message_, {}); }

}  // namespace heyi::net
