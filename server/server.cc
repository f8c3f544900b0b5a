#include "server/server.h"

#include <fmt/format.h>

#include <filesystem>

#include "audit/trail.h"
#include "base/file.h"
#include "base/log.h"
#include "care/care.h"
#include "conformance/knowledge.h"
#include "exchange/correction/correction.h"
#include "exchange/exchange.h"
#include "exchange/lineage/operation.h"
#include "exchange/routing/routing.h"
#include "exchange/subscription/subscriptions.h"
#include "interaction/audit_report.h"
#include "interaction/operations.h"
#include "interaction/services.h"
#include "interaction/store_source.h"
#include "interaction/terminology/terminology.h"
#include "interaction/validate.h"
#include "mapping/map_library.h"
#include "net/http_server.h"
#include "server/channels/channels_config.h"
#include "server/channels/folder_front.h"
#include "server/channels/mllp_front.h"
#include "server/http/handler.h"
#include "server/known_canonicals.h"

namespace heyi::server {
namespace {

constexpr unsigned kLoops = 2;
constexpr unsigned kWorkers = 4;
constexpr size_t kWorkWaitingMax = 256;
constexpr size_t kCursorKeyBytes = 32;
constexpr uint32_t kStopGraceMs = 10'000;

// The key that signs page links: made once, so that links outlive a restart.
base::Result<std::string> CursorKey(const std::string& directory, base::Random& random) {
  const std::string path = directory + "/cursor.key";
  if (std::filesystem::exists(path)) return base::ReadFile(path);
  std::string key(kCursorKeyBytes, '\0');
  random.Fill(key.data(), key.size());
  HEYI_CHECK(base::WriteFileDurably(path, key, 0600));
  return key;
}

void LogOpened(std::string_view journal, const store::OpenReport& report) {
  base::Log(report.rebuilt ? base::LogLevel::kWarning : base::LogLevel::kInfo, "store.opened",
            {{"journal", journal},
             {"last_t", fmt::format("{}", report.journal.last_t)},
             {"torn_bytes", fmt::format("{}", report.journal.torn_bytes)},
             {"replayed", fmt::format("{}", report.replayed)},
             {"rebuilt", report.rebuilt ? report.why : "no"}});
}

// Members are in the order of their making; each stands on those above it.
class RunningServer : public Server {
 public:
  base::Result<base::Done> Open(const ServeOptions& options, const base::Clock& clock, base::Random& random) {
    std::error_code failed;
    std::filesystem::create_directories(options.data_directory, failed);
    HEYI_TRY(definitions, fhir::Definitions::Load(options.pack_path));
    HEYI_TRY(parameters, fhir::SearchParameters::Compile(definitions));
    parameters_ = parameters;
    HEYI_TRY(maps, mapping::MapLibrary::Load(*definitions));
    maps_ = std::make_unique<mapping::MapsInForce>(std::move(maps));
    HEYI_CHECK(LoadPolicy(options.config.policy_file));
    HEYI_CHECK(OpenStores(options, clock, random));
    trail_ = std::make_unique<audit::Trail>(*data_, *access_);
    operations_.Register(interaction::MakeAuditReport());
    operations_.Register(interaction::MakeValidate());
    operations_.Register(exchange::MakeLineage());
    interaction::RegisterTerminology(operations_);
    care::RegisterOperations(operations_, {});
    exchange::RegisterCorrections(operations_);
    exchange::RegisterSubscriptionOperations(operations_);
    stored_ = std::make_unique<interaction::StoreSource>(*data_, parameters_->definitions());
    HEYI_TRY(cursor_key, CursorKey(options.data_directory, random));
    tokens_ = std::make_unique<BearerTokens>(options.config.tokens);
    exit_ = std::make_unique<Exit>(*access_, options.config.access_leaf_lazy);
    workers_ = std::make_unique<Workers>(kWorkers, kWorkWaitingMax);
    services_ = std::make_unique<interaction::Services>(interaction::Services{parameters_, *data_, *access_, *trail_, *policy_, operations_,
                                                                              "", cursor_key});
    HEYI_TRY(knowledge, conformance::Knowledge::Open(*definitions, conformance::Knowledge::BuiltIn(options.pack_path),
                                                     options.data_directory + "/packages", stored_.get()));
    knowledge_ = std::move(knowledge);
    operations_.Register(exchange::MakeTransform(std::make_shared<SourceCanonicals>(knowledge_->source())));
    services_->terminology = &knowledge_->terminology();
    services_->validator = &knowledge_->validator();
    services_->on_write = options.config.on_write;
    exchange::Options exchange_options = ExchangeOptions(options.config);
    HEYI_TRY(routing, LoadRouting(options.config, *parameters_, *maps_->Current()));
    exchange_options.routing = routing;
    HEYI_TRY(made_exchange, exchange::Exchange::Make(*services_, *maps_, std::move(exchange_options), clock, random));
    exchange_ = std::move(made_exchange);
    services_->write_check = &exchange_->subscription_check();
    services_->subscription_topics = exchange_->subscription_topics();
    handler_ = std::make_unique<Handler>(
        Handler::Parts{*services_, *exchange_, *tokens_, *exit_, *workers_, metrics_, clock, random});
    // The port is known only once it is bound; nothing is accepted before Start returns to a finished base URL.
    net::HttpServer::Options front;
    front.host = options.host;
    front.port = options.port;
    front.loops = kLoops;
    services_->base_url = fmt::format("http://{}:{}/fhir", options.host, options.port);
    HEYI_TRY(started, net::HttpServer::Start(front, *handler_));
    front_ = std::move(started);
    if (options.port == 0) services_->base_url = fmt::format("http://{}:{}/fhir", options.host, front_->port());
    HEYI_CHECK(exchange_->Start());
    return OpenChannels(options.config, {*services_, *exchange_, *exit_, *workers_, metrics_, clock, random});
  }

