// A corpus's files: found in a fixed order, and read, packed ones by the program that packed them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "interaction/request.h"

namespace heyi::cli {

// Names (not paths) of the files in `directory` that end so, sorted; empty where there is no such directory.
std::vector<std::string> FileNames(const std::string& directory, std::string_view ending);

// The whole file; one that ends in .bz2 comes through `bzip2 -dc`.
base::Result<std::string> ReadUnpacked(const std::string& path);

//   errors  corpora.unusable where it is not JSON: our mistake or the corpus's, but no case
base::Result<base::JsonValue> ReadCases(const std::string& path);

// The error of a corpus that is not laid out as its runner knows it.
base::Error Unusable(std::string_view why);

// "422 conformance.missing at Patient.link[0].other" of an answer that refuses.
std::string Briefly(const interaction::Response& response);
std::string Briefly(const base::Outcome& outcome);

}  // namespace heyi::cli
