#pragma once

#include <string>
#include <string_view>

namespace audit::test {

/// Feeds `bytes` to fresh readers: whole, cut once at every place, and byte by byte. `make` gives a reader, `say` its
/// outcome as text. "" where all outcomes are equal to that of the whole; else the first that differs.
template <class Make, class Say>
std::string differing_split(std::string_view bytes, Make make, Say say) {
  auto whole = make();
  whole.feed(bytes);
  const std::string expected = say(whole);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    auto reader = make();
    reader.feed(bytes.substr(0, cut));
    reader.feed(bytes.substr(cut));
    if (say(reader) != expected) return "cut at " + std::to_string(cut) + ": " + say(reader) + " is not " + expected;
  }
  auto reader = make();
  for (std::size_t at = 0; at < bytes.size(); ++at) reader.feed(bytes.substr(at, 1));
  if (say(reader) != expected) return "byte by byte: " + say(reader) + " is not " + expected;
  return "";
}

}  // namespace audit::test
