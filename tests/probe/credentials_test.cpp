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
