// The commands of the program: `heyi COMMAND [--option VALUE…] [ARGUMENT…]`, one file each.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heyi::cli {

// What stands behind the command's name.
class Arguments {
 public:
  // `flags` take no value. Unknown options end in the command's usage.
  static bool Parse(int count, const char* const* words, std::span<const std::string_view> options, std::span<const std::string_view> flags,
                    Arguments* out);

  std::string Option(std::string_view name, std::string_view otherwise) const;
  bool Has(std::string_view name) const { return options_.contains(std::string(name)); }
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::string> options_;
  std::vector<std::string> positional_;
};

struct Command {
  std::string_view name;
  std::string_view usage;        // one line
  std::string_view help;         // one line
  int (*run)(int count, const char* const* words);  // exit status
};

int RunServe(int count, const char* const* words);       // serve.cc
int RunAuditReport(int count, const char* const* words); // audit.cc
int RunCheck(int count, const char* const* words);       // check.cc
int RunStory(int count, const char* const* words);       // story/story.cc
int RunDistrict(int count, const char* const* words);    // story/district.cc
int RunWitness(int count, const char* const* words);     // witness.cc
int RunImport(int count, const char* const* words);      // transfer.cc
int RunExport(int count, const char* const* words);      // transfer.cc
int RunValidate(int count, const char* const* words);    // validate.cc
int RunPackage(int count, const char* const* words);     // package.cc
int RunFhirPath(int count, const char* const* words);    // fhirpath.cc
int RunMessages(int count, const char* const* words);    // messages.cc
int RunMap(int count, const char* const* words);         // map/map.cc
int RunChannels(int count, const char* const* words);    // channels.cc
int RunConfig(int count, const char* const* words);      // config.cc
int RunToken(int count, const char* const* words);       // config.cc
int RunTerminologyImport(int count, const char* const* words);  // terminology.cc
int RunCompletion(int count, const char* const* words);  // completion.cc
int RunCorpora(int count, const char* const* words);     // corpora/corpora.cc

std::span<const Command> Commands();                     // commands.cc

// The definitions pack: $HEYI_PACK, else beside the program.
std::string PackPath();
// The token in a file, without its newline; empty where there is none.
std::string ReadToken(const std::string& path);

}  // namespace heyi::cli
