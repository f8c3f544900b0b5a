#include "server/http/handler.h"

#include <fmt/format.h>

#include <chrono>

#include "base/fault.h"
#include "base/gzip.h"
#include "base/log.h"
#include "base/text.h"
#include "interaction/access.h"
#include "interaction/dispatch.h"
#include "interaction/limits.h"
#include "interaction/patch.h"
#include "interaction/status.h"
#include "net/uri.h"
#include "server/http/binary.h"
#include "server/http/negotiation.h"
#include "server/http/render.h"

namespace heyi::server {
namespace {

using base::Error;
using base::ErrorKind;

constexpr uint64_t kBodyBytesMax = 16ull << 20;
constexpr uint64_t kBundleBytesMax = 64ull << 20;
constexpr uint64_t kCodeSystemBytesMax = 64ull << 20;  // some hundred thousand codes
constexpr size_t kEncodedByLoop = 64 << 10;  // larger bodies become XML or gzip, or are read from it, on a worker
constexpr size_t kWritesRenderedByCommitter = 4;
constexpr size_t kRequestIdBytesMax = 64;

// A caller's own request id, where it is plain; log lines and leaves carry it.
std::string RequestId(std::string_view given, const base::Clock& clock, base::Random& random) {
  bool plain = !given.empty() && given.size() <= kRequestIdBytesMax;
  for (char c : given) plain = plain && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == ':');
  return plain ? std::string(given) : base::UuidV7(clock.NowMs(), random);
}

std::string_view TextBehindMark(std::string_view target) {
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// A packed body may grow a hundredfold, and large XML takes its time: not on the loop, where others wait.
bool NeedsDecoding(const net::Request& request) {
  if (!request.Header("Content-Encoding").empty()) return true;
  return request.body.size() > kEncodedByLoop && ContentFormat(request.Header("Content-Type")) == Format::kXml;
}

bool IsAnonymousFhir(const std::vector<std::string>& segments) { return segments.size() == 1 && segments[0] == "metadata"; }

}  // namespace

struct Handler::Job {
  base::Context context;
  interaction::Request request;
  std::string body;                    // kept, because planning takes the request's apart
  std::unique_ptr<net::Responder> responder;
  Format format = Format::kJson;       // of the answer
  bool pack = false;                   // gzip it
  bool content = false;                // a Binary's bytes instead of the Binary
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  int replans = 0;
};

uint64_t Handler::BodyBytesMax(std::string_view method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.starts_with("/fhir/CodeSystem") && (method == "PUT" || method == "POST")) return kCodeSystemBytesMax;
  return method == "POST" && (path == "/fhir" || path == "/fhir/") ? kBundleBytesMax : kBodyBytesMax;
}

// A request whose caller is known.
struct Handler::Incoming {
  net::Request request;
  base::Context context;
  std::string root;                    // the address's first segment; the others:
  std::vector<std::string> segments;
  interaction::Query query;
  std::unique_ptr<net::Responder> responder;
};

base::Result<base::Done> Handler::Unpack(net::Request& request) const {
  const std::string coding = base::AsciiLower(base::Trim(request.Header("Content-Encoding")));
  if (coding.empty() || coding == "identity") return base::Done{};
  if (coding != "gzip" && coding != "x-gzip") return Error(ErrorKind::kUnsupported, "server.content-encoding", {}, coding);
  HEYI_TRY(body, base::Gunzip(request.body, BodyBytesMax(request.method, request.target)));
  request.body = std::move(body);
  return base::Done{};
}

