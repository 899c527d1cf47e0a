#include "proto/der.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "hexed.hpp"

using namespace audit::proto;
using audit::test::hexed;
using namespace std::string_literals;

namespace {

/// What a walk meets, as text: "SEQUENCE{ INTEGER:05 [0]:01 }", or "… what @offset".
std::string walk(std::string_view bytes, Coding coding = Coding::der) {
  DerWalk walk(bytes, 0, coding);
  std::string text;
  while (true) {
    switch (walk.next()) {
      case DerWalk::Event::leave: text += "} "; break;
      case DerWalk::Event::mistake: return text + walk.mistake() + " @" + std::to_string(walk.offset());
      case DerWalk::Event::done:
        if (walk.offset() != bytes.size()) text += "and " + std::to_string(bytes.size() - walk.offset()) + " more ";
        if (!text.empty()) text.pop_back();
        return text;
      case DerWalk::Event::element: {
        const DerElement& element = walk.element();
        const std::string tag = std::to_string(element.tag);
        switch (element.tag_class) {
          case TagClass::universal: text += name_of_type(element.tag); break;
          case TagClass::application: text += "[APPLICATION " + tag + "]"; break;
          case TagClass::context: text += "[" + tag + "]"; break;
          case TagClass::private_use: text += "[PRIVATE " + tag + "]"; break;
        }
        text += element.constructed ? "{ " : ":" + audit::to_hex(walk.content()) + " ";
      }
    }
  }
}
std::string der(std::string_view digits) { return walk(hexed(digits)); }
std::string ber(std::string_view digits) { return walk(hexed(digits), Coding::ber); }

std::string oid(std::string_view content, bool relative = false) {
  std::vector<char> out(oid_text_size(content.size()));
  const std::size_t size = write_oid_text(content, relative, out.data());
  REQUIRE(size <= out.size());
  return {out.data(), size};
}
std::string of_oid(std::string_view text, bool relative = false) {
  std::vector<char> out(text.size());
  const std::size_t size = read_oid_text(text, relative, out.data());
  REQUIRE(size <= out.size());
  return audit::to_hex({out.data(), size});
}

std::string integer(std::int64_t number) {
  std::array<char, 8> out{};
  return audit::to_hex({out.data(), write_integer(number, out)});
}

}  // namespace

TEST_CASE("elements are walked in order, with what they hold") {
  CHECK(der("02 01 05") == "INTEGER:05");
  CHECK(der("30 00") == "SEQUENCE{ }");
  CHECK(der("30 0b 020105 0401ff 3003 0101ff") == "SEQUENCE{ INTEGER:05 OCTET STRING:ff SEQUENCE{ BOOLEAN:ff } }");
  CHECK(der("a0 03 020105") == "[0]{ INTEGER:05 }");
  CHECK(der("81 01 05") == "[1]:05");
  CHECK(der("43 02 1234") == "[APPLICATION 3]:1234");
  CHECK(der("c3 00") == "[PRIVATE 3]:");
  CHECK(der("9f 81 00 00") == "[128]:");
  CHECK(der("05 00 05 00") == "NULL: and 2 more");
}

TEST_CASE("an SNMP request is read as it is (RFC 1157, RFC 3416)") {
  CHECK(
      ber("302902010104067075626c6963a01c0204000000010201000201003082000c300a06062b0601020105 0500") ==
      "SEQUENCE{ INTEGER:01 OCTET STRING:7075626c6963 [0]{ INTEGER:00000001 INTEGER:00 INTEGER:00 SEQUENCE{ SEQUENCE{ "
      "OBJECT IDENTIFIER:2b0601020105 NULL: } } } }");
}

TEST_CASE("what DER forbids and BER allows is told apart") {
  const std::pair<const char*, const char*> lax[] = {
      {"02 81 01 05", "a length longer than need be @1"},
      {"02 82 00 01 05", "a length longer than need be @1"},
      {"02 02 00 05", "an INTEGER longer than need be @0"},
      {"02 02 ff 85", "an INTEGER longer than need be @0"},
      {"01 01 01", "a BOOLEAN that is neither 00 nor ff @0"},
      {"03 02 01 01", "a BIT STRING whose unused bits are set @0"},
  };
  for (const auto& [bytes, mistake] : lax) {
    CHECK(der(bytes) == mistake);
    CHECK(ber(bytes).find('@') == std::string::npos);
  }
}

