#include "fhir/path/regex.h"

#include <re2/re2.h>

#include "fhir/path/budget.h"
#include "fhir/path/functions.h"

namespace heyi::fhir {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

// "$1" and "${1}" become RE2's "\1", "$$" a dollar.
std::string Rewrite(std::string_view substitution) {
  std::string rewrite;
  for (size_t i = 0; i < substitution.size(); ++i) {
    const char c = substitution[i];
    const std::string_view rest = substitution.substr(i + 1);
    const auto is_digit = [&](size_t at) { return at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; };
    if (c == '\\') {
      rewrite += "\\\\";
    } else if (c == '$' && is_digit(0)) {
      rewrite += '\\';
      rewrite += rest[0];
      ++i;
    } else if (c == '$' && rest.starts_with('{') && is_digit(1) && rest.size() > 2 && rest[2] == '}') {
      rewrite += '\\';
      rewrite += rest[1];
      i += 3;
    } else {
      rewrite += c;
      if (c == '$' && rest.starts_with('$')) ++i;
    }
  }
  return rewrite;
}

}  // namespace

PathRegex::PathRegex(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
PathRegex::PathRegex(PathRegex&&) noexcept = default;
PathRegex& PathRegex::operator=(PathRegex&&) noexcept = default;
PathRegex::~PathRegex() = default;

base::Result<PathRegex> PathRegex::Compile(std::string_view pattern, std::string_view flags, bool whole) {
  if (flags.find_first_not_of("im") != std::string_view::npos) {
    return PathFailure("unknown flags of a regular expression");
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_case_sensitive(flags.find('i') == std::string_view::npos);
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  auto regex = std::make_unique<re2::RE2>(Piece(pattern), options);
  const bool lines = flags.find('m') != std::string_view::npos;
  if (regex->ok() && (whole || lines)) {  // only what is one by itself is put into brackets
    const std::string text = (lines ? "(?m)" : "") + (whole ? "^(?:" + std::string(pattern) + ")$" : std::string(pattern));
    regex = std::make_unique<re2::RE2>(text, options);
  }
  if (!regex->ok()) return PathFailure("a regular expression that is none, or too large");
  return PathRegex(std::move(regex));
}

bool PathRegex::Matches(std::string_view text) const { return re2::RE2::PartialMatch(Piece(text), *regex_); }

base::Result<std::string> PathRegex::Replaced(std::string_view text, std::string_view substitution) const {
  const std::string rewrite = Rewrite(substitution);
  std::string error;
  if (!regex_->CheckRewriteString(rewrite, &error)) return PathFailure("a substitution for groups that are not there");
  if ((text.size() + 1) * (rewrite.size() + 1) > (kTextMax << 6)) {
    return base::Error(base::ErrorKind::kInvalid, "path.too-costly", {}, "replaceMatches() of long texts");
  }
  std::string replaced(text);
  re2::RE2::GlobalReplace(&replaced, *regex_, rewrite);
  return replaced;
}

}  // namespace heyi::fhir
