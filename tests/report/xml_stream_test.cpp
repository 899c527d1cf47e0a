#include <catch2/catch.hpp>

#include <sstream>

#include "report/xml_stream.hpp"

using audit::report::XmlStream;

TEST_CASE("an XML document is indented where that adds nothing to its text") {
  std::ostringstream out;
  XmlStream xml(out);
  xml.open("a");
  xml.attribute("n", std::uint64_t{7});
  xml.open("empty");
  xml.close();
  xml.leaf("b", "x");
  xml.leaf("c", "");
  xml.finish();
  CHECK(out.str() == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a n=\"7\">\n <empty/>\n <b>x</b>\n <c/>\n</a>\n");
}

TEST_CASE("text is no markup in an element and in an attribute") {
  CHECK(audit::report::xml_escape("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;'");
  CHECK(audit::report::xml_escape("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd\xef") == "\\u{FFFE}\\u{FFFF}\xef\xbf\xbd\xef");
}
