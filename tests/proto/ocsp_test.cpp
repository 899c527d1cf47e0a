#include "proto/ocsp.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <openssl/err.h>

#include "../source_dir.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

/// The seeds of the fuzz target: made by `openssl ocsp`.
std::string der(std::string_view name) {
  std::ifstream file(fmt::format("{}/tests/fuzz/corpus/ocsp/{}", test::source_dir(), name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("an OCSP response says good or revoked, of which certificate, and until when") {
  const Result<OcspResponse> good = parse_ocsp_response(der("good"));
  REQUIRE(good);
  CHECK(good->response == "successful");
  CHECK(good->status == "good");
  CHECK(good->serial == "0abc");
  CHECK(good->certificates == 1);
  CHECK(good->this_update.size() == 20);
  CHECK(*good->next_update_time - *good->this_update_time == 7 * 86'400);
  CHECK(good->revoked_at.empty());
  const Result<OcspResponse> revoked = parse_ocsp_response(der("revoked"));
  REQUIRE(revoked);
  CHECK(revoked->status == "revoked");
  CHECK(revoked->revoked_at == "2026-01-02T03:04:05Z");
}

TEST_CASE("a response that is no answer says which, and has no status") {
  const Result<OcspResponse> later = parse_ocsp_response(der("try_later"));
  REQUIRE(later);
  CHECK(later->response == "tryLater");
  CHECK(later->status.empty());
}

TEST_CASE("what is no OCSP response, a part of one, or too long is an error") {
  const std::string bytes = der("good");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Result<OcspResponse> cut = parse_ocsp_response(std::string_view(bytes).substr(0, length));
    REQUIRE_FALSE(cut);
    REQUIRE(cut.error().reason == Reason::protocol_error);
  }
  CHECK(parse_ocsp_response(std::string(65'537, 'x')).error().reason == Reason::truncated);
  CHECK(ERR_peek_error() == 0);
}
