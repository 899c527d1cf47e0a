#include <catch2/catch.hpp>

#include <stdexcept>

#include "base/uuid.hpp"

using namespace audit;

TEST_CASE("a name-based UUID is the one of RFC 9562, appendix A.4") {
  constexpr std::string_view dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  CHECK(uuid_of(dns, "www.example.com") == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(uuid_of(dns, "www.example.com") != uuid_of(dns, "www.example.net"));
}

TEST_CASE("a name space that is no UUID is a mistake of the caller") {
  CHECK_THROWS_AS(uuid_of("6ba7b810", "x"), std::invalid_argument);
  CHECK_THROWS_AS(uuid_of("", "x"), std::invalid_argument);
}
