// A connection that speaks HTTP/1.1. https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <memory>
#include <string>

#include "net/connection.h"
#include "net/http.h"
#include "net/http_reader.h"

namespace heyi::net {

class HttpConnection final : public Connection {
 public:
  // `handler` outlives the connection.
  HttpConnection(LoopShared& shared, ConnectionId id, Newcomer&& newcomer, HttpHandler& handler);

 private:
  void Read(std::string_view* input) override;
  bool between_messages() const override { return reader_.idle(); }
  void InputEnded() override;
  void Render(Answer&& answer) override;
  void BeforeSending() override;
  int64_t message_deadline_ms() const override;
  void MessageIsLate() override;

  void TakeRequest();
  void Refuse(const FramingError& error);

  HttpHandler& handler_;
  const std::string peer_;
  HttpReader reader_;
  bool continue_due_ = false;  // a 100 is to be sent once all earlier answers are
};

}  // namespace heyi::net
