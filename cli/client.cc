#include "cli/client.h"

#include "cli/witness.h"

namespace heyi::cli {

Client::Client(std::string server, std::string token, std::shared_ptr<Witness> witness)
    : server_(std::move(server)), token_(std::move(token)), witness_(std::move(witness)), http_(net::HttpClient::Options{{server_ + "/"}, 5'000, 120'000, 256 << 20}) {}

base::Result<Client::Answer> Client::Send(std::string_view method, std::string_view path, std::string body) const {
  net::ClientRequest request;
  request.method = method;
  request.url = server_ + std::string(path);
  request.headers.emplace_back("Authorization", "Bearer " + token_);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/fhir+json");
  request.body = std::move(body);
  HEYI_TRY(response, http_.Send(request));
  Answer answer;
  answer.status = response.status;
  for (const auto& [name, value] : response.headers) {
    if (name == "etag") answer.etag = value;
    if (name == "location") answer.location = value;
  }
  answer.body = std::move(response.body);
  if (witness_ != nullptr && method != "GET" && answer.status / 100 == 2) witness_->Record(method, path, request.body, answer.body);
  if (auto parsed = base::ParseJson(answer.body); parsed.ok()) answer.json = std::move(*parsed);
  return answer;
}

}  // namespace heyi::cli
