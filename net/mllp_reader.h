// Reads MLLP frames from bytes as they come: VT (0x0b), the message, FS (0x1c) CR. Strict and split-invariant: what is no
// whole frame is dropped and counted, the next VT begins anew, and two messages are never merged.
// https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF
//
//   bytes before a VT          dropped (CR and LF are passed over)
//   VT within a frame          the frame so far is dropped, a new one begins
//   FS that no CR follows      the frame is dropped
//   VT FS CR                   an empty frame, dropped
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heyi::net {

struct MllpBounds {
  uint64_t message_bytes_max = 4u << 20;
  uint64_t noise_bytes_max = 4'096;  // outside of frames, one after the other
};

class MllpReader {
 public:
  enum class Progress : unsigned char {
    kMore,     // all input is taken, nothing is complete
    kMessage,  // Take() it; what is left of the input belongs to the next one
    kError,    // a bound is passed: see error(); nothing more can be read from this connection
  };

  explicit MllpReader(const MllpBounds& bounds) : bounds_(bounds) {}

  Progress Read(std::string_view* input);  // takes bytes off the front of *input
  void End();                              // no more bytes will come: an open frame is dropped

  std::string Take();

  bool idle() const { return phase_ == Phase::kBetween && noise_ == 0; }  // neither a frame nor noise has begun
  uint64_t dropped() const { return dropped_; }            // frames and stretches of noise
  const char* error() const { return error_; }

 private:
  enum class Phase : unsigned char { kBetween, kFrame, kEnd, kFailed };

  bool PassNoise(std::string_view* input);  // these two: false where a bound is passed
  bool ReadFrame(std::string_view* input);
  Progress ReadEnd(std::string_view* input);
  void Drop();
  Progress Fail(const char* why);

  const MllpBounds bounds_;
  Phase phase_ = Phase::kBetween;
  std::string message_;
  uint64_t noise_ = 0;
  uint64_t dropped_ = 0;
  const char* error_ = "";
};

}  // namespace heyi::net
