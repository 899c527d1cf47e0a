#include <catch2/catch.hpp>

#include "base/utf8.hpp"
#include "proto/http.hpp"

using audit::proto::html_title;

TEST_CASE("the first title is found, with its blanks folded") {
  CHECK(html_title("<html><head><title>Router\n  login </title><title>b</title>") == "Router login");
  CHECK(html_title("<TITLE lang=en>\tA</TiTlE >") == "A");
  CHECK(html_title("<title>open to the end") == "open to the end");
  CHECK(html_title("<title></title>") == "");
  CHECK(html_title("<titles>a</titles>") == "");
  CHECK(html_title("no markup") == "");
  CHECK(html_title("") == "");
  CHECK(html_title("<title") == "");
  CHECK(html_title("<!-- <title>old</title> --><title>new</title>") == "new");
  CHECK(html_title("<!-- <title>old</title>") == "");
}

TEST_CASE("entities are decoded, and what is none stays") {
  CHECK(html_title("<title>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;</title>") == "a & b <c> \"d\" 'e'");
  CHECK(html_title("<title>&#65;&#x42;&#X43; &#8211; &#x1F512;</title>") == "ABC \xe2\x80\x93 \xf0\x9f\x94\x92");
  CHECK(html_title("<title>&amp &nosuch; &#; &#x; &#12a; & &#</title>") == "&amp &nosuch; &#; &#x; &#12a; & &#");
  CHECK(html_title("<title>&amp;lt;script&amp;gt;</title>") == "&lt;script&gt;");
}

TEST_CASE("a reference to what is no printable character becomes U+FFFD") {
  for (const char* reference : {"&#0;", "&#27;", "&#x80;", "&#xd800;", "&#x110000;", "&#99999999999;", "&#x202e;"})
    CHECK(html_title(std::string("<title>") + reference + "</title>") == "\xef\xbf\xbd");
}

TEST_CASE("a title has at most 200 bytes and ends with a whole character") {
  CHECK(html_title("<title>" + std::string(5000, 'x')).size() == 200);
  std::string text;
  while (text.size() < 400) text += "\xe2\x82\xac";
  const std::string title = html_title("<title>" + text);
  CHECK(title.size() == 198);
  CHECK(html_title("<title>a" + text).size() == 199);
  CHECK(html_title("<title>" + std::string(400, '\x80')).size() <= 200);
}

TEST_CASE("pages made to be slow are not") {
  std::string page;
  while (page.size() < 1u << 20) page += "<title <!-- ";
  CHECK(html_title(page) == "");
  page.clear();
  while (page.size() < 1u << 20) page += "<!-->";
  CHECK(html_title(page) == "");
  CHECK(html_title("<title>" + std::string(1u << 20, ' ')) == "");
}