TEST_CASE("a length with leading zeros is longer than need be, however long it is") {
  const std::string contents(129, 'x');
  CHECK(walk(hexed("04 82 00 81") + contents) == "a length longer than need be @1");
  CHECK(walk(hexed("04 82 00 81") + contents, Coding::ber).find('@') == std::string::npos);
  CHECK(walk(hexed("04 81 81") + contents).find('@') == std::string::npos);
}

TEST_CASE("what is malformed is said, with its offset") {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "there is no element @0"},
      {"02", "it is cut before its length @1"},
      {"02 82 01", "it is cut in mid-length @3"},
      {"02 05 01", "its length goes beyond the end of what holds it @0"},
      {"30 03 02 02 05", "SEQUENCE{ its length goes beyond the end of what holds it @2"},
      {"30 03 02 02 05 ff", "SEQUENCE{ its length goes beyond the end of what holds it @2"},
      {"30 80 0000", "an indefinite length @1"},
      {"02 85 0100000000 00", "a length of more than 32 bits @1"},
      {"02 ff", "it is cut in mid-length @2"},
      {"9f", "it is cut in mid-tag @1"},
      {"9f 80 01 00", "a tag with leading zeros @1"},
      {"9f 1e 00", "a tag in the long form that has a short one @1"},
      {"9f ff ff ff ff 7f 00", "a tag above 2^28-1 @1"},
      {"00 00", "an end-of-contents mark, and no indefinite length to end @0"},
      {"20 00", "an end-of-contents mark, and no indefinite length to end @0"},
      {"22 03 020105", "a constructed element of a primitive type @0"},
      {"24 03 040105", "a constructed element of a primitive type @0"},
      {"10 00", "a primitive element of a constructed type @0"},
      {"01 00", "a BOOLEAN that is not one byte @0"},
      {"02 00", "an INTEGER without a byte @0"},
      {"03 00", "a BIT STRING without its count of unused bits @0"},
      {"03 01 01", "a BIT STRING with more unused bits than it has @0"},
      {"03 02 08 00", "a BIT STRING with more unused bits than it has @0"},
      {"05 01 00", "a NULL with contents @0"},
      {"06 00", "an empty OBJECT IDENTIFIER @0"},
      {"06 01 80", "an arc of an OBJECT IDENTIFIER with leading zeros @0"},
      {"06 02 2b 86", "an OBJECT IDENTIFIER that is cut in mid-arc @0"},
  };
  for (const auto& [bytes, mistake] : wrong) {
    CHECK(der(bytes) == mistake);
    CHECK(ber(bytes) == mistake);
  }
}

TEST_CASE("nesting is read to 64 and no deeper, elements to 16384 and no more") {
  std::string bytes;
  for (std::size_t i = 0; i < deepest_der; ++i) {
    std::array<char, longest_der_header> header{};
    const std::size_t size = write_der_header(TagClass::universal, true, tag::sequence, bytes.size(), header);
    bytes.insert(0, header.data(), size);
  }
  CHECK(walk(bytes).find('@') == std::string::npos);
  std::array<char, longest_der_header> header{};
  const std::size_t size = write_der_header(TagClass::context, true, 0, bytes.size(), header);
  bytes.insert(0, header.data(), size);
  CHECK(walk(bytes).find("nested deeper than 64 @") != std::string::npos);

  std::string many;
  for (std::size_t i = 1; i < most_der_elements; ++i) many += "\x05\0"s;
  const std::size_t long_size = write_der_header(TagClass::universal, true, tag::set, many.size(), header);
  CHECK(walk(std::string(header.data(), long_size) + many).find('@') == std::string::npos);
  many += "\x05\0"s;
  const std::size_t longer_size = write_der_header(TagClass::universal, true, tag::set, many.size(), header);
  CHECK(walk(std::string(header.data(), longer_size) + many).find("more than 16384 elements @") != std::string::npos);
}

