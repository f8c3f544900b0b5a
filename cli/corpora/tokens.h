// A JSON text as its tokens: what must come back when a resource is stored and read. White space does not count;
// member order, the text of numbers and every string do.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace heyi::cli {

struct Token {
  enum class Kind : char { kBegin, kEnd, kBeginList, kEndList, kKey, kString, kNumber, kBool, kNull };
  Kind kind = Kind::kNull;
  std::string_view text;
  bool operator==(const Token&) const = default;
};

// What the server calls what the sender called otherwise: "urn:uuid:…" or "Practitioner?identifier=…" -> "Practitioner/p1".
using Links = std::unordered_map<std::string, std::string>;

class Tokens {
 public:
  static base::Result<Tokens> Read(std::string text);

  // Takes out what a server sets: the resource's own meta.versionId and meta.lastUpdated, and a meta that is empty then.
  void DropServerMeta();
  // The resource's own id; nothing where it has none. `id` outlives this.
  void SetId(std::string_view id);
  void DropId();
  // Every `reference` that is one of the links. They outlive this.
  void MapReferences(const Links& links);

  const std::vector<Token>& all() const { return tokens_; }

 private:
  Tokens() = default;
  // Index of the key of a member of the resource itself; all().size() where it has none.
  size_t FindOwn(std::string_view name) const;

  std::unique_ptr<std::string> text_;  // the tokens point into it
  std::vector<Token> tokens_;
};

// The first place where the two differ; both empty where they do not.
struct Difference {
  std::string sent, got;
  bool none() const { return sent.empty() && got.empty(); }
};
Difference FirstDifference(const Tokens& sent, const Tokens& got);

}  // namespace heyi::cli
