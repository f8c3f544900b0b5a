// Identifiers: UUIDv7 for what clients create, UUIDv5 for what messages name, so that the same message gives the
// same ids. https://www.rfc-editor.org/rfc/rfc9562
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace heyi::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(void* bytes, size_t size) = 0;
};

class SystemRandom : public Random {  // the operating system's, by OpenSSL; thread-safe
 public:
  void Fill(void* bytes, size_t size) override;
};

class SeededRandom : public Random {  // for tests: the same seed, the same bytes
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  void Fill(void* bytes, size_t size) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

std::string UuidV7(TimeMs now_ms, Random& random);

// The UUIDv5 of sender and business key in Heyi's own namespace.
std::string UuidV5(std::string_view sender, std::string_view business_key);

// FHIR id: 1 to 64 of A-Z a-z 0-9 - .
bool IsFhirTypeName(std::string_view text);  // letters, the first a capital: whether there is such a type is not asked
bool IsFhirId(std::string_view text);

}  // namespace heyi::base