  ~RunningServer() override { Stop(); }
  uint16_t port() const override { return front_->port(); }
  std::string base_url() const override { return services_->base_url; }
  std::vector<uint16_t> mllp_ports() const override {
    std::vector<uint16_t> ports;
    for (const auto& mllp : mllp_) ports.push_back(mllp->port());
    return ports;
  }

  void Stop() override {
    if (front_ == nullptr) return;
    front_->Stop(kStopGraceMs);
    for (const auto& mllp : mllp_) mllp->Stop(kStopGraceMs);
    folders_.clear();
    workers_->Stop();
    exchange_->Stop();
    front_.reset();
    mllp_.clear();
    exchange_.reset();
    knowledge_.reset();
    stored_.reset();
    data_.reset();
    access_.reset();
  }

 private:
  base::Result<base::Done> LoadPolicy(const std::string& path) {
    if (path.empty()) {
      policy_ = std::make_unique<policy::Policy>(policy::Policy::Default());
      return base::Done{};
    }
    HEYI_TRY(text, base::ReadFile(path));
    HEYI_TRY(parsed, policy::Policy::Parse(text));
    policy_ = std::make_unique<policy::Policy>(std::move(parsed));
    return base::Done{};
  }

  base::Result<base::Done> OpenStores(const ServeOptions& options, const base::Clock& clock, base::Random& random) {
    store::StoreOptions data{options.data_directory + "/data", parameters_, {guard_.get()}, {data_audit_.get(), beds_.get()}, &clock, &random,
                             parameters_->definitions().dictionary()};
    store::OpenReport report;
    HEYI_TRY(opened, store::OpenFileStore(data, &report));
    data_ = std::move(opened);
    LogOpened("data", report);
    store::StoreOptions access{options.data_directory + "/access", parameters_, {}, {access_audit_.get()}, &clock, &random, {}};
    store::OpenReport access_report;
    HEYI_TRY(opened_access, store::OpenFileStore(access, &access_report));
    access_ = std::move(opened_access);
    LogOpened("access", access_report);
    return base::Done{};
  }

  base::Result<base::Done> OpenChannels(const Config& config, const ChannelParts& parts) {
    for (const MllpListener& listener : config.mllp) {
      HEYI_TRY(mllp, MllpFront::Start(listener, parts));
      mllp_.push_back(std::move(mllp));
    }
    for (const FolderWatch& watch : config.folders) {
      HEYI_TRY(folder, FolderFront::Start(watch, parts));
      folders_.push_back(std::move(folder));
    }
    return base::Done{};
  }

  static base::Result<std::shared_ptr<const exchange::Routing>> LoadRouting(const Config& config, const fhir::SearchParameters& parameters,
                                                                            const mapping::MapLibrary& maps) {
    exchange::Routing::Text profiles{config.release_file, {}}, routes{config.routes_file, {}};
    for (exchange::Routing::Text* one : {&profiles, &routes}) {
      if (one->file_name.empty()) continue;
      HEYI_TRY(text, base::ReadFile(one->file_name));
      one->text = std::move(text);
    }
    return exchange::Routing::Load(profiles, routes, parameters, maps);
  }

  static exchange::Options ExchangeOptions(const Config& config) {
    exchange::Options options;
    options.hub_code = config.hub_code;
    options.area_code = config.area_code;
    options.routes = config.outbound;
    options.inbound = InboundChannels(config);
    options.retention = config.retention;
    options.client.allowed_prefixes = config.outbound_allowed;
    options.subscriptions = config.subscriptions;
    return options;
  }

  std::shared_ptr<const fhir::SearchParameters> parameters_;
  std::unique_ptr<mapping::MapsInForce> maps_;
  std::unique_ptr<policy::Policy> policy_;
  std::unique_ptr<store::CommitGuard> guard_ = care::MakeOccupancyGuard();
  std::unique_ptr<store::DerivedView> beds_ = care::MakeBedCounts();
  std::unique_ptr<store::DerivedView> data_audit_ = audit::MakeAuditView();
  std::unique_ptr<store::DerivedView> access_audit_ = audit::MakeAuditView();
  std::unique_ptr<store::Store> data_, access_;
  std::unique_ptr<audit::Trail> trail_;
  std::unique_ptr<interaction::StoreSource> stored_;
  std::unique_ptr<conformance::Knowledge> knowledge_;
  interaction::Operations operations_;
  std::unique_ptr<BearerTokens> tokens_;
  std::unique_ptr<Exit> exit_;
  std::unique_ptr<Workers> workers_;
  Metrics metrics_;
  std::unique_ptr<interaction::Services> services_;
  std::unique_ptr<exchange::Exchange> exchange_;
  std::unique_ptr<Handler> handler_;
  std::unique_ptr<net::HttpServer> front_;
  std::vector<std::unique_ptr<MllpFront>> mllp_;
  std::vector<std::unique_ptr<FolderFront>> folders_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::Start(const ServeOptions& options, const base::Clock& clock, base::Random& random) {
  auto server = std::make_unique<RunningServer>();
  HEYI_CHECK(server->Open(options, clock, random));
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace heyi::server
