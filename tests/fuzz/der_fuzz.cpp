#include <array>
#include <string>

#include "fuzz.hpp"
#include "proto/der.hpp"

using namespace audit::proto;

namespace {

/// Walks to the end; in DER each header is the one that would be written.
void walk_through(std::string_view bytes, Coding coding) {
  DerWalk walk(bytes, 0, coding);
  for (auto event = walk.next(); event != DerWalk::Event::done && event != DerWalk::Event::mistake;
       event = walk.next()) {
    if (event != DerWalk::Event::element) continue;
    const DerElement& element = walk.element();
    require(element.begin < element.content && element.content <= element.end && element.end <= bytes.size());
    if (coding == Coding::der) {
      std::array<char, longest_der_header> header{};
      const std::size_t size =
          write_der_header(element.tag_class, element.constructed, element.tag, walk.content().size(), header);
      require(bytes.substr(element.begin, element.content - element.begin) == std::string_view(header.data(), size));
    }
    if (const auto number = read_integer(walk.content())) {
      std::array<char, 8> out{};
      require(read_integer({out.data(), write_integer(*number, out)}) == number);
    }
  }
  require(walk.offset() <= bytes.size());
}

}  // namespace

AUDIT_FUZZ_TARGET(bytes) {
  walk_through(bytes, Coding::der);
  walk_through(bytes, Coding::ber);
  std::string text(oid_text_size(bytes.size()), '\0');
  for (const bool relative : {false, true}) {
    std::string out(bytes.size(), '\0');
    if (const std::size_t size = write_oid_text(bytes, relative, text.data()); size != 0) {
      std::string again(size, '\0');
      require(read_oid_text({text.data(), size}, relative, again.data()) == bytes.size());
      require(again.substr(0, bytes.size()) == bytes);
    }
    require(read_oid_text(bytes, relative, out.data()) <= bytes.size());
  }
}
