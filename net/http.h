// HTTP/1.1 messages as the rest of the program sees them: framing is done, nothing is interpreted.
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heyi::net {

// A request whose views point into `raw` (heap memory that moves with it). The body is de-chunked and owned apart.
struct Request {
  std::string raw;  // request line and headers as they came
  std::string_view method;
  std::string_view target;  // as sent, e.g. "/fhir/Patient?name=a%20b"; absolute-form is cut to its origin-form
  std::vector<std::pair<std::string_view, std::string_view>> headers;  // names as sent, values trimmed
  std::string body;
  std::string peer;  // address of the other side, without port
  bool head_only() const { return method == "HEAD"; }

  Request() = default;
  Request(Request&&) = default;
  Request& operator=(Request&&) = default;

  // Value of the first header of that name, compared without case; empty where absent.
  std::string_view Header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // Content-Length, Connection and Date are net's own
  std::string body;    // of a HEAD answer: what GET would send, so that Content-Length tells the truth
  bool close = false;  // close the connection after it
};

// A request that could not be framed, with the answer the specification asks for.
struct FramingError {
  int status = 400;      // 400, 405, 408, 413, 414, 417, 431, 501, 505
  std::string rule;      // e.g. "http.content-length"
  std::string detail;
};

// The right to answer one request, once, from any thread. Answers leave in the order of their requests. Dropping it
// unanswered closes the connection.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void Send(Response response) = 0;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;

  // Largest body for this request line; asked once, before the body is read (413 follows above it).
  virtual uint64_t BodyBytesMax(std::string_view method, std::string_view target) const = 0;

  // Called on a loop thread: answer at once from memory, or hand the work (and the responder) to another thread.
  virtual void Handle(Request request, std::unique_ptr<Responder> responder) = 0;

  // The connection closes after the answer.
  virtual void HandleFramingError(const FramingError& error, std::string_view peer, std::unique_ptr<Responder> responder) = 0;
};

}  // namespace heyi::net