void Handler::Handle(net::Request request, std::unique_ptr<net::Responder> responder) {
  base::Context context{{}, parts_.clock, parts_.random, RequestId(request.Header("X-Request-Id"), parts_.clock, parts_.random)};
  if (request.target == "/health/live") return responder->Send({200, {{"Content-Type", "text/plain"}}, "live\n"});

  auto target = net::ParseTarget(request.target);
  if (!target.ok()) return Refuse(target.error(), context, request.peer, "unframed", std::move(responder));
  std::vector<std::string> segments = std::move(target->segments);
  const std::string root = segments.empty() ? "" : segments.front();
  if (!segments.empty()) segments.erase(segments.begin());

  auto caller = parts_.tokens.CallerOf(request.Header("Authorization"));
  if (!caller.ok()) return Refuse(caller.error(), context, request.peer, "login", std::move(responder));
  context.caller = std::move(*caller);
  const bool anonymous_may = root == ".well-known" || (root == "fhir" && IsAnonymousFhir(segments));
  if (context.caller.anonymous() && !anonymous_may) {
    return Refuse(Error(ErrorKind::kUnauthenticated, "auth.needed"), context, request.peer, "login", std::move(responder));
  }
  Incoming incoming{std::move(request), std::move(context), root, std::move(segments), std::move(target->query), std::move(responder)};
  if (!NeedsDecoding(incoming.request)) return Route(std::move(incoming));
  auto work = std::make_shared<Incoming>(std::move(incoming));
  const bool taken = parts_.workers.Offer([this, work] {
    if (auto unpacked = Unpack(work->request); !unpacked.ok()) {
      return Refuse(unpacked.error(), work->context, work->request.peer, "negotiation", std::move(work->responder));
    }
    Route(std::move(*work));
  });
  if (!taken) Refuse(Error(ErrorKind::kUnavailable, "server.shed"), work->context, work->request.peer, "negotiation", std::move(work->responder));
}

void Handler::Route(Incoming incoming) {
  auto& [request, context, root, segments, query, responder] = incoming;
  if (root == "fhir") return HandleFhir(std::move(request), std::move(context), std::move(segments), std::move(query), std::move(responder));
  if (exchange::Desk* desk = root == "exchange" && !segments.empty() ? parts_.exchange.FindDesk(segments.front()) : nullptr; desk != nullptr) {
    segments.erase(segments.begin());
    return HandleDesk(*desk, std::move(request), std::move(context), std::move(segments), std::move(query), std::move(responder));
  }
  if (root == "exchange") return HandleMessage(std::move(request), std::move(context), std::move(segments), std::move(responder));
  if ((root == "health" || root == "metrics") && segments.empty()) return HandleOperator(context, root, request.peer, std::move(responder));
  Refuse(Error(ErrorKind::kNotFound, "server.not-found"), context, request.peer, "unknown", std::move(responder));
}

void Handler::HandleFhir(net::Request request, base::Context context, std::vector<std::string> segments, interaction::Query query,
                         std::unique_ptr<net::Responder> responder) {
  const bool content = WantsContent(request, segments, query);
  std::optional<Format> format = AcceptedFormat(request.Header("Accept"), exchange::QueryValue(query, "_format"));
  if (content && !format) format = Format::kJson;  // of an error
  if (!format) {
    net::Response answer = RenderError(Error(ErrorKind::kUnsupported, "server.accept", {}, request.Header("Accept")));
    answer.status = 406;
    audit::Leaf leaf;
    leaf.caller = context.caller;
    leaf.peer = request.peer;
    leaf.request_id = context.request_id;
    leaf.interaction = "negotiation";
    leaf.rule = "server.accept";
    return parts_.exit.Release({std::move(answer), std::move(leaf), false}, std::move(responder));
  }
  std::string other_type;
  if (!request.body.empty()) {
    const std::string_view content_type = request.Header("Content-Type");
    const bool form = !segments.empty() && segments.back() == "_search";
    if (form && content_type.starts_with("application/x-www-form-urlencoded")) {
      auto more = net::ParseQuery(request.body);
      if (!more.ok()) return Refuse(more.error(), context, request.peer, "search-type", std::move(responder));
      query.insert(query.end(), more->begin(), more->end());
      request.body.clear();
    } else {
      const std::optional<Format> sent = form ? std::nullopt : ContentFormat(content_type);
      if (!sent && !content_type.empty() && TakesOtherBodies(request.method, segments)) other_type = content_type;
      if (!sent && other_type.empty()) {
        return Refuse(Error(ErrorKind::kUnsupported, "server.content-type", {}, content_type), context, request.peer, "negotiation", std::move(responder));
      }
      if (sent == Format::kXml) {
        auto json = JsonOfXml(std::move(request.body), parts_.services.definitions());
        if (!json.ok()) return Refuse(json.error(), context, request.peer, "negotiation", std::move(responder));
        request.body = std::move(*json);
      }
    }
  }
  const bool pack = AcceptsGzip(request.Header("Accept-Encoding"));
  interaction::Request asked;
  asked.method = request.method;
  asked.segments = std::move(segments);
  asked.query = std::move(query);
  asked.query_text = TextBehindMark(request.target);
  asked.body = std::move(request.body);
  asked.content_type = std::move(other_type);
  asked.security_context = request.Header("X-Security-Context");
  asked.if_match = request.Header("If-Match");
  asked.if_none_match = request.Header("If-None-Match");
  asked.if_none_exist = request.Header("If-None-Exist");
  asked.accept_language = request.Header("Accept-Language");
  asked.peer = std::move(request.peer);
  ReadPrefer(request.Header("Prefer"), asked);

  const bool heavy = interaction::IsHeavy(parts_.services, asked);
  auto job = std::make_shared<Job>(Job{std::move(context), std::move(asked), {}, std::move(responder), *format, pack, content});
  if (!heavy) return RunJob(std::move(job));
  if (!parts_.workers.Offer([this, job] { RunJob(job); })) {
    FinishJob(job, interaction::ErrorResponse(Error(ErrorKind::kUnavailable, "server.shed")));
  }
}

