#include "cli/corpora/tokens.h"

#include <algorithm>

#include "base/json/reader.h"

namespace heyi::cli {
namespace {

using Kind = Token::Kind;

class Collector : public base::JsonEvents {
 public:
  explicit Collector(std::vector<Token>& tokens) : tokens_(tokens) {}
  void Null(size_t) override { tokens_.push_back({Kind::kNull, {}}); }
  void Bool(bool value, size_t) override { tokens_.push_back({Kind::kBool, value ? "true" : "false"}); }
  void Number(std::string_view raw, size_t) override { tokens_.push_back({Kind::kNumber, raw}); }
  void String(std::string_view text, size_t) override { tokens_.push_back({Kind::kString, text}); }
  void Key(std::string_view name) override { tokens_.push_back({Kind::kKey, name}); }
  void StartObject(size_t) override { tokens_.push_back({Kind::kBegin, {}}); }
  void EndObject(size_t) override { tokens_.push_back({Kind::kEnd, {}}); }
  void StartArray(size_t) override { tokens_.push_back({Kind::kBeginList, {}}); }
  void EndArray(size_t) override { tokens_.push_back({Kind::kEndList, {}}); }

 private:
  std::vector<Token>& tokens_;
};

bool Opens(const Token& token) { return token.kind == Kind::kBegin || token.kind == Kind::kBeginList; }
bool Closes(const Token& token) { return token.kind == Kind::kEnd || token.kind == Kind::kEndList; }

// One past the value that begins at `at`.
size_t ValueEnd(const std::vector<Token>& tokens, size_t at) {
  size_t depth = 0;
  while (at < tokens.size()) {
    if (Opens(tokens[at])) ++depth;
    if (Closes(tokens[at])) --depth;
    ++at;
    if (depth == 0) break;
  }
  return at;
}

// The key `name` among the members of the object that begins at `object`; tokens.size() where it is not there.
size_t FindMember(const std::vector<Token>& tokens, size_t object, std::string_view name) {
  size_t at = object + 1;
  while (at < tokens.size() && tokens[at].kind == Kind::kKey) {
    if (tokens[at].text == name) return at;
    at = ValueEnd(tokens, at + 1);
  }
  return tokens.size();
}

void RemoveMember(std::vector<Token>& tokens, size_t key) {
  tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(key), tokens.begin() + static_cast<std::ptrdiff_t>(ValueEnd(tokens, key + 1)));
}

// The tokens around `at`, as text for a reader.
std::string Around(const std::vector<Token>& tokens, size_t at) {
  constexpr size_t kBefore = 6, kAfter = 4;
  std::string text;
  for (size_t i = at < kBefore ? 0 : at - kBefore; i < std::min(tokens.size(), at + kAfter); ++i) {
    if (i == at) text += ">>";
    switch (tokens[i].kind) {
      case Kind::kBegin: text += '{'; break;
      case Kind::kEnd: text += '}'; break;
      case Kind::kBeginList: text += '['; break;
      case Kind::kEndList: text += ']'; break;
      case Kind::kKey: text.append(tokens[i].text).append(":"); break;
      case Kind::kString: text.append("\"").append(tokens[i].text.substr(0, 80)).append("\""); break;
      case Kind::kNumber:
      case Kind::kBool: text += tokens[i].text; break;
      case Kind::kNull: text += "null"; break;
    }
    text += ' ';
  }
  if (at >= tokens.size()) text += ">>end";
  return text;
}

}  // namespace

base::Result<Tokens> Tokens::Read(std::string text) {
  Tokens tokens;
  tokens.text_ = std::make_unique<std::string>(std::move(text));
  Collector collector(tokens.tokens_);
  HEYI_CHECK(base::ReadJsonInPlace(*tokens.text_, collector));
  return tokens;
}

size_t Tokens::FindOwn(std::string_view name) const { return FindMember(tokens_, 0, name); }

void Tokens::DropServerMeta() {
  const size_t meta = FindOwn("meta");
  if (meta >= tokens_.size() || tokens_[meta + 1].kind != Kind::kBegin) return;
  for (std::string_view name : {"versionId", "lastUpdated"}) {
    const size_t key = FindMember(tokens_, meta + 1, name);
    if (key < tokens_.size()) RemoveMember(tokens_, key);
  }
  if (tokens_[meta + 2].kind == Kind::kEnd) RemoveMember(tokens_, meta);
}

void Tokens::SetId(std::string_view id) {
  if (const size_t key = FindOwn("id"); key < tokens_.size()) tokens_[key + 1].text = id;
}

void Tokens::DropId() {
  if (const size_t key = FindOwn("id"); key < tokens_.size()) RemoveMember(tokens_, key);
}

void Tokens::MapReferences(const Links& links) {
  for (size_t i = 1; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != Kind::kString || tokens_[i - 1] != Token{Kind::kKey, "reference"}) continue;
    if (const auto known = links.find(std::string(tokens_[i].text)); known != links.end()) tokens_[i].text = known->second;
  }
}

Difference FirstDifference(const Tokens& sent, const Tokens& got) {
  const auto [a, b] = std::mismatch(sent.all().begin(), sent.all().end(), got.all().begin(), got.all().end());
  if (a == sent.all().end() && b == got.all().end()) return {};
  const auto at = static_cast<size_t>(a - sent.all().begin());
  return {Around(sent.all(), at), Around(got.all(), at)};
}

}  // namespace heyi::cli
