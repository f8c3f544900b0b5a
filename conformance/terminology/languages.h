// The languages somebody wants to read, as in Accept-Language, and how well a text's language fits them.
// https://www.rfc-editor.org/rfc/rfc9110#field.accept-language
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heyi::conformance {

class Languages {
 public:
  Languages() = default;
  // "zh-CN, zh;q=0.9, *;q=0"; what cannot be read of it is passed over, and so is what is beyond kLanguagesMax.
  static Languages Parse(std::string_view text);

  bool any() const { return tags_.empty(); }        // nothing was asked for
  bool others_too() const { return others_; }       // if there is none of them, any other will do
  const std::string& text() const { return text_; } // as it was asked for
  std::string Summary() const;                      // "de, it", or "--"

  // 0: not one of them; else the higher, the better.
  int Fit(std::string_view tag) const;

 private:
  std::string text_;
  std::vector<std::string> tags_;  // the most wanted first
  bool others_ = true;
};

}  // namespace heyi::conformance
