// Reads requests from bytes as they come. Strict, bounded, and split-invariant: however the bytes are cut, the same
// requests and the same refusal come out. A head that arrives in one piece is parsed where it lies and copied once.
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/chunk_reader.h"
#include "net/head_parser.h"
#include "net/http.h"
#include "net/limits.h"

namespace heyi::net {

class HttpReader {
 public:
  enum class Progress : unsigned char {
    kMore,      // all input is taken, nothing is complete
    kContinue,  // the same, and the client waits for a 100 before it sends the body
    kRequest,   // Take() it; what is left of the input belongs to the next one
    kError,     // see error(); nothing more can be read from this connection
  };

  // Both outlive the reader; `handler` is only asked for BodyBytesMax.
  HttpReader(const Limits& limits, const HttpHandler& handler)
      : limits_(limits), handler_(handler), parser_(limits), chunks_(limits) {}

  Progress Read(std::string_view* input);  // takes bytes off the front of *input
  Progress End();                          // no more bytes will come: kMore where no request had begun

  Request Take();

  bool idle() const { return phase_ == Phase::kHead && raw_.empty(); }  // between two requests
  bool in_body() const { return phase_ == Phase::kBody || phase_ == Phase::kChunks; }

  // Of the request at hand, or just taken.
  bool keep_alive() const { return parser_.keep_alive(); }
  bool http_1_0() const { return parser_.http_1_0(); }
  bool head_only() const { return parser_.head_only(); }

  const FramingError& error() const { return error_; }

 private:
  enum class Phase : unsigned char { kHead, kBody, kChunks, kComplete, kFailed };

  Progress ReadHead(std::string_view* input);
  Progress BeginBody(bool input_is_empty);
  Progress ReadBody(std::string_view* input);
  Progress Fail(FramingError error);

  const Limits& limits_;
  const HttpHandler& handler_;
  HeadParser parser_;
  ChunkReader chunks_;
  Phase phase_ = Phase::kHead;
  bool began_ = false;          // the parser has been reset for the request at hand
  bool blank_skipped_ = false;  // the one empty line that may stand before a request
  std::string raw_;             // a head that came in pieces
  uint64_t body_left_ = 0;
  Request request_;
  FramingError error_;
};

}  // namespace heyi::net
