#include "cli/local.h"

#include <iostream>
#include <iterator>

#include "base/file.h"
#include "cli/command.h"

namespace heyi::cli {

base::Result<std::shared_ptr<const fhir::Definitions>> LoadDefinitions() { return fhir::Definitions::Load(PackPath()); }

base::Result<std::string> ReadText(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    HEYI_TRY(read, base::ReadFile(path));
    text = std::move(read);
  }
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  return text;
}

}  // namespace heyi::cli
