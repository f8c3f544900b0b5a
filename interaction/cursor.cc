#include "interaction/cursor.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace heyi::interaction {
namespace {

constexpr size_t kTagBytes = 16;

std::string Tag(const Services& services, const base::Caller& caller, std::string_view search, std::string_view payload) {
  std::string signed_text;
  base::PutBlob(signed_text, caller.client);
  base::PutBlob(signed_text, search);
  signed_text.append(payload);
  const base::Digest32 mac = base::HmacSha256(services.cursor_key, signed_text);
  return std::string(reinterpret_cast<const char*>(mac.data()), kTagBytes);
}

}  // namespace

std::string MakeCursor(const Services& services, const base::Caller& caller, std::string_view search, const store::PagePosition& position) {
  std::string payload;
  base::PutVarint(payload, position.t);
  payload.append(position.after);
  return base::ToBase64Url(Tag(services, caller, search, payload) + payload);
}

base::Result<store::PagePosition> ReadCursor(const Services& services, const base::Caller& caller, std::string_view search,
                                             std::string_view cursor) {
  std::string bytes;
  if (base::FromBase64Url(cursor, &bytes) && bytes.size() > kTagBytes) {
    const std::string_view payload = std::string_view(bytes).substr(kTagBytes);
    if (base::EqualInConstantTime(std::string_view(bytes).substr(0, kTagBytes), Tag(services, caller, search, payload))) {
      base::ByteReader reader(payload);
      store::PagePosition position;
      position.t = reader.Varint();
      position.after = reader.rest();
      if (reader.ok()) return position;
    }
  }
  return base::Error(base::ErrorKind::kMalformed, "interaction.cursor");
}

}  // namespace heyi::interaction
