// zstd with an optional dictionary.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace heyi::base {

class ZstdDictionary {
 public:
  explicit ZstdDictionary(std::string bytes);
  ~ZstdDictionary();
  ZstdDictionary(const ZstdDictionary&) = delete;
  ZstdDictionary& operator=(const ZstdDictionary&) = delete;

  const std::string& bytes() const { return bytes_; }

 private:
  friend std::string ZstdCompress(std::string_view, const ZstdDictionary*, int);
  friend bool ZstdDecompress(std::string_view, size_t, const ZstdDictionary*, std::string*);
  std::string bytes_;
  void* for_writing_;
  void* for_reading_;
};

std::string ZstdCompress(std::string_view raw, const ZstdDictionary* dictionary = nullptr, int level = 1);

// Appends exactly `raw_size` bytes to `out`; false where `stored` is not that.
bool ZstdDecompress(std::string_view stored, size_t raw_size, const ZstdDictionary* dictionary, std::string* out);

// A dictionary of at most `size` bytes learnt from `samples`; empty where there are too few.
std::string TrainZstdDictionary(const std::vector<std::string>& samples, size_t size);

}  // namespace heyi::base
