// Out by a folder: the message whole under its id, then its line in the manifest. A repeat writes the same file and the same
// line again, so that what is unclear here is only whether the other side has taken it already.
#include "base/digest.h"
#include "exchange/channel.h"
#include "exchange/folder/directory.h"
#include "exchange/folder/manifest.h"

namespace heyi::exchange {
namespace {

class FolderChannel : public Channel {
 public:
  explicit FolderChannel(const Route& route) : route_(route) {}

  SendResult Send(const OutboxRow& row) override {
    const ManifestLine line{row.message_id + ".msg", base::ToHex(base::Sha256(row.text)), row.text.size()};
    const auto directory = Directory::Open(route_.directory);
    if (!directory.ok()) return Failed(Sent::kNotSent, directory.error());
    const auto written = directory->Write(line.name, row.text);
    if (!written.ok()) return Failed(Sent::kNotSent, written.error());  // no manifest names it
    const auto named = directory->Append(std::string(kManifestName), WriteManifestLine(line));
    if (!named.ok()) return Failed(Sent::kUnclear, named.error());
    return {};
  }

 private:
  static SendResult Failed(Sent sent, const base::Error& error) { return {sent, Fault::kHub, base::EnglishText(error.outcome.issues().front())}; }

  const Route route_;
};

}  // namespace

std::unique_ptr<Channel> MakeFolderChannel(const Route& route) { return std::make_unique<FolderChannel>(route); }

}  // namespace heyi::exchange
