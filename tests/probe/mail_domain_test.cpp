#include "probe/mail_domain.hpp"

#include <catch2/catch.hpp>

using audit::probe::mail_domain;

TEST_CASE("a contact's mail domain is found in what is written around it") {
  CHECK(mail_domain("netsec@example.net") == "example.net");
  CHECK(mail_domain("Net Sec <netsec@mail-1.example.net>, +49 30 1") == "mail-1.example.net");
  CHECK(mail_domain("netsec@example.net.") == "example.net");
  CHECK(mail_domain("a@one.example, b@two.example") == "one.example");
  CHECK(mail_domain("Ops @ HQ <ops@example.net>") == "example.net");
}

TEST_CASE("what is no domain with a dot is none, and nothing that ends a line gets through") {
  for (const std::string& contact :
       {std::string(), std::string("https://example.net/scans"), std::string("netsec@localhost"), std::string("x@"),
        std::string("x@-a.example"), std::string("x@.example"), std::string("x@a..example"),
        std::string("x@\r\nQUIT.example"), "x@" + std::string(300, 'a') + ".example"}) {
    CAPTURE(contact);
    CHECK(mail_domain(contact).empty());
  }
  CHECK(mail_domain("x@a.example\r\nQUIT") == "a.example");
}
