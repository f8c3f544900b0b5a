// The store by itself: durable creates against the disk's own bound, bulk load with its worst stall, disk per
// resource, searches.
//
//   store_bench DIRECTORY [NDJSON [load]]     DIRECTORY on the disk to be measured; NDJSON: resources to load; load: no creates
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fhir/json/parse.h"
#include "fhir/json/write.h"
#include "fhir/search/values.h"
#include "store/store.h"

namespace {

using namespace std::chrono;  // NOLINT(google-build-using-namespace)
using heyi::base::SystemClock;
using heyi::base::SystemRandom;
namespace base = heyi::base;
namespace fhir = heyi::fhir;
namespace store = heyi::store;

double CpuSeconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double Seconds(steady_clock::time_point since) { return duration<double>(steady_clock::now() - since).count(); }

double Percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
}

template <typename T>
T Must(base::Result<T> result) {
  if (result.ok()) return std::move(*result);
  for (const base::Issue& issue : result.error().outcome.issues()) std::fprintf(stderr, "%s\n", base::EnglishText(issue).c_str());
  std::exit(1);
}

constexpr uint64_t kPatients = 5'000;  // whom the Observations are about

std::string Observation(uint64_t n) {
  char date[40];
  std::snprintf(date, sizeof date, "20%02d-%02d-%02dT%02d:%02d:00+08:00", static_cast<int>(10 + n % 15), static_cast<int>(1 + n / 7 % 12),
                static_cast<int>(1 + n / 3 % 28), static_cast<int>(n % 24), static_cast<int>(n % 60));
  const std::string number = std::to_string(n), patient = std::to_string(n % kPatients), code = std::to_string(8'000 + n % 40);
  return R"({"resourceType":"Observation","id":"o)" + number +
         R"(","identifier":[{"system":"http://hospital.example/observations","value":"obs-)" + number +
         R"("}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital signs"}]}],)" +
         R"("code":{"coding":[{"system":"http://loinc.org","code":")" + code + R"(-4","display":"Measured thing number )" + code +
         R"("}],"text":"Measured thing number )" + code + R"("},"subject":{"reference":"Patient/p)" + patient +
         R"(","display":"Invented Person )" + patient + R"("},"encounter":{"reference":"Encounter/e)" + std::to_string(n % 20'000) +
         R"("},"effectiveDateTime":")" + date + R"(","issued":")" + date + R"(","performer":[{"reference":"Practitioner/d)" + std::to_string(n % 300) +
         R"(","display":"Invented Doctor"}],"valueQuantity":{"value":)" + std::to_string(60 + n % 80) + "." + std::to_string(n % 10) +
         R"(,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"referenceRange":[{"low":{"value":60,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"high":{"value":90,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},"text":"60 to 90 mmHg at rest, sitting"}],"note":[{"text":"Taken by a nurse at the bedside, left arm, after five minutes of rest."}]})";
}

std::string Patient(uint64_t n) {
  const std::string number = std::to_string(n);
  return R"({"resourceType":"Patient","id":"p)" + number + R"(","identifier":[{"system":"urn:p","value":")" + number +
         R"("}],"name":[{"family":"Invented","given":["Person )" + number + R"("]}],"gender":")" + (n % 2 == 0 ? "female" : "male") +
         R"(","birthDate":"19)" + std::to_string(30 + n % 30) + "\"}";
}

class Bench {
 public:
  explicit Bench(std::string directory) : directory_(std::move(directory)) {
    definitions_ = Must(fhir::Definitions::Load(HEYI_BINARY_DIR "/heyi-r4.pack"));
    parameters_ = Must(fhir::SearchParameters::Compile(definitions_));
  }

  std::unique_ptr<store::Store> Open(const std::string& name, store::OpenReport* report) {
    store::StoreOptions options;
    options.directory = directory_ + "/" + name;
    options.parameters = parameters_;
    options.clock = &clock_;
    options.random = &random_;
    options.dictionary = definitions_->dictionary();
    return Must(store::OpenFileStore(options, report));
  }

  fhir::Tree Parse(std::string json) const { return Must(fhir::ParseResource(std::move(json), *definitions_)); }

