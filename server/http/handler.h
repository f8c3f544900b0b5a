// From HTTP to the rooms: address, caller, negotiation, then FHIR interactions, messages, desks, health or metrics.
#pragma once

#include <memory>
#include <string>

#include "exchange/exchange.h"
#include "interaction/services.h"
#include "net/http.h"
#include "server/auth/bearer.h"
#include "server/http/exit.h"
#include "server/metrics.h"
#include "server/workers.h"

namespace heyi::server {

class Handler : public net::HttpHandler {
 public:
  struct Parts {
    const interaction::Services& services;
    exchange::Exchange& exchange;
    const BearerTokens& tokens;
    Exit& exit;
    Workers& workers;
    Metrics& metrics;
    const base::Clock& clock;
    base::Random& random;
  };
  explicit Handler(const Parts& parts) : parts_(parts) {}

  uint64_t BodyBytesMax(std::string_view method, std::string_view target) const override;
  void Handle(net::Request request, std::unique_ptr<net::Responder> responder) override;
  void HandleFramingError(const net::FramingError& error, std::string_view peer, std::unique_ptr<net::Responder> responder) override;

 private:
  struct Incoming;
  struct Job;  // one FHIR request on its way

  void Route(Incoming incoming);

  // Takes the body out of its Content-Encoding. errors  kUnsupported; kMalformed, kTooLarge gzip.*
  base::Result<base::Done> Unpack(net::Request& request) const;

  void HandleFhir(net::Request request, base::Context context, std::vector<std::string> segments, interaction::Query query,
                  std::unique_ptr<net::Responder> responder);
  void HandleMessage(net::Request request, base::Context context, std::vector<std::string> segments, std::unique_ptr<net::Responder> responder);
  void HandleOperator(const base::Context& context, std::string_view what, std::string_view peer, std::unique_ptr<net::Responder> responder);
  // handler_operator.cc
  void HandleDesk(exchange::Desk& desk, net::Request request, base::Context context, std::vector<std::string> path, interaction::Query query,
                  std::unique_ptr<net::Responder> responder);
  void RunJob(std::shared_ptr<Job> job);
  void FinishJob(const std::shared_ptr<Job>& job, interaction::Response response);
  void Refuse(const base::Error& error, const base::Context& context, std::string_view peer, std::string_view interaction,
              std::unique_ptr<net::Responder> responder);

  Parts parts_;
};

}  // namespace heyi::server
