#include "cli/in_process.h"

#include "base/text.h"
#include "care/care.h"
#include "interaction/audit_report.h"
#include "interaction/status.h"
#include "interaction/terminology/terminology.h"
#include "interaction/url.h"
#include "interaction/validate.h"
#include "server/known_canonicals.h"

namespace heyi::cli {
namespace {

constexpr std::string_view kBaseUrl = "http://localhost/fhir";
constexpr size_t kCursorKeyBytes = 32;

base::Caller Operator() {
  base::Caller caller;
  caller.client = caller.department = caller.role = "operator";
  caller.purpose = "HOPERAT";
  return caller;
}

}  // namespace

base::Result<std::shared_ptr<const fhir::SearchParameters>> LoadParameters(const std::string& pack_path) {
  HEYI_TRY(definitions, fhir::Definitions::Load(pack_path));
  return fhir::SearchParameters::Compile(definitions);
}

InProcess::InProcess(std::shared_ptr<const fhir::SearchParameters> parameters)
    : context_{Operator(), clock_, random_, "in-process"},
      parameters_(std::move(parameters)),
      policy_(policy::Policy::Default()),
      guard_(care::MakeOccupancyGuard()),
      beds_(care::MakeBedCounts()),
      data_audit_(audit::MakeAuditView()),
      access_audit_(audit::MakeAuditView()) {
  operations_.Register(interaction::MakeAuditReport());
  operations_.Register(interaction::MakeValidate());
  interaction::RegisterTerminology(operations_);
  care::RegisterOperations(operations_, {});
}

base::Result<std::unique_ptr<InProcess>> InProcess::Open(std::shared_ptr<const fhir::SearchParameters> parameters, const std::string& directory) {
  std::unique_ptr<InProcess> house(new InProcess(std::move(parameters)));
  HEYI_CHECK(house->OpenStores(directory));
  return house;
}

base::Result<std::unique_ptr<InProcess>> InProcess::Open(std::shared_ptr<const fhir::SearchParameters> parameters, const std::string& directory,
                                                         const std::vector<std::string>& built_in, const interaction::WriteRules& on_write) {
  HEYI_TRY(house, Open(std::move(parameters), directory));
  HEYI_CHECK(house->Learn(built_in));
  house->services_->on_write = on_write;
  return std::move(house);
}

base::Result<base::Done> InProcess::Learn(const std::vector<std::string>& built_in) {
  HEYI_TRY(knowledge, conformance::Knowledge::Open(parameters_->definitions(), built_in, {}, stored_.get()));
  operations_.Register(exchange::MakeTransform(std::make_shared<server::SourceCanonicals>(knowledge->source())));
  services_->terminology = &knowledge->terminology();
  services_->validator = &knowledge->validator();
  knowledge_ = std::move(knowledge);
  return base::Done{};
}

base::Result<base::Done> InProcess::OpenStores(const std::string& directory) {
  const store::StoreOptions data{directory + "/data", parameters_, {guard_.get()}, {data_audit_.get(), beds_.get()}, &clock_, &random_,
                                 parameters_->definitions().dictionary()};
  HEYI_TRY(opened, store::OpenFileStore(data, nullptr));
  data_ = std::move(opened);
  const store::StoreOptions access{directory + "/access", parameters_, {}, {access_audit_.get()}, &clock_, &random_, {}};
  HEYI_TRY(opened_access, store::OpenFileStore(access, nullptr));
  access_ = std::move(opened_access);
  trail_ = std::make_unique<audit::Trail>(*data_, *access_);
  stored_ = std::make_unique<interaction::StoreSource>(*data_, parameters_->definitions());
  std::string cursor_key(kCursorKeyBytes, '\0');
  random_.Fill(cursor_key.data(), cursor_key.size());
  services_ = std::make_unique<interaction::Services>(
      interaction::Services{parameters_, *data_, *access_, *trail_, policy_, operations_, std::string(kBaseUrl), std::move(cursor_key)});
  HEYI_CHECK(Learn({}));
  return base::Done{};
}

interaction::Response InProcess::Ask(interaction::Request request) const {
  return interaction::PerformAndWait(*services_, context_, std::move(request));
}

interaction::Response InProcess::Ask(std::string_view method, std::string_view address, std::string body) const {
  auto request = MakeRequest(method, address, std::move(body));
  return request.ok() ? Ask(std::move(*request)) : interaction::ErrorResponse(request.error());
}

base::Result<interaction::Request> MakeRequest(std::string_view method, std::string_view address, std::string body) {
  interaction::Request request;
  request.method = method;
  request.body = std::move(body);
  const size_t mark = address.find('?');
  if (mark != std::string_view::npos) {
    request.query_text = address.substr(mark + 1);
    HEYI_TRY(query, interaction::DecodeQuery(request.query_text));
    request.query = std::move(query);
  }
  const std::string_view path = address.substr(0, mark);
  if (path.empty()) return request;
  for (std::string_view part : base::Split(path, '/')) {
    HEYI_TRY(segment, interaction::DecodePercent(part));
    request.segments.push_back(std::move(segment));
  }
  return request;
}

}  // namespace heyi::cli