void Handler::RunJob(std::shared_ptr<Job> job) {
  if (!job->request.reads_only()) job->body = job->request.body;
  interaction::Step step = interaction::Perform(parts_.services, job->context, job->request);
  if (auto* response = std::get_if<interaction::Response>(&step)) return FinishJob(job, std::move(*response));
  auto pending = std::make_shared<interaction::Pending>(std::move(std::get<interaction::Pending>(step)));
  const bool large = pending->draft.writes.size() > kWritesRenderedByCommitter;
  base::FaultPoint("request.planned");
  store::CommitDraft draft = std::move(pending->draft);
  parts_.services.store.Commit(std::move(draft), [this, job, pending, large](base::Result<store::CommitReceipt> receipt) {
    if (receipt.ok()) {
      const auto render = [this, job, pending, receipt = *receipt] { FinishJob(job, pending->render(receipt)); };
      return large ? parts_.workers.Add(render) : render();
    }
    if (receipt.error().kind == ErrorKind::kStale && ++job->replans < interaction::kReplansMax) {
      job->request.body = job->body;
      return parts_.workers.Add([this, job] { RunJob(job); });
    }
    interaction::Response refused = interaction::ErrorResponse(receipt.error());
    const std::string rule = refused.leaf.rule;
    refused.leaf = interaction::StartLeaf(job->context, job->request, "commit", audit::Action::kExecute);
    refused.leaf.rule = rule;
    FinishJob(job, std::move(refused));
  });
}