TEST_CASE("headers are written as they are read") {
  for (const std::uint32_t number : {0U, 30U, 31U, 127U, 128U, 16'383U, 16'384U, largest_tag}) {
    for (const std::size_t length : {0U, 127U, 128U, 255U, 256U, 65'536U}) {
      std::array<char, longest_der_header> out{};
      const std::size_t size = write_der_header(TagClass::context, false, number, length, out);
      const std::string bytes = std::string(out.data(), size) + std::string(length, 'x');
      DerWalk walk(bytes, 0, Coding::der);
      REQUIRE(walk.next() == DerWalk::Event::element);
      CHECK(walk.element().tag == number);
      CHECK(walk.content().size() == length);
      CHECK(walk.next() == DerWalk::Event::done);
    }
  }
}

TEST_CASE("integers are of the shortest form, both ways") {
  CHECK(integer(0) == "00");
  CHECK(integer(127) == "7f");
  CHECK(integer(128) == "0080");
  CHECK(integer(-128) == "80");
  CHECK(integer(-129) == "ff7f");
  CHECK(integer(std::numeric_limits<std::int64_t>::max()) == "7fffffffffffffff");
  CHECK(integer(std::numeric_limits<std::int64_t>::min()) == "8000000000000000");
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{255}, std::int64_t{-32'769},
                                    std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    CHECK(read_integer(hexed(integer(number))) == number);
  CHECK(read_integer(hexed("00000000000000000005")) == 5);
  CHECK_FALSE(read_integer(hexed("008000000000000000")));
  CHECK_FALSE(read_integer(""));
}

TEST_CASE("object identifiers are dotted text, both ways (X.690 section 8.19)") {
  const std::pair<const char*, const char*> pairs[] = {{"1.2.840.113549", "2a864886f70d"},
                                                       {"2.999.3", "883703"},
                                                       {"2.5.4.3", "550403"},
                                                       {"0.0", "00"},
                                                       {"0.39", "27"},
                                                       {"1.39", "4f"},
                                                       {"2.0", "50"},
                                                       {"2.18446744073709551535", "81ffffffffffffffff7f"},
                                                       {"1.3.18446744073709551615", "2b81ffffffffffffffff7f"}};
  for (const auto& [text, bytes] : pairs) {
    CHECK(of_oid(text) == bytes);
    CHECK(oid(hexed(bytes)) == text);
  }
  CHECK(oid(hexed("c27b03"), true) == "8571.3");
  CHECK(of_oid("8571.3", true) == "c27b03");
  for (const char* wrong : {"", "1", "1.", ".1", "1..2", "3.1", "1.40", "0.40", "1.2.a", "1.2.-3", "1.2.03", "1.2 ",
                            "1,2", "2.18446744073709551536", "1.3.18446744073709551616", "1.2.3."})
    CHECK(of_oid(wrong).empty());
  CHECK(oid(hexed("69 82 80808080 80808080 80808080 80808080 80 00")).empty());  // a UUID's arc is above 64 bits
  CHECK(oid("").empty());
}

TEST_CASE("the names of types are X.680's, and lead back") {
  for (std::uint32_t number = 0; number <= 40; ++number) {
    const std::string_view name = name_of_type(number);
    CHECK(find_type(name) == (name.empty() ? std::nullopt : std::optional(number)));
  }
  CHECK(find_type("OBJECT IDENTIFIER") == tag::oid);
  CHECK_FALSE(find_type("octet string"));
}

TEST_CASE("random and damaged bytes are walked to an end, within themselves") {
  std::mt19937 random(1);
  const std::string sound =
      hexed("302902010104067075626c6963a01c02040000000102010002010030 0e 300c06082b060102010101000500");
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = sound;
    if (round % 2 == 0) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    } else {
      bytes.assign(random() % 40, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
    }
    DerWalk walk(bytes, 0, round % 3 == 0 ? Coding::ber : Coding::der);
    std::size_t events = 0;
    for (auto event = walk.next(); event != DerWalk::Event::done && event != DerWalk::Event::mistake;
         event = walk.next()) {
      REQUIRE(++events <= bytes.size() * 2);
      REQUIRE(walk.element().end <= bytes.size());
    }
    REQUIRE(walk.offset() <= bytes.size());
  }
}
