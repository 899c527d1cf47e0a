#include "report/html_script.hpp"

#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "hostile_record.hpp"
#include "parsed_page.hpp"
#include "random_record.hpp"
#include "sample_record.hpp"

using namespace audit;
using namespace audit::report;

namespace {

/// RFC 4648, section 4.
std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += at + i <= bytes.size() ? digits[(group >> (18 - 6 * i)) & 63U] : '=';
  }
  return text;
}

}  // namespace

TEST_CASE("the policy lets the page's own script run, by its hash, and no other") {
  std::string digest;
  REQUIRE(from_hex(sha256_hex(script().text), digest));
  CHECK(std::string(script_source().text) == "'sha256-" + base64(digest) + "'");
  const ParsedPage page(sample_record());
  const std::string policy = page.document.select_node("//meta[@http-equiv]/@content").attribute().value();
  CHECK(policy == "default-src 'none'; style-src 'unsafe-inline'; script-src " + std::string(script_source().text) +
                      "; base-uri 'none'; form-action 'none'");
}

TEST_CASE("whatever a record says, the script is the same and the only one") {
  const auto check = [](const RunRecord& record) {
    const ParsedPage page(record);
    CHECK(page.count("//script") == 1);
    CHECK(page.text("//script") == script().text);
    CHECK(page.count("//*[@*[starts-with(name(), 'on')]]") == 0);
  };
  for (const std::string& bytes : {hostile_bytes(), std::string("</script><script>alert(1)</script>")})
    check(hostile_record(bytes));
  for (std::uint32_t seed = 0; seed < 30; ++seed) check(random_record(seed));
}

TEST_CASE("the script makes no markup of what it reads") {
  const std::string source(script().text);
  for (const std::string_view way : {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval", "Function(",
                                     "fetch", "XMLHttp", "location", "import", "<", "&"}) {
    INFO(way);
    CHECK_FALSE(has(source, way));
  }
}

TEST_CASE("the page is whole without its script: nothing is hidden, and nothing waits for it") {
  const ParsedPage page(sample_record());
  CHECK(page.count("//button | //input | //*[@hidden]") == 0);
}
