#include "tests/interaction/house.h"

#include "interaction/terminology/terminology.h"
#include "interaction/validate.h"

namespace heyi::interaction {

House::House(const std::string& directory) {
  auto definitions = fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack");
  auto parameters = fhir::SearchParameters::Compile(*definitions);
  parameters_ = *parameters;
  const auto open = [&](const char* name, store::DerivedView* view) -> std::unique_ptr<store::Store> {
    store::StoreOptions options{directory + "/" + name, parameters_, {}, {view}, &clock_, &random_, {}};
    if (directory.empty()) return store::MakeMemoryStore(options);
    store::OpenReport report;
    auto opened = store::OpenFileStore(options, &report);
    return std::move(*opened);
  };
  data_ = open("data", data_view_.get());
  access_ = open("access", access_view_.get());
  trail_ = std::make_unique<audit::Trail>(*data_, *access_);
  RegisterTerminology(operations_);
  operations_.Register(MakeValidate());
  canonicals_ = std::make_unique<StoreSource>(*data_, parameters_->definitions());
  auto knowledge = conformance::Knowledge::Open(parameters_->definitions(), {HEYI_BINARY_DIR "/heyi-r4.definitions"}, {}, canonicals_.get());
  knowledge_ = std::move(*knowledge);
  services_ = std::make_unique<Services>(
      Services{parameters_, *data_, *access_, *trail_, policy_, operations_, "http://heyi.test/fhir", "cursor key", &knowledge_->terminology(), &knowledge_->validator()});
}

Response House::Ask(const std::string& method, std::string target, std::string body) {
  Request request;
  request.method = method;
  const size_t mark = target.find('?');
  if (mark != std::string::npos) {
    request.query_text = target.substr(mark + 1);
    request.query = *DecodeQuery(request.query_text);
    target.resize(mark);
  }
  for (size_t start = 1; start < target.size();) {
    const size_t slash = std::min(target.find('/', start), target.size());
    request.segments.push_back(target.substr(start, slash - start));
    start = slash + 1;
  }
  request.body = std::move(body);
  return Ask(std::move(request));
}

Response House::Ask(Request request) {
  clock_.AdvanceMs(1000);
  const base::Context context{caller, clock_, random_, "request-1"};
  Response response = PerformAndWait(*services_, context, std::move(request));
  if (!response.leaf_recorded) {
    store::CommitDraft draft;
    draft.kind = store::EntryKind::kAccess;
    draft.leaf = audit::EncodeLeaf(response.leaf);
    EXPECT_TRUE(services_->access.CommitAndWait(std::move(draft)).ok());
  }
  return response;
}

}  // namespace heyi::interaction
