// One leaf has one encoding: what DecodeLeaf accepts, EncodeLeaf gives back byte for byte. Grammar: docs/audit.md.
#include "audit/leaf.h"

#include <algorithm>
#include <optional>

#include "audit/limits.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

namespace heyi::audit {
namespace {

constexpr char kLeafVersion = 1;
constexpr int kStatusMax = 999;
constexpr std::string_view kActions = "CRUDE";
constexpr std::string_view kHexDigits = "0123456789abcdef";

// Bits of a resource's first byte, over its action's place in kActions.
constexpr unsigned kActionBits = 0x07, kSameType = 0x08, kPackedId = 0x10;
// How a query hash stands.
constexpr char kHashNone = 0, kHashPacked = 1, kHashText = 2;

int HexValue(char c) {
  const size_t value = kHexDigits.find(c);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

// `hex` (lower case, even) as bytes; nullopt where it is not that.
std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexValue(hex[i]), low = HexValue(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string Hex(std::string_view bytes) {
  return base::ToHex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

// 36 characters of a UUID in 16 bytes: what most ids are.
std::optional<std::string> PackUuid(std::string_view id) {
  if (id.size() != 36) return std::nullopt;
  std::string hex;
  hex.reserve(32);
  for (size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (id[i] == '-')) return std::nullopt;
    if (!dash) hex += id[i];
  }
  return FromHex(hex);
}

std::string UnpackUuid(std::string_view bytes) {
  std::string id = Hex(bytes);
  for (size_t at : {8u, 13u, 18u, 23u}) id.insert(at, 1, '-');
  return id;
}

void PutText(std::string& out, std::string_view text) {
  if (text.size() > kLeafTextBytesMax) {
    text = base::IsValidUtf8(text) ? base::ClipUtf8(text, kLeafTextBytesMax) : text.substr(0, kLeafTextBytesMax);
  }
  base::PutBlob(out, text);
}

// Reads what EncodeLeaf writes and nothing else: `wrong` names the first thing that is not so.
class LeafReader {
 public:
  explicit LeafReader(std::string_view bytes) : in_(bytes) {}

  base::Result<Leaf> Read() {
    Leaf leaf;
    if (in_.Bytes(1) != std::string_view(&kLeafVersion, 1)) Wrong("version");
    leaf.action = ReadAction(in_.Little<unsigned char>());
    leaf.status = static_cast<int>(Varint(kStatusMax));
    for (std::string* text : {&leaf.caller.client, &leaf.caller.organization, &leaf.caller.department, &leaf.caller.role,
                              &leaf.caller.person, &leaf.caller.purpose, &leaf.peer, &leaf.request_id, &leaf.interaction,
                              &leaf.rule, &leaf.agreement, &leaf.message_id, &leaf.recipient}) {
      *text = Text();
    }
    leaf.query_hash = QueryHash();
    const uint64_t elders = Varint(in_.rest().size() / sizeof(uint64_t));
    leaf.elders.reserve(elders);
    for (uint64_t i = 0; i < elders && in_.ok(); ++i) leaf.elders.push_back(in_.Little<uint64_t>());
    leaf.resources_more = static_cast<uint32_t>(Varint(UINT32_MAX));
    const uint64_t resources = Varint(kLeafResourcesMax);
    for (uint64_t i = 0; i < resources && in_.ok() && wrong_.empty(); ++i) ReadResource(leaf);
    if (!in_.ok()) Wrong("ends too early");
    if (!in_.empty()) Wrong("something follows");
    if (!wrong_.empty()) return base::Error(base::ErrorKind::kInternal, "audit.leaf", {}, wrong_);
    return leaf;
  }

 private:
  void Wrong(std::string_view what) {
    if (wrong_.empty()) wrong_ = in_.ok() ? what : "ends too early";
  }

  uint64_t Varint(uint64_t max) {
    const std::string_view before = in_.rest();
    const uint64_t value = in_.Varint();
    std::string canonical;
    base::PutVarint(canonical, value);
    if (in_.ok() && before.substr(0, before.size() - in_.rest().size()) != canonical) Wrong("a number in another form");
    if (value > max) {
      Wrong("a number too large");
      return 0;
    }
    return value;
  }

  std::string Text() { return std::string(in_.Bytes(Varint(kLeafTextBytesMax))); }

  Action ReadAction(unsigned char c) {
    if (kActions.find(static_cast<char>(c)) == std::string_view::npos) Wrong("action");
    return static_cast<Action>(c);
  }

  std::string QueryHash() {
    switch (static_cast<char>(in_.Little<unsigned char>())) {
      case kHashNone: return {};
      case kHashPacked: return Hex(in_.Bytes(sizeof(base::Digest32)));
      case kHashText: {
        std::string text = Text();
        if (text.empty() || (text.size() == 64 && FromHex(text))) Wrong("query hash");
        return text;
      }
      default: Wrong("query hash"); return {};
    }
  }

  void ReadResource(Leaf& leaf) {
    LeafResource resource;
    const unsigned flags = in_.Little<unsigned char>();
    const bool known = (flags & ~(kActionBits | kSameType | kPackedId)) == 0 && (flags & kActionBits) < kActions.size();
    if (!known) return Wrong("resource");
    resource.action = static_cast<Action>(kActions[flags & kActionBits]);
    const bool first = leaf.resources.empty();
    if ((flags & kSameType) != 0) {
      if (first) return Wrong("resource");
      resource.type = leaf.resources.back().type;
    } else {
      resource.type = Text();
      if (!first && resource.type == leaf.resources.back().type) return Wrong("resource type");
    }
    if ((flags & kPackedId) != 0) {
      const std::string_view packed = in_.Bytes(16);
      if (!in_.ok()) return Wrong("resource");
      resource.id = UnpackUuid(packed);
    } else {
      resource.id = Text();
      if (PackUuid(resource.id)) return Wrong("resource id");
    }
    resource.version = Varint(UINT64_MAX);
    leaf.resources.push_back(std::move(resource));
  }

  base::ByteReader in_;
  std::string wrong_;
};

}  // namespace

std::string EncodeLeaf(const Leaf& leaf) {
  std::string out;
  out.reserve(256 + leaf.elders.size() * sizeof(uint64_t) + leaf.resources.size() * 20);
  out += kLeafVersion;
  out += static_cast<char>(leaf.action);
  base::PutVarint(out, static_cast<uint64_t>(std::clamp(leaf.status, 0, kStatusMax)));
  for (const std::string* text : {&leaf.caller.client, &leaf.caller.organization, &leaf.caller.department, &leaf.caller.role,
                                  &leaf.caller.person, &leaf.caller.purpose, &leaf.peer, &leaf.request_id, &leaf.interaction,
                                  &leaf.rule, &leaf.agreement, &leaf.message_id, &leaf.recipient}) {
    PutText(out, *text);
  }
  if (leaf.query_hash.empty()) {
    out += kHashNone;
  } else if (auto packed = FromHex(leaf.query_hash); packed && packed->size() == sizeof(base::Digest32)) {
    out.append(1, kHashPacked).append(*packed);
  } else {
    out += kHashText;
    PutText(out, leaf.query_hash);
  }
  base::PutVarint(out, leaf.elders.size());
  for (uint64_t elder : leaf.elders) base::PutLittle(out, elder);

  const size_t written = std::min(leaf.resources.size(), kLeafResourcesMax);
  base::PutVarint(out, std::min<uint64_t>(UINT32_MAX, uint64_t{leaf.resources_more} + (leaf.resources.size() - written)));
  base::PutVarint(out, written);
  std::string_view type_before;
  for (size_t i = 0; i < written; ++i) {
    const LeafResource& resource = leaf.resources[i];
    const std::string_view type = std::string_view(resource.type).substr(0, kLeafTextBytesMax);
    const bool same = i > 0 && type == type_before;
    const std::optional<std::string> packed = PackUuid(resource.id);
    const size_t action = kActions.find(static_cast<char>(resource.action));
    out += static_cast<char>(action | (same ? kSameType : 0) | (packed ? kPackedId : 0));
    if (!same) base::PutBlob(out, type);
    if (packed) {
      out += *packed;
    } else {
      PutText(out, resource.id);
    }
    base::PutVarint(out, resource.version);
    type_before = type;
  }
  return out;
}

base::Result<Leaf> DecodeLeaf(std::string_view bytes) { return LeafReader(bytes).Read(); }

}  // namespace heyi::audit
