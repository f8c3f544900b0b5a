#include "net/uri.h"

#include <algorithm>

#include "base/text.h"
#include "net/ascii.h"

namespace heyi::net {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

enum class Plus : unsigned char { kIsPlus, kIsSpace };

Error RefuseTarget(std::string_view why) { return Error(ErrorKind::kMalformed, "http.target", {}, why); }

Result<std::string> Decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return RefuseTarget("a lone %");
      const int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return RefuseTarget("% without two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::kIsSpace) {
      c = ' ';
    }
    if (c == '\0') return RefuseTarget("the character U+0000");
    decoded += c;
  }
  if (!base::IsValidUtf8(decoded)) return RefuseTarget("not UTF-8");
  return decoded;
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text) { return Decode(text, Plus::kIsPlus); }

Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const size_t end = std::min(text.find('&'), text.size());
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (piece.empty()) continue;
    if (pairs.size() == kQueryPairsMax) return RefuseTarget("too many parameters");
    const size_t equals = std::min(piece.find('='), piece.size());
    HEYI_TRY(name, Decode(piece.substr(0, equals), Plus::kIsSpace));
    HEYI_TRY(value, Decode(piece.substr(std::min(equals + 1, piece.size())), Plus::kIsSpace));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

Result<Target> ParseTarget(std::string_view origin_form) {
  if (origin_form.empty() || origin_form.front() != '/') return RefuseTarget("no path");
  Target target;
  const size_t path_end = std::min(origin_form.find('?'), origin_form.size());
  std::string_view path = origin_form.substr(1, path_end - 1);
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    HEYI_TRY(segment, PercentDecode(path.substr(0, end)));
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty()) return RefuseTarget("an empty path segment");
    if (segment == "." || segment == "..") return RefuseTarget("a dot segment");
    if (segment.find('/') != std::string::npos) return RefuseTarget("an encoded / in a path segment");
    target.segments.push_back(std::move(segment));
  }
  if (path_end < origin_form.size()) {
    HEYI_TRY(query, ParseQuery(origin_form.substr(path_end + 1)));
    target.query = std::move(query);
  }
  return target;
}

}  // namespace heyi::net
