#include "report/page.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <type_traits>

using namespace audit::report;

// Only what the compiler knows is markup.
static_assert(!std::is_convertible_v<std::string, Markup>);
static_assert(!std::is_convertible_v<std::string_view, Markup>);
static_assert(!std::is_convertible_v<const char*, Markup>);

TEST_CASE("text never becomes markup") {
  std::ostringstream out;
  Page page(out);
  page << "<b>" << text("</b><script>'\"&") << "</b>";
  CHECK(out.str() == "<b>&lt;/b&gt;&lt;script&gt;&#39;&quot;&amp;</b>");
}

TEST_CASE("anchors are the same in every report, and no two of a page are") {
  std::ostringstream out;
  Page page(out);
  Page other(out);
  const std::string id = page.anchor("exposure.telnet-open", "10.0.0.1", "tcp/10.0.0.1:23", "");
  CHECK(id == other.anchor("exposure.telnet-open", "10.0.0.1", "tcp/10.0.0.1:23", ""));
  CHECK(id.starts_with("f-exposure.telnet-open-10.0.0.1-tcp-10.0.0.1-23-"));
  CHECK(page.anchor("exposure.telnet-open", "10.0.0.1", "tcp/10.0.0.1:23", "") == id + "-2");
  CHECK(page.anchor("a", "<b>", "", "") != page.anchor("a", "(b)", "", ""));
  CHECK(page.anchor("a", "b", "", "c") != page.anchor("a", "b", "c", ""));
}

TEST_CASE("an anchor has nothing of what a peer may have called itself but letters and digits") {
  std::ostringstream out;
  const std::string id = Page(out).anchor("r", "\"><script>\x1b\xff \xe2\x80\xae", "x y", std::string(100'000, 'k'));
  CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == std::string::npos);
  CHECK(id.size() < 250);
}
