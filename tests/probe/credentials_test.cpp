#include "probe/credentials.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "proto/encoding.hpp"

using namespace audit;
using namespace audit::probe;

namespace {

std::string base64(const std::string& bytes) {
  std::string text(proto::base64_size(bytes.size()), '\0');
  proto::write_base64(bytes, text.data());
  return text;
}

}  // namespace

TEST_CASE("a secret is known wherever it stands in Base64, and in hexadecimal of either case") {
  const std::vector<std::string> forms = forms_of("swordfish");
  const auto any_in = [&](const std::string& text) {
    return std::any_of(forms.begin(), forms.end(),
                       [&](const std::string& form) { return !form.empty() && text.find(form) != std::string::npos; });
  };
  for (const std::string before : {"", "a", "ab", "abc", "user:"})
    for (const std::string after : {"", "x", "xy"}) CHECK(any_in(base64(before + "swordfish" + after)));
  const std::string odd = "\xff\xfe>?\xff\xfe>?";
  const std::vector<std::string> of_odd = forms_of(odd);
  CHECK(std::find(of_odd.begin(), of_odd.end(), "__4-P__-Pj8=") != of_odd.end());
  CHECK(any_in("73776f726466697368"));
  CHECK(any_in("73776F726466697368"));
  CHECK_FALSE(any_in(base64("nothing of the kind")));
}

TEST_CASE("secrets of one shape have forms of equal sizes") {
  for (const std::string secret : {"swordfish", "user:swordfish", "a:b:c", "x", ""}) {
    const std::vector<std::string> forms = forms_of(secret);
    const std::vector<std::string> blank = forms_of(shape_of(secret));
    REQUIRE(forms.size() == blank.size());
    for (std::size_t i = 0; i < forms.size(); ++i) CHECK(forms[i].size() == blank[i].size());
  }
  CHECK(shape_of("user:pass") == "****:****");
}

TEST_CASE("the password of a user:password is a secret by itself") {
  const std::vector<std::string> forms = forms_of("user:swordfish");
  CHECK(std::find(forms.begin(), forms.end(), "swordfish") != forms.end());
  Credentials credentials;
  credentials.add("door", std::string("user:swordfish"), {});
  credentials.add("lost", Error(Reason::missing_credential, "is not set"), {});
  CHECK(credentials.secrets().size() == 1);
  for (const std::string& form : credentials.forms()) CHECK_FALSE(form.empty());
}

TEST_CASE("a secret is known with the escapes of JSON, URLs and HTML, and as this program shows bytes") {
  Credentials credentials;
  credentials.add("odd", std::string("a\"b<c>\n\xff\\"), {});
  const std::vector<std::string> forms = credentials.written_forms();
  for (const char* form :
       {"a\\\"b<c>\\n\xff\\\\", "a%22b%3Cc%3E%0A%FF%5C", "a&quot;b&lt;c&gt;\n\xff\\", "a\"b<c>\\n\\xff\\\\"}) {
    INFO(form);
    CHECK(std::find(forms.begin(), forms.end(), form) != forms.end());
  }
}