void Handler::FinishJob(const std::shared_ptr<Job>& job, interaction::Response response) {
  if (response.leaf.interaction.empty()) {
    const std::string rule = response.leaf.rule;
    response.leaf = interaction::StartLeaf(job->context, job->request, "unknown", audit::Action::kExecute);
    response.leaf.rule = rule;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - job->begun;
  parts_.metrics.CountAnswer(response.leaf.interaction, response.status, taken.count());
  Reply reply;
  reply.leaf = std::move(response.leaf);
  reply.leaf_recorded = response.leaf_recorded;
  reply.http = RenderFhir(std::move(response));
  reply.http.headers.emplace_back("X-Request-Id", job->context.request_id);
  if (reply.http.status == 415 && job->request.method == "PATCH") {
    reply.http.headers.emplace_back("Accept-Patch", fmt::format("{}", fmt::join(interaction::PatchFormats(), ", ")));
  }
  const auto encode = [this](const Job& of, net::Response& http) {
    if (of.content) ToContent(http);
    else if (of.format == Format::kXml) ToXml(http, parts_.services.definitions());
    if (of.pack) Pack(http);
  };
  if (reply.http.body.size() <= kEncodedByLoop || (job->format == Format::kJson && !job->pack && !job->content)) {
    encode(*job, reply.http);
    return parts_.exit.Release(std::move(reply), std::move(job->responder));
  }
  auto large = std::make_shared<Reply>(std::move(reply));
  parts_.workers.Add([this, job, large, encode] {
    encode(*job, large->http);
    parts_.exit.Release(std::move(*large), std::move(job->responder));
  });
}

void Handler::HandleMessage(net::Request request, base::Context context, std::vector<std::string> segments,
                            std::unique_ptr<net::Responder> responder) {
  const adapters::Adapter* adapter = segments.empty() ? nullptr : adapters::AdapterOf(segments.front());
  if (adapter == nullptr) return Refuse(Error(ErrorKind::kNotFound, "server.not-found"), context, request.peer, "message", std::move(responder));
  if (request.method != "POST") {
    return Refuse(Error(ErrorKind::kNotAllowed, "server.method", {}, request.method), context, request.peer, "message", std::move(responder));
  }
  audit::Leaf deciding;
  const std::string right = "message/" + segments.front();
  if (auto allowed = interaction::RequireType(parts_.services, context.caller, policy::Action::kOperate, right, deciding); !allowed.ok()) {
    return Refuse(allowed.error(), context, request.peer, "message", std::move(responder));
  }
  struct Work {
    net::Request request;
    base::Context context;
    std::unique_ptr<net::Responder> responder;
    std::string agreement;
  };
  auto work = std::make_shared<Work>(Work{std::move(request), std::move(context), std::move(responder), std::move(deciding.agreement)});
  const bool taken = parts_.workers.Offer([this, adapter, work] {
    const auto begun = std::chrono::steady_clock::now();
    exchange::Reply reply = parts_.exchange.TakeFrom("http", *adapter, std::move(work->request.body), work->context, work->request.peer, work->agreement);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
    parts_.metrics.CountAnswer("message", reply.leaf.status, seconds.count());
    // Some senders of HL7 v2 want no acknowledgement: an empty answer.
    net::Response http{reply.leaf.status == 503 ? 503 : reply.body.empty() ? 204 : 200, {{"Cache-Control", "no-store"}}, std::move(reply.body)};
    if (http.status != 204) http.headers.emplace_back("Content-Type", adapter->media_type());
    parts_.exit.Release({std::move(http), std::move(reply.leaf), reply.leaf_recorded}, std::move(work->responder));
  });
  if (!taken) Refuse(Error(ErrorKind::kUnavailable, "server.shed"), work->context, work->request.peer, "message", std::move(work->responder));
}

void Handler::Refuse(const base::Error& error, const base::Context& context, std::string_view peer, std::string_view interaction,
                     std::unique_ptr<net::Responder> responder) {
  interaction::Response response = interaction::ErrorResponse(error);
  audit::Leaf leaf;
  leaf.caller = context.caller;
  leaf.peer = peer;
  leaf.request_id = context.request_id;
  leaf.action = audit::Action::kExecute;
  leaf.interaction = interaction;
  leaf.rule = response.leaf.rule;
  parts_.metrics.CountAnswer(interaction, response.status, 0);
  parts_.exit.Release({RenderFhir(std::move(response)), std::move(leaf), false}, std::move(responder));
}

void Handler::HandleFramingError(const net::FramingError& error, std::string_view peer, std::unique_ptr<net::Responder> responder) {
  parts_.metrics.CountFramingError();
  net::Response http = RenderError(Error(ErrorKind::kMalformed, error.rule, {}, error.detail));
  http.status = error.status;
  if (error.status == 405) http.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  audit::Leaf leaf;
  leaf.peer = peer;
  leaf.request_id = base::UuidV7(parts_.clock.NowMs(), parts_.random);
  leaf.action = audit::Action::kExecute;
  leaf.interaction = "unframed";
  leaf.rule = error.rule;
  parts_.exit.Release({std::move(http), std::move(leaf), false}, std::move(responder));
}

}  // namespace heyi::server