  // Groups of `items` times `bytes`, overwriting zeros, each followed by fdatasync: what the disk lets anybody do.
  double RawPerSecond(size_t items, size_t bytes, double* sync_p50_us) {
    const std::string path = directory_ + "/raw";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i < 64; ++i) {
      if (::write(file, zeros.data(), zeros.size()) < 0) std::exit(1);
    }
    ::fdatasync(file);
    std::string group(items * bytes, 'x');
    for (char& c : group) c = static_cast<char>(std::rand());
    std::vector<double> latencies;
    off_t at = 0;
    const auto start = steady_clock::now();
    while (Seconds(start) < 2 && at + static_cast<off_t>(group.size()) < (64 << 20)) {
      const auto begun = steady_clock::now();
      if (::pwrite(file, group.data(), group.size(), at) < 0 || ::fdatasync(file) != 0) std::exit(1);
      at += static_cast<off_t>((group.size() + 63) / 64 * 64);
      latencies.push_back(Seconds(begun) * 1e6);
    }
    const double rate = static_cast<double>(latencies.size() * items) / Seconds(start);
    ::close(file);
    std::filesystem::remove(path);
    *sync_p50_us = Percentile(latencies, 0.5);
    return rate;
  }

  void Creates() {
    std::printf("durable creates, one Observation of %zu bytes a commit\n", Observation(1234567).size());
    std::printf("%8s %12s %10s %10s %10s %14s %12s %8s\n", "threads", "creates/s", "p50 us", "p99 us", "CPU us", "raw items/s", "sync p50 us", "ratio");
    for (const size_t threads : {1u, 16u, 64u}) {
      store::OpenReport report;
      auto one = Open("creates" + std::to_string(threads), &report);
      std::atomic<uint64_t> next{0};
      std::vector<std::vector<double>> latencies(threads);
      std::vector<std::thread> workers;
      const auto start = steady_clock::now();
      const double cpu = CpuSeconds();
      for (size_t w = 0; w < threads; ++w) {
        workers.emplace_back([&, w] {
          while (Seconds(start) < 4) {
            const auto begun = steady_clock::now();
            store::CommitDraft draft;
            draft.leaf = std::string(120, 'l');
            draft.writes.push_back(Must(one->PrepareWrite(*one->Now(), Parse(Observation(next++)), 1)));
            Must(one->CommitAndWait(std::move(draft)));
            latencies[w].push_back(Seconds(begun) * 1e6);
          }
        });
      }
      for (std::thread& worker : workers) worker.join();
      const double took = Seconds(start), used = CpuSeconds() - cpu;
      std::vector<double> all;
      for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
      const double rate = static_cast<double>(all.size()) / took;
      const size_t bytes = JournalBytes(*one) / all.size();
      double sync_us = 0;
      const double raw = RawPerSecond(threads, bytes, &sync_us);
      std::printf("%8zu %12.0f %10.0f %10.0f %10.1f %14.0f %12.0f %8.2f\n", threads, rate, Percentile(all, 0.5), Percentile(all, 0.99),
                  used * 1e6 / static_cast<double>(all.size()), raw, sync_us, rate / raw);
    }
  }

  // Where a write's time goes, one thread, nothing stored.
  void Stages() {
    store::OpenReport report;
    const auto one = Open("stages", &report);
    const auto snapshot = one->Now();
    constexpr int kTimes = 5'000;
    const auto measure = [&](const char* name, const auto& work) {
      const double cpu = CpuSeconds();
      for (int i = 0; i < kTimes; ++i) work(i);
      std::printf("%-28s %8.1f us CPU\n", name, (CpuSeconds() - cpu) * 1e6 / kTimes);
    };
    std::printf("\nstages of a write, one Observation of %zu bytes\n", Observation(1234567).size());
    measure("parse", [&](int i) { Parse(Observation(static_cast<uint64_t>(i))); });
    const fhir::Tree tree = Parse(Observation(7));
    measure("write stored", [&](int) { fhir::WriteStored(tree); });
    measure("extract rows", [&](int) { fhir::ExtractRows(tree, *parameters_); });
    measure("extract rows, patients of", [&](int) { fhir::PatientsOf(tree, fhir::ExtractRows(tree, *parameters_), *parameters_); });
    const std::string stored = fhir::WriteStored(tree).bytes;
    measure("pack body", [&](int) { one->PrepareBlob("b", stored); });
    measure("current, absent", [&](int) { Must(snapshot->Current(*tree.type(), "o7")); });
    measure("prepare write (all of it)", [&](int) { Must(one->PrepareWrite(*snapshot, tree, 1)); });
  }

  // Transactions of 100 by four threads; then close, open, sizes.
  void Load(const std::vector<std::string>& resources) {
    store::OpenReport report;
    auto one = Open("load", &report);
    std::atomic<size_t> next{0};
    std::atomic<uint64_t> raw_bytes{0};
    std::vector<double> latencies[4];
    std::vector<std::thread> workers;
    const auto start = steady_clock::now();
    const double cpu = CpuSeconds();
    for (auto& mine : latencies) {
      workers.emplace_back([&] {
        for (;;) {
          const size_t from = next.fetch_add(100);
          if (from >= resources.size()) return;
          const auto begun = steady_clock::now();
          store::CommitDraft draft;
          const auto snapshot = one->Now();
          for (size_t i = from; i < std::min(from + 100, resources.size()); ++i) {
            raw_bytes += resources[i].size();
            draft.writes.push_back(Must(one->PrepareWrite(*snapshot, Parse(resources[i]), 1)));
          }
          Must(one->CommitAndWait(std::move(draft)));
          mine.push_back(Seconds(begun) * 1e3);
        }
      });
    }
    for (std::thread& worker : workers) worker.join();
    const double took = Seconds(start), used = CpuSeconds() - cpu;
    std::vector<double> all;
    for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
    const auto count = static_cast<double>(resources.size());
    std::printf("\nload of %zu resources in transactions of 100, 4 threads: %.0f resources/s, CPU %.1f us each, commit p50 %.1f ms p99 %.1f ms worst %.1f ms\n",
                resources.size(), count / took, used * 1e6 / count, Percentile(all, 0.5), Percentile(all, 0.99), Percentile(all, 1));
    const double journal = static_cast<double>(JournalBytes(*one));
    one.reset();
    const double views = static_cast<double>(ViewBytes());
    std::printf("disk per resource: raw JSON %.0f B, journal %.0f B, views %.0f B, together %.0f B\n",
                static_cast<double>(raw_bytes.load()) / count, journal / count, views / count, (journal + views) / count);
    const auto opening = steady_clock::now();
    one = Open("load", &report);
    std::printf("start with them: %.0f ms, %lu entries replayed\n", Seconds(opening) * 1e3, report.replayed);
    one.reset();
    std::filesystem::remove_all(directory_ + "/load/views");
    const auto rebuilding = steady_clock::now();
    one = Open("load", &report);
    std::printf("rebuild of the views: %.1f us a resource\n", Seconds(rebuilding) * 1e6 / count);
  }

  void Searches() {
    store::OpenReport report;
    const auto one = Open("load", &report);
    const auto snapshot = one->Now();
    const fhir::Type& type = *definitions_->FindResource("Observation");
    std::printf("\nsearches over %lu Observations, count 20\n%-70s %10s %10s %8s\n", snapshot->Count(type), "", "p50 us", "total", "hits");
    const std::vector<std::vector<std::pair<std::string, std::string>>> searches = {
        {},
        {{"_sort", "-_lastUpdated"}},
        {{"code", "http://loinc.org|8001-4"}},
        {{"code", "8001-4"}},
        {{"code", "http://loinc.org|8001-4"}, {"_total", "accurate"}},
        {{"subject", "Patient/p77"}},
        {{"subject", "Patient/p77"}, {"code", "http://loinc.org|8037-4"}},
        {{"code", "http://loinc.org|8001-4"}, {"date", "ge2020"}, {"date", "lt2021"}},
        {{"code", "http://loinc.org|8001-4"}, {"date", "ge2020"}, {"_sort", "-_lastUpdated"}},
        {{"subject", "Patient/p77"}, {"date", "ge2015"}, {"_sort", "-_lastUpdated"}},
        {{"date", "2020-03-04"}},
        {{"value-quantity", "gt138"}},
        {{"identifier", "obs-4711"}},
        {{"code:not", "http://loinc.org|8001-4"}},
        {{"status", "final"}, {"_total", "accurate"}},
        {{"code-value-quantity", "http://loinc.org|8001-4$gt138"}},
        {{"code-value-quantity", "8001-4$gt138"}, {"_total", "accurate"}},
        {{"combo-code-value-quantity", "http://loinc.org|8001-4$lt90"}, {"date", "ge2020"}},
        {{"_sort", "-date"}},
        {{"_sort", "value-quantity"}},
        {{"code", "http://loinc.org|8001-4"}, {"_sort", "-date"}},
        {{"subject", "Patient/p77"}, {"_sort", "-date"}},
        {{"subject", "Patient/p77"}, {"_sort", "status,-date"}},
        {{"subject:Patient.identifier", "urn:p|77"}},
        {{"subject:Patient.gender", "female"}},
        {{"subject:Patient.gender", "female"}, {"code", "http://loinc.org|8001-4"}},
    };
    for (auto search : searches) {
      std::string shown;
      for (const auto& [name, value] : search) shown += name + "=" + value + "&";
      search.emplace_back("_count", "20");
      const auto parsed = fhir::ParseSearch(type, search, false, *parameters_);
      if (!parsed.ok()) {
        std::printf("%-70s not supported\n", shown.c_str());
        continue;
      }
      const fhir::SearchRequest& request = *parsed;
      std::string total = "-";
      size_t hits = 0;
      std::vector<double> times;
      const auto begun = steady_clock::now();
      for (int i = 0; i < 200 && Seconds(begun) < 1; ++i) {
        const auto at = steady_clock::now();
        const auto page = snapshot->Search(request, {}, {});
        times.push_back(Seconds(at) * 1e6);
        if (!page.ok()) {
          total = page.error().outcome.issues().front().rule;
          break;
        }
        hits = page->hits.size();
        if (page->total) total = std::to_string(*page->total);
      }
      std::printf("%-70s %10.0f %10s %8zu\n", shown.c_str(), Percentile(times, 0.5), total.c_str(), hits);
    }
  }

 private:
  // Bytes of the groups, without the zeros that wait for more.
  uint64_t JournalBytes(const store::Store& one) const {
    uint64_t bytes = 0, segment = 0, segment_bytes = 0;
    Must(one.Follow(1, [&](const store::EntryView& entry) -> base::Result<bool> {
      for (const store::BodyView& body : entry.bodies) {
        if (body.pointer.segment != segment) bytes += segment_bytes;
        segment = body.pointer.segment;
        segment_bytes = uint64_t{body.pointer.offset} + body.pointer.stored_size;
      }
      return true;
    }));
    return bytes + segment_bytes;
  }

  uint64_t ViewBytes() const {
    uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory_ + "/load/views")) bytes += file.file_size();
    return bytes;
  }

  std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  std::shared_ptr<const fhir::Definitions> definitions_;
  std::shared_ptr<const fhir::SearchParameters> parameters_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "store_bench DIRECTORY [NDJSON [load]]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string directory = std::string(argv[1]) + "/store_bench";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  Bench bench(directory);
  bench.Stages();
  if (argc <= 3) bench.Creates();
  std::vector<std::string> resources;
  if (argc > 2) {
    std::ifstream in(argv[2]);
    for (std::string line; std::getline(in, line);) resources.push_back(line);
    bench.Load(resources);
    std::filesystem::remove_all(directory + "/load");
    resources.clear();
  }
  for (uint64_t n = 0; n < 200'000; ++n) resources.push_back(Observation(n));
  for (uint64_t n = 0; n < kPatients; ++n) resources.push_back(Patient(n));
  bench.Load(resources);
  bench.Searches();
  std::filesystem::remove_all(directory);
  return 0;
}
